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

/// Room for large answers, shared by all requests of a client: with hundreds of requests under way, a bound on each is
/// none on memory.
#[derive(Clone, Debug)]
pub(super) struct LargeBodies {
    large: Arc<Semaphore>,
    huge: Arc<Semaphore>,
}

impl Default for LargeBodies {
    fn default() -> Self {
        Self { large: Arc::new(Semaphore::new(LARGE_AT_ONCE)), huge: Arc::new(Semaphore::new(1)) }
    }
}

/// An answer as it came.
#[derive(Debug)]
pub(crate) struct Body {
    bytes: Vec<u8>,
    endpoint: String,
    _room: Room,
}

/// The room that a body takes.
#[derive(Debug, Default)]
struct Room {
    large: Option<OwnedSemaphorePermit>,
    huge: Option<OwnedSemaphorePermit>,
}

impl LargeBodies {
    /// Waits until there is room for so many bytes. Who has more waits behind who has less, and never the other way
    /// round, so that nobody waits for ever.
    async fn make_room(&self, room: &mut Room, bytes: usize) {
        // The semaphores are never closed.
        if bytes > LARGE_BYTES && room.large.is_none() {
            room.large = Arc::clone(&self.large).acquire_owned().await.ok();
        }
        if bytes > HUGE_BYTES && room.huge.is_none() {
            room.huge = Arc::clone(&self.huge).acquire_owned().await.ok();
        }
    }

    /// Reads a body.
    pub(super) async fn read(&self, mut response: Response, max: usize, endpoint: String) -> Result<Body, Failure> {
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
        Ok(Body { bytes, endpoint, _room: room })
    }
}

impl Body {
    /// What came.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Method and URL it is the answer of.
    pub(crate) fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The JSON in it.
    pub(crate) fn parse<'a, T: Deserialize<'a>>(&'a self) -> Result<T, RestError> {
        serde_json::from_slice(&self.bytes).map_err(|problem| {
            let start = self.bytes.iter().find(|byte| !byte.is_ascii_whitespace());
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
        Arc::clone(&self.large).acquire_many_owned(u32::try_from(LARGE_AT_ONCE).unwrap()).await.unwrap()
    }
}

#[cfg(test)]
impl Body {
    /// An answer as if it had come.
    pub(crate) fn of_text(text: &str, endpoint: &str) -> Self {
        Self { bytes: text.as_bytes().to_vec(), endpoint: endpoint.to_owned(), _room: Room::default() }
    }
}
