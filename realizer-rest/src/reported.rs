//! What was reported about jobs last, so as not to report it each cycle.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use autoscaler_core::JobKey;

/// What is reported about jobs. A job has an entry only while there is something to remember of it.
#[derive(Debug, Default)]
pub(crate) struct Reports(Mutex<HashMap<JobKey, Reported>>);

/// What was reported about a job.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Reported {
    /// Why its parallelism can't be changed.
    pub(crate) refusal: Option<String>,
    /// Configuration changes that can't be applied.
    pub(crate) config: Option<String>,
}

impl Reports {
    fn locked(&self) -> MutexGuard<'_, HashMap<JobKey, Reported>> {
        // No operation leaves an entry half changed, so a panic elsewhere does no harm here.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes note of what holds now; whether it has to be reported.
    pub(crate) fn is_new(
        &self,
        job: &JobKey,
        field: fn(&mut Reported) -> &mut Option<String>,
        holds: Option<String>,
    ) -> bool {
        let mut reports = self.locked();
        if holds.is_some() {
            let reported = field(reports.entry(job.clone()).or_default());
            let is_new = *reported != holds;
            *reported = holds;
            return is_new;
        }
        if let Some(reported) = reports.get_mut(job) {
            *field(reported) = None;
            if *reported == Reported::default() {
                reports.remove(job);
            }
        }
        false
    }

    pub(crate) fn forget(&self, job: &JobKey) {
        self.locked().remove(job);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_changed_is_new_and_nothing_else_is_kept() {
        let (reports, job) = (Reports::default(), JobKey::new("1"));
        let refusal = |text: Option<&str>| reports.is_new(&job, |job| &mut job.refusal, text.map(str::to_owned));
        let config = |text: Option<&str>| reports.is_new(&job, |job| &mut job.config, text.map(str::to_owned));
        assert_eq!((refusal(None), reports.locked().len()), (false, 0));
        assert_eq!((refusal(Some("a")), refusal(Some("a")), refusal(Some("b"))), (true, false, true));
        assert_eq!(
            (config(Some("c")), refusal(None), refusal(Some("b")), config(Some("c"))),
            (true, false, true, false)
        );
        assert_eq!((refusal(None), config(None), reports.locked().len()), (false, false, 0));
        refusal(Some("a"));
        reports.forget(&job);
        assert!(refusal(Some("a")));
    }
}
