//! When to try again what was refused or failed.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use autoscaler_core::{ErrorKind, JobKey, PortError};

use crate::plan::Overrides;

/// The pause after the first failure, which doubles with each that follows.
pub(crate) const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// How many times the first pause the longest is.
const LONGEST: u32 = 600;

/// What did not work of late, by job, and when to try it again. Asked each cycle, Flink would be asked for the same
/// thing every few seconds.
#[derive(Debug)]
pub(crate) struct Tries {
    first_pause: Duration,
    of_jobs: Mutex<HashMap<JobKey, Failed>>,
}

#[derive(Debug)]
struct Failed {
    /// What was asked for; none where nothing else would have fared better.
    overrides: Option<Overrides>,
    pause: Duration,
    until: Instant,
    /// The failure; none for a refusal, which is reported by itself.
    error: Option<(ErrorKind, String)>,
}

impl Tries {
    pub(crate) fn new(first_pause: Duration) -> Self {
        Self { first_pause, of_jobs: Mutex::default() }
    }

    fn locked(&self) -> MutexGuard<'_, HashMap<JobKey, Failed>> {
        // No operation leaves an entry half changed, so a panic elsewhere does no harm here.
        self.of_jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether to leave the job alone for now, and if so, with what came of the last try. Something else to ask for is
    /// tried at once.
    pub(crate) fn waiting(&self, job: &JobKey, overrides: &Overrides, now: Instant) -> Option<Result<(), PortError>> {
        let tries = self.locked();
        let failed = tries.get(job).filter(|failed| now < failed.until)?;
        if failed.overrides.as_ref().is_some_and(|last| last != overrides) {
            return None;
        }
        Some(failed.error.as_ref().map_or(Ok(()), |(kind, text)| Err(PortError::new(*kind, text.clone()))))
    }

    /// Takes note of a refusal; without overrides it holds whatever is asked for, and nothing passes by itself.
    pub(crate) fn refused(&self, job: &JobKey, overrides: Option<&Overrides>, now: Instant) {
        let first = if overrides.is_none() { self.first_pause * LONGEST } else { self.first_pause };
        self.note(job, overrides, None, first, now);
    }

    /// Takes note of a failure.
    pub(crate) fn failed(&self, job: &JobKey, overrides: &Overrides, error: &PortError, now: Instant) {
        let error = (error.kind(), error.chain().to_string());
        self.note(job, Some(overrides), Some(error), self.first_pause, now);
    }

    fn note(
        &self,
        job: &JobKey,
        overrides: Option<&Overrides>,
        error: Option<(ErrorKind, String)>,
        first: Duration,
        now: Instant,
    ) {
        let mut tries = self.locked();
        let again = tries.get(job).filter(|failed| failed.overrides.as_ref() == overrides);
        let pause = again.map_or(first, |failed| (failed.pause * 2).min(self.first_pause * LONGEST));
        tries.insert(job.clone(), Failed { overrides: overrides.cloned(), pause, until: now + pause, error });
    }

    /// Takes note that it worked, or that the job is gone.
    pub(crate) fn forget(&self, job: &JobKey) {
        self.locked().remove(job);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn overrides(parallelism: i32) -> Overrides {
        Overrides::from([("f".repeat(32).parse().unwrap(), parallelism)])
    }

    #[test]
    fn pauses_grow_and_end_with_something_else_to_ask_for() {
        let (tries, job, now) = (Tries::new(FIRST_PAUSE), JobKey::new("1"), Instant::now());
        let after = |seconds| now + Duration::from_secs(seconds);
        let waits = |parallelism, at| tries.waiting(&job, &overrides(parallelism), at).is_some();
        assert!(!waits(2, now));
        let error = PortError::new(ErrorKind::Conflict, "a rescale is under way").with("endpoint", "PUT http://a");
        tries.failed(&job, &overrides(2), &error, now);
        assert_eq!((waits(2, after(0)), waits(2, after(1)), waits(3, after(0))), (true, false, false));
        let kept = tries.waiting(&job, &overrides(2), now).unwrap().unwrap_err();
        assert_eq!((kept.kind(), kept.to_string()), (ErrorKind::Conflict, error.chain().to_string()));
        tries.failed(&job, &overrides(2), &error, after(1));
        assert_eq!((waits(2, after(2)), waits(2, after(3))), (true, false));
        tries.failed(&job, &overrides(3), &error, after(3));
        assert!(!waits(3, after(4)), "a new request begins with the shortest pause");
        tries.forget(&job);
        assert!(!waits(3, after(3)));
    }

    #[test]
    fn a_refusal_that_holds_for_anything_waits_long() {
        let (tries, job, now) = (Tries::new(FIRST_PAUSE), JobKey::new("1"), Instant::now());
        let waits = |parallelism, seconds| {
            matches!(tries.waiting(&job, &overrides(parallelism), now + Duration::from_secs(seconds)), Some(Ok(())))
        };
        tries.refused(&job, None, now);
        assert_eq!((waits(2, 599), waits(3, 599), waits(3, 600)), (true, true, false));
        tries.refused(&job, Some(&overrides(2)), now);
        assert_eq!((waits(2, 0), waits(2, 1), waits(3, 0)), (true, false, false));
    }
}
