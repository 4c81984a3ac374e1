//! Where comparisons are asked for: one at a time, none for long, none for nobody.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;

use super::{Compared, NotCompared, Question, Recordings};

/// How long a comparison may take, with the time it waits for another one: less than the endpoint gives an answer.
const WITHIN: Duration = Duration::from_secs(8);

/// Has comparisons made on threads that may block.
#[derive(Debug)]
pub(crate) struct Desk {
    recordings: Arc<dyn Recordings>,
    /// Each takes a core while it runs, which jobs that are scaled need more.
    place: Arc<Semaphore>,
}

impl Desk {
    pub(crate) fn new(recordings: Arc<dyn Recordings>) -> Self {
        Self { recordings, place: Arc::new(Semaphore::new(1)) }
    }

    /// Compares, unless that takes too long; ends when nobody waits for it any more.
    pub(crate) async fn compare(&self, question: Question) -> Result<Compared, NotCompared> {
        let deadline = Instant::now() + WITHIN;
        let waited = timeout_at(deadline, Arc::clone(&self.place).acquire_owned()).await;
        let Ok(Ok(place)) = waited else { return Err(NotCompared::Ended) };
        let (recordings, stop) = (Arc::clone(&self.recordings), CancellationToken::new());
        // Whoever asked may be gone before the answer: then this is dropped, and with it what was begun ends.
        let _guard = stop.clone().drop_guard();
        let work = spawn_blocking(move || {
            let compared = recordings.compare(&question, &stop);
            drop(place);
            compared
        });
        match timeout_at(deadline, work).await {
            Ok(Ok(compared)) => compared,
            Ok(Err(_)) => Err(NotCompared::Unusable("the comparison failed, which is a bug".to_owned())),
            Err(_) => Err(NotCompared::Ended),
        }
    }
}
