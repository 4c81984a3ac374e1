//! Which events were in the log not long ago.

use std::collections::HashMap;

use autoscaler_core::time::{self, Instant};
use autoscaler_core::{Event, JobKey};

/// What was written of each job, until its interval has passed or the job is gone.
#[derive(Debug, Default)]
pub(crate) struct Repeats {
    jobs: HashMap<JobKey, HashMap<Kind, Written>>,
}

/// What makes an event a repeat of another: reason, and key or message.
type Kind = (String, String);

#[derive(Debug)]
struct Written {
    until: Instant,
    message: String,
}

impl Repeats {
    /// Whether an event says nothing new: the same was written within its interval.
    pub(crate) fn is_repeat(&mut self, job: &JobKey, event: &Event, now: Instant) -> bool {
        let Some(interval) = event.interval else { return false };
        if !self.jobs.contains_key(job) {
            self.jobs.insert(job.clone(), HashMap::new());
        }
        let Some(written) = self.jobs.get_mut(job) else { return false };
        written.retain(|_, written| now < written.until);
        let kind = (event.reason.clone().into_owned(), event.key.clone().unwrap_or_else(|| event.message.clone()));
        if written.get(&kind).is_some_and(|written| written.message == event.message) {
            return true;
        }
        written.insert(kind, Written { until: time::after(now, interval), message: event.message.clone() });
        false
    }

    pub(crate) fn forget(&mut self, job: &JobKey) {
        self.jobs.remove(job);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn at(seconds: i64) -> Instant {
        time::from_epoch_millis(seconds * 1000).unwrap_or_default()
    }

    fn event(message: &str) -> Event {
        Event::warning("ScalingLimited", message).merged_within(Duration::from_secs(60))
    }

    #[test]
    fn repeats_are_told_from_what_is_new() {
        let mut repeats = Repeats::default();
        let never = Event::warning("ScalingLimited", "from 5 to 4");
        let (a, b) = (JobKey::new("a"), JobKey::new("b"));
        assert!(!repeats.is_repeat(&a, &event("from 5 to 4"), at(0)));
        assert!(repeats.is_repeat(&a, &event("from 5 to 4"), at(59)));
        assert!(!repeats.is_repeat(&b, &event("from 5 to 4"), at(59)), "another job");
        assert!(!repeats.is_repeat(&a, &event("from 6 to 4"), at(59)), "another message");
        assert!(!repeats.is_repeat(&a, &event("from 5 to 4"), at(60)), "the interval has passed");
        assert!(!repeats.is_repeat(&a, &never, at(60)), "an event without an interval");
    }

    #[test]
    fn a_job_s_memory_ends_with_its_intervals_and_with_the_job() {
        let mut repeats = Repeats::default();
        for job in 0..20_000 {
            let job = JobKey::new(job.to_string());
            assert!(!repeats.is_repeat(&job, &event("x"), at(0)));
        }
        let first = JobKey::new("0");
        assert!(repeats.is_repeat(&first, &event("x"), at(1)), "however many jobs there are");
        for number in 0..1000 {
            repeats.is_repeat(&first, &event(&number.to_string()), at(number * 60));
        }
        assert_eq!(repeats.jobs[&first].len(), 1);
        repeats.forget(&first);
        assert!(!repeats.jobs.contains_key(&first));
        repeats.forget(&first);
    }
}
