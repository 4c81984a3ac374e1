//! What a job is waiting for, said once: twenty minutes without a word look like a fault.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use autoscaler_core::time::Instant;
use autoscaler_core::{ClusterName, CycleReport, Filling, JobAutoScalerContext, JobKey, Stage, stage};

use super::TARGET;

/// Instants as people read them.
const TIME: &str = "%Y-%m-%d %H:%M:%S UTC";

/// What was said of each job.
#[derive(Debug, Default)]
pub(super) struct Waiting(Mutex<HashMap<(ClusterName, JobKey), Said>>);

#[derive(Debug)]
struct Said {
    what: What,
    /// When the last cycle was.
    at: Instant,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum What {
    /// Autoscaling is off for it.
    Disabled,
    /// It does not run.
    NotRunning,
    /// It is observed, and nothing is decided yet.
    Filling(Filling),
    /// Nothing: it is decided on.
    Nothing,
}

impl Waiting {
    /// Says what the job waits for, where that is news.
    pub(super) fn cycle_ended(&self, job: &JobAutoScalerContext, report: &CycleReport, at: Instant) {
        let what = match (stage(job), report.filling) {
            (Stage::Disabled, _) => What::Disabled,
            (Stage::Waiting, _) => What::NotRunning,
            (_, Some(filling)) => What::Filling(filling),
            (_, None) if report.evaluation.is_some() => What::Nothing,
            _ => return,
        };
        let before = {
            let mut said = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let key = (job.cluster.clone(), job.key.clone());
            match said.get_mut(&key) {
                Some(said) if is_same(said, what, at) => {
                    said.at = at;
                    return;
                }
                _ => said.insert(key, Said { what, at }).map(|said| said.what),
            }
        };
        if let Some(text) = text(job, what, before, at) {
            tracing::info!(target: TARGET, cluster = %job.cluster, job = %job.key, name = %job.name, "{text}");
        }
    }

    /// Forgets jobs that are gone.
    pub(super) fn forget(&self, is_gone: impl Fn(&ClusterName, &JobKey) -> bool) {
        let mut said = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        said.retain(|(cluster, job), _| !is_gone(cluster, job));
    }
}

/// Whether it was said: a moment that moves by no more than an interval is the same one.
fn is_same(said: &Said, what: What, at: Instant) -> bool {
    match (said.what, what) {
        (What::Filling(before), What::Filling(now)) => {
            let interval = (at - said.at).to_std().unwrap_or_default().max(Duration::from_secs(1));
            let moved = (now.full_at - before.full_at).abs().to_std().unwrap_or_default();
            moved <= interval
        }
        (before, now) => before == now,
    }
}

fn text(job: &JobAutoScalerContext, what: What, before: Option<What>, at: Instant) -> Option<String> {
    Some(match what {
        What::Disabled => {
            "the job is left alone: autoscaling is off for it; set job.autoscaler.enabled: true in the job's \
                           configuration, or for all jobs in this process's options"
                .to_owned()
        }
        What::NotRunning => format!("the job is observed once it runs; it is {:?}", job.status),
        What::Filling(Filling { stable_at, full_at }) if at < stable_at => format!(
            "stabilizing until {}, metric window full at {}: the first decision comes then \
             (job.autoscaler.stabilization.interval, job.autoscaler.metrics.window)",
            stable_at.format(TIME),
            full_at.format(TIME)
        ),
        What::Filling(Filling { full_at, .. }) => format!(
            "metric window full at {}: the first decision comes then (job.autoscaler.metrics.window)",
            full_at.format(TIME)
        ),
        What::Nothing => {
            let Some(What::Filling(_)) = before else { return None };
            "the metric window is full: the job is decided on from now on".to_owned()
        }
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use autoscaler_core::options::Configuration;
    use autoscaler_core::time::from_epoch_millis;
    use autoscaler_core::{JobStatus, ListedJob, ParsedConfiguration};

    use super::*;

    fn at(seconds: i64) -> Instant {
        from_epoch_millis(seconds * 1000).unwrap()
    }

    fn job(enabled: &str, status: JobStatus) -> JobAutoScalerContext {
        let listed = ListedJob::new(format!("{:032x}", 1).parse().unwrap(), "job", status);
        let entries = [("job.autoscaler.enabled".to_owned(), enabled.to_owned())];
        let parsed = ParsedConfiguration::new(entries.into_iter().collect::<Configuration>());
        JobAutoScalerContext::new(ClusterName::new("cluster"), &listed, Arc::new(parsed))
    }

    #[test]
    fn each_wait_is_told_with_what_ends_it() {
        let told = |enabled, status, what, now| text(&job(enabled, status), what, None, at(now)).unwrap();
        let disabled = told("false", JobStatus::Running, What::Disabled, 0);
        assert!(disabled.contains("job.autoscaler.enabled: true"), "{disabled}");
        let created = told("true", JobStatus::Created, What::NotRunning, 0);
        assert!(created.contains("Created"), "{created}");
        let filling = What::Filling(Filling { stable_at: at(300), full_at: at(1200) });
        let stabilizing = told("true", JobStatus::Running, filling, 0);
        assert!(
            stabilizing
                .starts_with("stabilizing until 1970-01-01 00:05:00 UTC, metric window full at 1970-01-01 00:20:00")
        );
        let observing = told("true", JobStatus::Running, filling, 300);
        assert!(observing.starts_with("metric window full at 1970-01-01 00:20:00 UTC"), "{observing}");
        let running = job("true", JobStatus::Running);
        assert_eq!(text(&running, What::Nothing, None, at(0)), None, "nobody waited");
        assert!(text(&running, What::Nothing, Some(filling), at(0)).unwrap().contains("from now on"));
    }

    #[test]
    fn a_moment_is_told_again_only_where_it_moves_by_more_than_an_interval() {
        let filling = |full| What::Filling(Filling { stable_at: at(300), full_at: at(full) });
        let said = Said { what: filling(1200), at: at(290) };
        assert!(is_same(&said, filling(1200), at(300)));
        assert!(is_same(&said, filling(1210), at(300)), "the first observation that counts comes a little late");
        assert!(!is_same(&said, filling(1211), at(300)), "the job has restarted");
        assert!(!is_same(&said, What::Nothing, at(300)));
        assert!(is_same(&Said { what: What::Disabled, at: at(0) }, What::Disabled, at(900)));
    }
}
