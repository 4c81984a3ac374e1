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
/// An answer above this is a large one; those of most jobs are not.
const LARGE_BYTES: usize = 64 << 10;
/// Large answers that a client holds at once. The others wait unread, against their own deadlines.
const LARGE_AT_ONCE: usize = 4;
/// An answer above this is a huge one, of which a client holds one at once.
const HUGE_BYTES: usize = 16 << 20;

/// Large answers that several clients hold at once.
const LARGE_OF_ALL: usize = 8;
/// Huge answers that several clients hold at once.
const HUGE_OF_ALL: usize = 2;

/// Room for large answers, shared by all requests of a client: with hundreds of requests under way, a bound on each is
/// none on memory.
#[derive(Clone, Debug)]
pub(super) struct LargeBodies {
    own: AnswerRoom,
    of_all: Option<AnswerRoom>,
}

/// Room for the large answers of several clients: of 64 KiB and more, eight are held at once, of 16 MiB and more two. That
/// is twice what one client may hold, so that a cluster whose answers are large and slow leaves room for others'.
#[derive(Clone, Debug)]
pub struct AnswerRoom {
    large: Arc<Semaphore>,
    huge: Arc<Semaphore>,
}

impl AnswerRoom {
    fn new(large: usize, huge: usize) -> Self {
        Self { large: Arc::new(Semaphore::new(large)), huge: Arc::new(Semaphore::new(huge)) }
    }
}

impl Default for AnswerRoom {
    fn default() -> Self {
        Self::new(LARGE_OF_ALL, HUGE_OF_ALL)
    }
}

impl Default for LargeBodies {
    fn default() -> Self {
        Self { own: AnswerRoom::new(LARGE_AT_ONCE, 1), of_all: None }
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
    _room: Room,
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
struct Room {
    large: Vec<OwnedSemaphorePermit>,
    huge: Vec<OwnedSemaphorePermit>,
}

impl LargeBodies {
    /// The same, within what several share.
    pub(super) fn within(&self, room: &AnswerRoom) -> Self {
        Self { own: self.own.clone(), of_all: Some(room.clone()) }
    }

    /// Waits until there is room for so many bytes: a client's own first, then everybody's. Who has more waits behind who
    /// has less, and never the other way round, so that nobody waits for ever.
    async fn make_room(&self, room: &mut Room, bytes: usize) {
        let rooms = || std::iter::once(&self.own).chain(&self.of_all);
        // The semaphores are never closed.
        if bytes > LARGE_BYTES && room.large.is_empty() {
            for of in rooms() {
                room.large.extend(Arc::clone(&of.large).acquire_owned().await);
            }
        }
        if bytes > HUGE_BYTES && room.huge.is_empty() {
            for of in rooms() {
                room.huge.extend(Arc::clone(&of.huge).acquire_owned().await);
            }
        }
    }

    /// Reads a body.
    pub(super) async fn read(&self, mut response: Response, max: usize) -> Result<Answer, Failure> {
        let announced = response.content_length().map_or(0, |length| usize::try_from(length).unwrap_or(usize::MAX));
        if announced > max {
            return Err(RestProblem::TooLarge(max).into());
        }
        let mut room = Room::default();
        self.make_room(&mut room, announced).await;
        let mut bytes = Vec::with_capacity(announced);
        while let Some(chunk) = response.chunk().await? {
            if bytes.len() + chunk.len() > max {
                return Err(RestProblem::TooLarge(max).into());
            }
            self.make_room(&mut room, bytes.len() + chunk.len()).await;
            bytes.extend_from_slice(&chunk);
        }
        Ok(Answer { bytes, _room: room })
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
impl LargeBodies {
    /// Takes all the room there is.
    pub(super) async fn take_all(&self) -> OwnedSemaphorePermit {
        Arc::clone(&self.own.large).acquire_many_owned(u32::try_from(LARGE_AT_ONCE).unwrap()).await.unwrap()
    }
}

#[cfg(test)]
impl AnswerRoom {
    /// Takes all the room there is for large answers.
    pub(super) async fn take_large(&self) -> OwnedSemaphorePermit {
        Arc::clone(&self.large).acquire_many_owned(u32::try_from(LARGE_OF_ALL).unwrap()).await.unwrap()
    }
}

#[cfg(test)]
impl Body {
    /// An answer as if it had come.
    pub(crate) fn of_text(text: &str, endpoint: &str) -> Self {
        Answer { bytes: text.as_bytes().to_vec(), _room: Room::default() }.of(endpoint.to_owned())
    }
}
