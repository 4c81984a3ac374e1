//! Whether a job is to be scaled at all, and whether it may be looked at now.

use autoscaler_core::{JobId, JobStatus};
use kubernetes_api::{FlinkResource, SWITCH, SWITCH_ANNOTATION};

/// Whether a resource has a job that is switched on, by its annotation, else by its configuration.
pub(crate) fn is_switched_on(resource: &FlinkResource) -> bool {
    let is_true = |text: &str| text.trim().eq_ignore_ascii_case("true");
    let by_annotation = resource.annotations.get(SWITCH_ANNOTATION).map(|text| is_true(text));
    let by_configuration = || resource.spec.entries().get(SWITCH).is_some_and(|text| is_true(text));
    resource.spec.job.is_some() && by_annotation.unwrap_or_else(by_configuration)
}

/// RUNNING only where what runs is what is deployed and the cluster's REST API answers; `cluster` is the job's cluster,
/// the resource itself or another. A job that has ended is not said to have: its resource may bring it back.
pub(crate) fn effective_status(resource: &FlinkResource, cluster: Option<&FlinkResource>) -> JobStatus {
    let status = &resource.status;
    let wanted = resource.spec.job.as_ref().and_then(|job| job.state.as_deref());
    if wanted == Some("suspended") {
        return JobStatus::Suspended;
    }
    let said = status.job_status.state.as_deref().and_then(|state| state.parse::<JobStatus>().ok());
    let may_be_looked_at = !resource.is_being_deleted
        && status.reconciliation_status.state.as_deref() == Some("DEPLOYED")
        && job_id(resource).is_some()
        && cluster.is_some_and(|cluster| cluster.status.is_ready() && !cluster.is_being_deleted);
    match said {
        Some(JobStatus::Running) if !may_be_looked_at => JobStatus::Reconciling,
        Some(said) if !said.is_ended() => said,
        _ => JobStatus::Reconciling,
    }
}

/// Flink's id of the job; none before it was first submitted.
pub(crate) fn job_id(resource: &FlinkResource) -> Option<JobId> {
    resource.status.job_status.job_id.as_deref()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use autoscaler_core::JobStatus as S;
    use serde_json::{Value, json};

    use super::*;
    use crate::tests::resource;

    fn running() -> Value {
        json!({
            "spec": {"job": {}, "flinkConfiguration": {"job": {"autoscaler": {"external": {"enabled": true}}}}},
            "status": {
                "jobStatus": {"state": "RUNNING", "jobId": "0".repeat(32)},
                "reconciliationStatus": {"state": "DEPLOYED"},
                "jobManagerDeploymentStatus": "READY",
            },
        })
    }

    #[rstest::rstest]
    #[case("/spec/job/state", json!("suspended"), S::Suspended)]
    #[case("/status/reconciliationStatus/state", json!("UPGRADING"), S::Reconciling)]
    #[case("/status/reconciliationStatus/state", json!("ROLLED_BACK"), S::Reconciling)]
    #[case("/status/jobManagerDeploymentStatus", json!("DEPLOYING"), S::Reconciling)]
    #[case("/status/jobStatus/jobId", json!(null), S::Reconciling)]
    #[case("/status/jobStatus/state", json!("FAILED"), S::Reconciling)]
    #[case("/status/jobStatus/state", json!("CREATED"), S::Created)]
    #[case("/status/jobStatus/state", json!("SOMETHING"), S::Reconciling)]
    #[case("/metadata/deletionTimestamp", json!("2026-01-01T00:00:00Z"), S::Reconciling)]
    #[case("/spec/job/parallelism", json!(1), S::Running)]
    fn what_may_not_be_looked_at_does_not_run(#[case] place: &str, #[case] value: Value, #[case] expected: S) {
        let mut json = running();
        let (parent, field) = place.rsplit_once('/').unwrap();
        match json.pointer_mut(parent) {
            Some(parent) => parent[field] = value,
            None => json["metadata"] = json!({field: value}),
        }
        let resource = resource("fd", "a", json);
        assert_eq!(effective_status(&resource, Some(&resource)), expected);
        assert_ne!(effective_status(&resource, None), S::Running);
    }

    #[test]
    fn the_annotation_counts_before_the_configuration() {
        let with = |annotation: Value| {
            let mut json = running();
            json["metadata"] = json!({"annotations": annotation});
            is_switched_on(&resource("fd", "a", json))
        };
        assert!(with(json!({})));
        assert!(!with(json!({SWITCH_ANNOTATION: "false"})));
        assert!(!is_switched_on(&resource("fd", "a", json!({"spec": {"job": {}}}))));
        assert!(is_switched_on(&resource(
            "fd",
            "a",
            json!({"metadata": {"annotations": {SWITCH_ANNOTATION: "true"}}, "spec": {"job": {}}})
        )));
        assert!(!is_switched_on(&resource(
            "fd",
            "a",
            json!({"metadata": {"annotations": {SWITCH_ANNOTATION: "true"}}})
        )));
    }
}
