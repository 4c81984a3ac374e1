//! Which options help with a cluster that can't be reached, in the log beside the error.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use autoscaler::autoscaler_core::{ClusterName, JobAutoScalerContext, JobKey, ListedJob, PortError};
use autoscaler::autoscaler_runtime::{CycleEnded, CycleObserver, RoundEnded, Skipped};

use crate::cli::hints;

/// Logs what to do about a cluster's failure, once for each kind of it until the cluster answers again.
#[derive(Debug, Default)]
pub(super) struct HintObserver {
    given: Mutex<HashMap<ClusterName, &'static str>>,
}

impl HintObserver {
    /// The hint that a failure of a cluster needs and that was not given yet.
    fn news(&self, cluster: &ClusterName, failure: Option<&PortError>) -> Option<&'static str> {
        let mut given = self.given.lock().unwrap_or_else(PoisonError::into_inner);
        let hint = match failure {
            Some(error) => hints::of(error)?,
            None => {
                given.remove(cluster);
                return None;
            }
        };
        (given.insert(cluster.clone(), hint) != Some(hint)).then_some(hint)
    }
}

impl CycleObserver for HintObserver {
    fn cycle_ended(&self, _: &JobAutoScalerContext, _: &CycleEnded) {}

    fn cycle_skipped(&self, _: &ClusterName, _: &ListedJob, _: &Skipped) {}

    fn job_found(&self, _: &ClusterName, _: &ListedJob) {}

    fn job_gone(&self, _: &ClusterName, _: &JobKey) {}

    fn round_ended(&self, cluster: &ClusterName, round: &RoundEnded) {
        if let Some(hint) = self.news(cluster, round.failure.as_ref().map(|(error, _)| error)) {
            tracing::warn!(%cluster, "{hint}");
        }
    }

    fn right_to_act(&self, _: bool) {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use autoscaler::autoscaler_core::ErrorKind;

    #[test]
    fn a_hint_is_given_once_for_each_kind_of_failure() {
        let observer = HintObserver::default();
        let cluster = ClusterName::new("a:8081");
        let news = |kind| observer.news(&cluster, Some(&PortError::new(kind, "x").with("endpoint", "y")));
        assert!(news(ErrorKind::Unavailable).is_some_and(|hint| hint.contains("flink-cluster.host")));
        assert_eq!(news(ErrorKind::Unavailable), None, "once");
        assert!(news(ErrorKind::Timeout).is_some_and(|hint| hint.contains("rest-client.timeout")));
        assert_eq!(news(ErrorKind::Denied), None, "no option helps");
        assert_eq!(observer.news(&cluster, None), None, "it answers again");
        assert!(news(ErrorKind::Timeout).is_some(), "and fails again");
    }
}
