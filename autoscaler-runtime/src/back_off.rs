//! A store that fails is left alone for a while.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use autoscaler_core::{AutoScalerStateStore, ErrorKind, Fence, JobKey, JobState, LoadedState, PortError, Revision};

use crate::pauses::Pauses;

const SHORTEST: Duration = Duration::from_millis(500);
/// As long as a cycle's interval by default, so that no more than one cycle is missed once it is back.
const LONGEST: Duration = Duration::from_secs(10);

/// A store that is not asked for a while after it was away, did not answer or denied access, and longer each time:
/// thousands of jobs that ask a server which is coming back keep it from it, and lock accounts whose password has changed.
/// Meanwhile each call fails as the last one did.
#[derive(Debug)]
pub struct BackOff {
    store: Arc<dyn AutoScalerStateStore>,
    failures: Mutex<Failures>,
}

#[derive(Debug, Default)]
struct Failures {
    pauses: Pauses,
    /// What the last failure was, and how many pauses there were before.
    last: Option<(ErrorKind, String)>,
    count: u64,
}

impl BackOff {
    /// `store`, left alone after failures.
    pub fn new(store: Arc<dyn AutoScalerStateStore>) -> Self {
        Self { store, failures: Mutex::default() }
    }

    fn failures(&self) -> MutexGuard<'_, Failures> {
        // Whole at every moment, so a panic elsewhere does no harm here.
        self.failures.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn call<T>(&self, call: impl Future<Output = Result<T, PortError>> + Send) -> Result<T, PortError> {
        let before = {
            let failures = self.failures();
            match &failures.last {
                Some((kind, text)) if failures.pauses.is_pausing() => {
                    return Err(PortError::new(*kind, text.clone()));
                }
                _ => failures.count,
            }
        };
        let answer = call.await;
        let mut failures = self.failures();
        let away = answer.as_ref().err().filter(|error| is_away(error.kind()));
        if let Some(error) = away {
            // Of calls that were under way together one failure counts.
            if failures.count == before {
                failures.pauses.begin(error, SHORTEST, LONGEST);
                failures.last = Some((error.kind(), error.chain().to_string()));
                failures.count += 1;
            }
        } else if failures.last.take().is_some() {
            failures.pauses.end();
        }
        answer
    }
}

fn is_away(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::Unavailable | ErrorKind::Timeout | ErrorKind::Denied)
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl AutoScalerStateStore for BackOff {
    async fn load(&self, job: &JobKey) -> Result<LoadedState, PortError> {
        self.call(self.store.load(job)).await
    }

    async fn save(&self, job: &JobKey, state: &JobState, fence: &Fence) -> Result<Revision, PortError> {
        self.call(self.store.save(job, state, fence)).await
    }

    async fn remove(&self, job: &JobKey, fence: &Fence) -> Result<(), PortError> {
        self.call(self.store.remove(job, fence)).await
    }

    async fn jobs(&self) -> Result<Vec<JobKey>, PortError> {
        self.call(self.store.jobs()).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    /// Fails in a certain way, and counts how often it is asked.
    #[derive(Debug, Default)]
    struct Failing {
        kind: Mutex<Option<ErrorKind>>,
        asked: AtomicU32,
    }

    #[async_trait]
    impl AutoScalerStateStore for Failing {
        async fn load(&self, _: &JobKey) -> Result<LoadedState, PortError> {
            self.jobs().await.map(|_| LoadedState::default())
        }

        async fn save(&self, _: &JobKey, _: &JobState, _: &Fence) -> Result<Revision, PortError> {
            self.jobs().await.map(|_| Revision::default())
        }

        async fn remove(&self, _: &JobKey, _: &Fence) -> Result<(), PortError> {
            self.jobs().await.map(drop)
        }

        async fn jobs(&self) -> Result<Vec<JobKey>, PortError> {
            self.asked.fetch_add(1, Ordering::Relaxed);
            tokio::task::yield_now().await;
            let kind = *self.kind.lock().unwrap();
            kind.map_or(Ok(Vec::new()), |kind| Err(PortError::new(kind, "no").with("database", "d")))
        }
    }

    /// How often the store is asked in so many seconds in which a hundred jobs ask ten times a second.
    async fn asked_in(seconds: u32, store: &Arc<Failing>, back_off: &BackOff) -> u32 {
        let before = store.asked.load(Ordering::Relaxed);
        for _ in 0..seconds * 10 {
            let calls = (0..100).map(|number| async move { back_off.load(&JobKey::new(number.to_string())).await });
            for answer in futures::future::join_all(calls).await {
                let (expected, told) = (*store.kind.lock().unwrap(), answer.err());
                assert_eq!(told.as_ref().map(PortError::kind), expected);
                assert!(told.is_none_or(|error| error.chain().to_string() == "no (database: d)"), "the same each time");
            }
            tokio::time::advance(Duration::from_millis(100)).await;
        }
        store.asked.load(Ordering::Relaxed) - before
    }

    #[tokio::test(start_paused = true)]
    async fn a_store_that_fails_is_asked_less_and_less_often() {
        let store = Arc::new(Failing::default());
        let back_off = BackOff::new(Arc::clone(&store) as _);
        for (kind, first, later) in [(ErrorKind::Unavailable, 3..=8, 2..=9), (ErrorKind::Denied, 1..=1, 3..=4)] {
            *store.kind.lock().unwrap() = Some(kind);
            let of_hundred = asked_in(5, &store, &back_off).await / 100;
            assert!(first.contains(&of_hundred), "{kind:?}: {of_hundred}");
            let of_hundred = asked_in(30, &store, &back_off).await / 100;
            assert!(later.contains(&of_hundred), "{kind:?}: {of_hundred}");
            *store.kind.lock().unwrap() = None;
            tokio::time::advance(LONGEST).await;
            assert_eq!(asked_in(1, &store, &back_off).await, 1000, "it is back");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_a_store_refuses_is_no_reason_to_leave_it_alone() {
        let store = Arc::new(Failing::default());
        let back_off = BackOff::new(Arc::clone(&store) as _);
        for kind in [ErrorKind::Conflict, ErrorKind::TooLarge, ErrorKind::Invalid, ErrorKind::NotFound] {
            *store.kind.lock().unwrap() = Some(kind);
            assert_eq!(asked_in(1, &store, &back_off).await, 1000);
        }
    }
}
