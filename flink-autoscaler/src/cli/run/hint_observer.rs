//! Which options help with a cluster that can't be reached, in the log beside the error.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use autoscaler::autoscaler_core::{ClusterName, JobAutoScalerContext, JobKey, ListedJob, PortError};
use autoscaler::autoscaler_runtime::{CycleEnded, CycleObserver, RoundEnded, Skipped};

use crate::cli::hints;

/// A hint that did not help is given again each time this has passed.
const REMINDER: Duration = Duration::from_secs(300);

/// Logs what to do about a cluster's failure, once for each kind of it until the cluster answers again, and from time to
/// time.
#[derive(Debug, Default)]
pub(super) struct HintObserver {
    given: Mutex<HashMap<ClusterName, (&'static str, Instant)>>,
}

impl HintObserver {
    /// The hint that a failure of a cluster needs and that was not given yet.
    fn news(&self, cluster: &ClusterName, failure: Option<&PortError>, now: Instant) -> Option<&'static str> {
        let mut given = self.given.lock().unwrap_or_else(PoisonError::into_inner);
        let hint = match failure {
            Some(error) => hints::of(error)?,
            None => {
                given.remove(cluster);
                return None;
            }
        };
        let is_fresh = |(last, at): &(&str, Instant)| *last == hint && now.saturating_duration_since(*at) < REMINDER;
        if given.get(cluster).is_some_and(is_fresh) {
            return None;
        }
        given.insert(cluster.clone(), (hint, now));
        Some(hint)
    }
}

impl CycleObserver for HintObserver {
    fn cycle_ended(&self, _: &JobAutoScalerContext, _: &Arc<CycleEnded>) {}

    fn cycle_skipped(&self, _: &ClusterName, _: &ListedJob, _: &Skipped) {}

    fn job_found(&self, _: &ClusterName, _: &ListedJob) {}

    fn job_gone(&self, _: &ClusterName, _: &JobKey) {}

    fn round_ended(&self, cluster: &ClusterName, round: &RoundEnded) {
        if let Some(hint) = self.news(cluster, round.failure.as_ref().map(|(error, _)| error), Instant::now()) {
            tracing::warn!(%cluster, "{hint}");
        }
    }

    fn clusters_watched(&self, clusters: &BTreeSet<ClusterName>) {
        self.given.lock().unwrap_or_else(PoisonError::into_inner).retain(|cluster, _| clusters.contains(cluster));
    }

    fn right_to_act(&self, _: bool) {}

    fn right_asked_for(&self, _: Option<&PortError>) {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use autoscaler::autoscaler_core::ErrorKind;

    #[test]
    fn a_hint_is_given_once_for_each_kind_of_failure() {
        let observer = HintObserver::default();
        let cluster = ClusterName::new("a:8081");
        let start = Instant::now();
        let news_at = |at, kind| observer.news(&cluster, Some(&PortError::new(kind, "x").with("endpoint", "y")), at);
        let news = |kind| news_at(start, kind);
        assert!(news(ErrorKind::Unavailable).is_some_and(|hint| hint.contains("flink-cluster.host")));
        assert_eq!(news(ErrorKind::Unavailable), None, "once");
        assert!(news(ErrorKind::Timeout).is_some_and(|hint| hint.contains("rest-client.timeout")));
        assert_eq!(news(ErrorKind::Denied), None, "no option helps");
        assert_eq!(observer.news(&cluster, None, start), None, "it answers again");
        assert!(news(ErrorKind::Timeout).is_some(), "and fails again");
        assert_eq!(news_at(start + REMINDER / 2, ErrorKind::Timeout), None);
        assert!(news_at(start + REMINDER, ErrorKind::Timeout).is_some(), "after five minutes");
    }
}
