//! What is remembered of jobs between cycles: what was said, what was asked for, and what came of it.

use std::any::Any;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use autoscaler_core::JobKey;
use kubernetes_api::{FlinkResource, Overrides};
use realizer_rest::RestScalingRealizer;
use tokio::time::Instant;

/// How long a job is watched after a patch: what befalls it then is put down to the patch.
pub(crate) const WATCHED: Duration = Duration::from_secs(10 * 60);
/// How long what was refused is not asked for again, unless the resource changes.
pub(crate) const REFUSED: Duration = Duration::from_secs(10 * 60);
/// How long a parallelism that did a job no good is not asked for again.
pub(crate) const NOT_AGAIN: Duration = Duration::from_secs(60 * 60);

/// All jobs'.
#[derive(Debug, Default)]
pub(crate) struct Memories(Mutex<HashMap<JobKey, Memory>>);

impl Memories {
    /// Looks at what is remembered of a job, or changes it.
    pub(crate) fn with<T>(&self, job: &JobKey, look: impl FnOnce(&mut Memory) -> T) -> T {
        // No operation leaves an entry half changed, so a panic elsewhere does no harm here.
        look(self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(job.clone()).or_default())
    }

    pub(crate) fn forget(&self, job: &JobKey) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(job);
    }
}

/// One job's.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    /// Why it is not rescaled, as it was said last.
    pub(crate) said: Option<String>,
    /// Whether its resource may not be patched.
    pub(crate) is_rest_only: bool,
    /// The version of the resource that was patched last: until another is seen, what is known is old.
    pub(crate) based_on: Option<String>,
    /// The last patch, for as long as the job is watched for it.
    pub(crate) sent: Option<Sent>,
    /// What did it no good.
    pub(crate) failed: Option<Failed>,
    /// The realizer of its cluster, and what the cluster is reached by.
    pub(crate) rest: Option<(Arc<dyn Any + Send + Sync>, Arc<RestScalingRealizer>)>,
}

/// A patch that was taken.
#[derive(Debug)]
pub(crate) struct Sent {
    wanted: Overrides,
    generation: Option<i64>,
    job_id: Option<String>,
    start_time: Option<String>,
    at: Instant,
    is_seen: bool,
}

/// A parallelism that is not to be asked for.
#[derive(Debug)]
pub(crate) struct Failed {
    wanted: Overrides,
    until: Instant,
    /// Of what was refused: generation of the resource, and who managed the overrides.
    refused_of: Option<(Option<i64>, Vec<String>)>,
}

/// What befell a job after a patch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Aftermath {
    /// It failed, or was rolled back.
    Failed,
    /// It was restarted instead of being rescaled in place.
    Upgraded,
}

impl Memory {
    /// Takes note of a patch that was taken: `before` is the resource it was based on, `after` what it is now.
    pub(crate) fn patched(&mut self, wanted: &Overrides, before: &FlinkResource, after: Option<&FlinkResource>) {
        self.based_on = Some(before.resource_version.clone());
        let job = &before.status.job_status;
        self.sent = Some(Sent {
            wanted: wanted.clone(),
            generation: after.and_then(|after| after.generation),
            job_id: job.job_id.clone(),
            start_time: job.start_time.clone(),
            at: Instant::now(),
            is_seen: false,
        });
    }

    /// Takes note that what is wanted did the job no good.
    pub(crate) fn not_again(&mut self, wanted: &Overrides) {
        self.failed = Some(Failed { wanted: wanted.clone(), until: Instant::now() + NOT_AGAIN, refused_of: None });
    }

    /// Takes note that what is wanted was refused.
    pub(crate) fn refused(&mut self, wanted: &Overrides, resource: &FlinkResource) {
        let refused_of = Some((resource.generation, resource.override_managers.clone()));
        self.failed = Some(Failed { wanted: wanted.clone(), until: Instant::now() + REFUSED, refused_of });
    }

    /// Whether what is wanted is not to be asked for now.
    pub(crate) fn is_not_again(&self, wanted: &Overrides, resource: &FlinkResource) -> bool {
        self.failed.as_ref().is_some_and(|failed| {
            let is_as_it_was = failed.refused_of.as_ref().is_none_or(|(generation, managers)| {
                (*generation, managers) == (resource.generation, &resource.override_managers)
            });
            failed.wanted == *wanted && is_as_it_was && Instant::now() < failed.until
        })
    }

    /// Looks what came of the last patch; each thing is told once.
    pub(crate) fn aftermath(&mut self, resource: &FlinkResource) -> Option<Aftermath> {
        let sent = self.sent.as_mut()?;
        if self.based_on.as_ref() == Some(&resource.resource_version) {
            return None;
        }
        let (status, job) = (&resource.status, &resource.status.job_status);
        let reconciliation = status.reconciliation_status.state.as_deref();
        let is_rolled_back = matches!(reconciliation, Some("ROLLING_BACK" | "ROLLED_BACK"));
        if is_rolled_back || matches!(job.state.as_deref(), Some("FAILING" | "FAILED")) {
            let wanted = sent.wanted.clone();
            self.sent = None;
            self.not_again(&wanted);
            return Some(Aftermath::Failed);
        }
        if sent.generation.is_some() && resource.generation > sent.generation {
            // Somebody has changed the spec since: what happens now is not the patch's doing.
            self.sent = None;
            return None;
        }
        let is_carried_out = sent.generation.is_some()
            && status.reconciled_generation() >= sent.generation
            && reconciliation == Some("DEPLOYED")
            && job.state.as_deref() == Some("RUNNING");
        if is_carried_out && !sent.is_seen {
            sent.is_seen = true;
            let is_same = |before: &Option<String>, now: &Option<String>| before.is_none() || before == now;
            if !is_same(&sent.job_id, &job.job_id) || !is_same(&sent.start_time, &job.start_time) {
                return Some(Aftermath::Upgraded);
            }
        }
        if sent.at.elapsed() > WATCHED {
            self.sent = None;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use kubernetes_api::Kind;
    use serde_json::{Value, json};

    use super::*;
    use crate::tests::{deployment, read, vertex};

    /// The resource after the patch, with one thing changed.
    fn after(place: &str, value: Value) -> FlinkResource {
        let mut object = deployment(&[1], &json!({}));
        object["metadata"]["resourceVersion"] = "6".into();
        object["metadata"]["generation"] = 2.into();
        object["status"]["observedGeneration"] = 2.into();
        *object.pointer_mut(place).unwrap() = value;
        read(Kind::FlinkDeployment, object)
    }

    fn patched() -> (Memory, Overrides) {
        let before = read(Kind::FlinkDeployment, deployment(&[1], &json!({})));
        let wanted = Overrides::from([(vertex(1), 4)]);
        let mut memory = Memory::default();
        memory.patched(&wanted, &before, Some(&after("/status/observedGeneration", json!(1))));
        (memory, wanted)
    }

    #[rstest::rstest]
    #[case("/status/jobStatus/state", json!("RUNNING"), None)]
    #[case("/status/jobStatus/state", json!("RESTARTING"), None)]
    #[case("/status/jobStatus/state", json!("FAILED"), Some(Aftermath::Failed))]
    #[case("/status/reconciliationStatus/state", json!("ROLLED_BACK"), Some(Aftermath::Failed))]
    #[case("/status/jobStatus/jobId", json!("f"), Some(Aftermath::Upgraded))]
    #[case("/status/jobStatus/startTime", json!("99"), Some(Aftermath::Upgraded))]
    #[case("/metadata/generation", json!(3), None)]
    fn what_comes_of_a_patch_is_told_once(
        #[case] place: &str,
        #[case] value: Value,
        #[case] expected: Option<Aftermath>,
    ) {
        let (mut memory, wanted) = patched();
        let resource = after(place, value);
        assert_eq!((memory.aftermath(&resource), memory.aftermath(&resource)), (expected, None));
        assert_eq!(memory.is_not_again(&wanted, &resource), expected == Some(Aftermath::Failed));
    }

    #[test]
    fn what_somebody_changed_since_is_not_put_down_to_the_patch() {
        let (mut memory, wanted) = patched();
        assert_eq!(memory.aftermath(&after("/metadata/generation", json!(3))), None);
        assert_eq!(memory.aftermath(&after("/status/jobStatus/state", json!("FAILED"))), None);
        assert!(!memory.is_not_again(&wanted, &after("/metadata/generation", json!(3))));
    }

    #[test]
    fn what_was_refused_is_asked_for_again_once_the_resource_changes() {
        let (mut memory, wanted) = patched();
        let resource = after("/metadata/generation", json!(2));
        memory.refused(&wanted, &resource);
        assert!(memory.is_not_again(&wanted, &resource));
        assert!(!memory.is_not_again(&wanted, &after("/metadata/generation", json!(3))));
    }

    #[tokio::test(start_paused = true)]
    async fn a_failure_long_after_is_another_matter_and_one_soon_after_is_forgotten_in_time() {
        let (mut memory, wanted) = patched();
        let (runs, failed) =
            (after("/metadata/name", json!("checkout")), after("/status/jobStatus/state", json!("FAILED")));
        tokio::time::advance(WATCHED + Duration::from_secs(1)).await;
        assert_eq!((memory.aftermath(&runs), memory.aftermath(&failed)), (None, None));
        let (mut memory, _) = patched();
        assert_eq!(memory.aftermath(&failed), Some(Aftermath::Failed));
        let other = Overrides::from([(vertex(1), 5)]);
        assert!(memory.is_not_again(&wanted, &failed) && !memory.is_not_again(&other, &failed));
        tokio::time::advance(NOT_AGAIN + Duration::from_secs(1)).await;
        assert!(!memory.is_not_again(&wanted, &failed));
    }
}
