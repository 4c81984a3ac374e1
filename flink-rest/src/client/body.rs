//! Answers, bounded each and all together.

use std::sync::Arc;

use reqwest::Response;
use serde::Deserialize;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::failure::Failure;
use crate::error::{RestError, RestProblem};

/// The largest answer that is read where nothing else is set: what Flink's own clients read. A job of a thousand
/// vertices answers with about 2 MB.
pub(super) const MAX_ANSWER_BYTES: usize = 100 << 20;
/// An answer above this takes room, those of most jobs don't: there are no more of those than requests at a time.
const SMALL_KIB: usize = 64;
/// An answer above this takes room among huge ones for all that it has.
const USUAL_KIB: usize = 16 << 10;
/// Room for usual answers, and for huge ones, of one client.
const OWN_KIB: Room = Room { usual: 64 << 10, huge: 100 << 10 };
/// The same, of several clients together.
const OF_ALL_KIB: Room = Room { usual: 2 * OWN_KIB.usual, huge: 2 * OWN_KIB.huge };

/// Room by the kind of answers, KiB.
#[derive(Clone, Copy, Debug)]
struct Room {
    usual: usize,
    huge: usize,
}

/// Room for answers, shared by all requests of a client: with hundreds of requests under way, a bound on each is none on
/// memory.
#[derive(Clone, Debug)]
pub(super) struct Bodies {
    own: AnswerRoom,
    of_all: Option<AnswerRoom>,
}

/// A budget of bytes for the answers of several clients that are held at once: 128 MiB for those of up to 16 MiB, 200 MiB for larger ones.
/// Whoever would exceed it waits. That is twice what one client may hold, so that a cluster whose answers are large and slow leaves
/// room for others'.
#[derive(Clone, Debug)]
pub struct AnswerRoom {
    usual: Budget,
    huge: Budget,
}

/// Room of a size in KiB.
#[derive(Clone, Debug)]
struct Budget {
    free: Arc<Semaphore>,
    size: usize,
}

impl Budget {
    fn new(size: usize) -> Self {
        Self { free: Arc::new(Semaphore::new(size)), size }
    }

    /// Waits for so much room; all there is must do for more.
    async fn take(&self, kib: usize) -> Option<OwnedSemaphorePermit> {
        let permits = u32::try_from(kib.min(self.size)).unwrap_or(u32::MAX);
        // Never closed.
        Arc::clone(&self.free).acquire_many_owned(permits).await.ok()
    }
}

impl AnswerRoom {
    fn new(size: Room) -> Self {
        Self { usual: Budget::new(size.usual), huge: Budget::new(size.huge) }
    }
}

impl Default for AnswerRoom {
    fn default() -> Self {
        Self::new(OF_ALL_KIB)
    }
}

impl Default for Bodies {
    fn default() -> Self {
        Self { own: AnswerRoom::new(OWN_KIB), of_all: None }
    }
}

/// An answer as it came.
#[derive(Debug)]
pub(crate) struct Body {
    answer: Answer,
    endpoint: String,
}

/// The bytes of an answer.
#[derive(Debug)]
pub(super) struct Answer {
    bytes: Vec<u8>,
    _room: Taken,
}

impl Answer {
    /// What came.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// As the answer of `endpoint`.
    pub(super) fn of(self, endpoint: String) -> Body {
        Body { answer: self, endpoint }
    }
}

/// The room that a body takes.
#[derive(Debug, Default)]
struct Taken {
    usual: Vec<OwnedSemaphorePermit>,
    huge: Vec<OwnedSemaphorePermit>,
}

impl Bodies {
    /// The same, within what several share.
    pub(super) fn within(&self, room: &AnswerRoom) -> Self {
        Self { own: self.own.clone(), of_all: Some(room.clone()) }
    }

    /// Waits until there is room for so many bytes of an answer that may have `most`. Room is taken once of each kind, among usual
    /// answers before huge ones and a client's own before everybody's: who has more waits behind who has less, and never the
    /// other way round, so that nobody waits for ever.
    async fn make_room(&self, taken: &mut Taken, bytes: usize, most: usize) {
        let rooms = || std::iter::once(&self.own).chain(&self.of_all);
        let (kib, most) = (bytes.div_ceil(1024), most.div_ceil(1024));
        if kib > SMALL_KIB && taken.usual.is_empty() {
            for room in rooms() {
                taken.usual.extend(room.usual.take(most.min(USUAL_KIB)).await);
            }
        }
        if kib > USUAL_KIB && taken.huge.is_empty() {
            for room in rooms() {
                taken.huge.extend(room.huge.take(most).await);
            }
        }
    }

    /// Reads a body.
    pub(super) async fn read(&self, mut response: Response, max: usize) -> Result<Answer, Failure> {
        let announced = response.content_length().map(|length| usize::try_from(length).unwrap_or(usize::MAX));
        if announced.is_some_and(|announced| announced > max) {
            return Err(RestProblem::TooLarge(max).into());
        }
        // Of one that does not say how long it is, the longest is reckoned with.
        let most = announced.unwrap_or(max);
        let mut taken = Taken::default();
        self.make_room(&mut taken, announced.unwrap_or(0), most).await;
        let mut bytes = Vec::with_capacity(announced.unwrap_or(0));
        while let Some(chunk) = response.chunk().await? {
            if bytes.len() + chunk.len() > max {
                return Err(RestProblem::TooLarge(max).into());
            }
            self.make_room(&mut taken, bytes.len() + chunk.len(), most).await;
            bytes.extend_from_slice(&chunk);
        }
        Ok(Answer { bytes, _room: taken })
    }
}

impl Body {
    /// What came.
    pub(crate) fn bytes(&self) -> &[u8] {
        self.answer.bytes()
    }

    /// Method and URL it is the answer of.
    pub(crate) fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The JSON in it.
    pub(crate) fn parse<'a, T: Deserialize<'a>>(&'a self) -> Result<T, RestError> {
        serde_json::from_slice(self.bytes()).map_err(|problem| {
            let start = self.bytes().iter().find(|byte| !byte.is_ascii_whitespace());
            let problem = match start {
                None => "it is empty".to_owned(),
                Some(b'<') => "it is a web page; is this the address of Flink's REST API?".to_owned(),
                Some(_) => problem.to_string(),
            };
            RestError::new(self.endpoint.clone(), RestProblem::Unexpected(problem))
        })
    }
}

#[cfg(test)]
impl Bodies {
    /// Takes all the room there is.
    pub(super) async fn take_all(&self) -> Option<OwnedSemaphorePermit> {
        self.own.usual.take(OWN_KIB.usual).await
    }
}

#[cfg(test)]
impl AnswerRoom {
    /// Takes all the room there is, but so many KiB.
    pub(super) async fn take_all_but(&self, kib: usize) -> Option<OwnedSemaphorePermit> {
        self.usual.take(OF_ALL_KIB.usual - kib).await
    }
}

#[cfg(test)]
impl Body {
    /// An answer as if it had come.
    pub(crate) fn of_text(text: &str, endpoint: &str) -> Self {
        Answer { bytes: text.as_bytes().to_vec(), _room: Taken::default() }.of(endpoint.to_owned())
    }
}
