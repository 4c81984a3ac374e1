//! Whether the operator would carry a change of the overrides out in place. It has no such check itself: what it can't do
//! in place it does as an upgrade.

use kubernetes_api::{FlinkResource, OperatorDefaults};

/// The longest text of an error that is shown, in characters.
const SHOWN_CHARS: usize = 300;

/// Why a job is not rescaled by its resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// It will pass by itself.
    Passing(String),
    /// It stays until somebody changes something.
    Lasting(String),
    /// The operator would upgrade the job, which restarts it; it stays until somebody changes something.
    Upgrade(String),
}

impl Obstacle {
    /// Why, and what to do about it where something is to be done.
    pub fn text(&self) -> &str {
        match self {
            Self::Passing(text) | Self::Lasting(text) | Self::Upgrade(text) => text,
        }
    }
}

/// Looks at a job's resource and at the FlinkDeployment of its cluster, which may be the same; `defaults` are the operator's.
///
/// # Errors
/// What is in the way, the lasting before the passing.
pub fn guard(
    resource: &FlinkResource,
    cluster: Option<&FlinkResource>,
    defaults: &OperatorDefaults,
) -> Result<(), Obstacle> {
    by_hand(resource)?;
    if let Some(cluster) = cluster {
        in_place(resource, cluster, defaults)?;
    }
    settled(resource, cluster)
}

/// The same where an upgrade is allowed.
///
/// # Errors
/// What is in the way all the same.
pub(crate) fn guard_of_upgrade(resource: &FlinkResource, cluster: Option<&FlinkResource>) -> Result<(), Obstacle> {
    by_hand(resource)?;
    settled(resource, cluster)
}

/// What only people can put right.
fn by_hand(resource: &FlinkResource) -> Result<(), Obstacle> {
    let lasting = |text: String| Err(Obstacle::Lasting(text));
    if let Some((kind, name)) = resource.owners.iter().find(|(kind, _)| kind == "FlinkBlueGreenDeployment") {
        return lasting(format!("it belongs to the {kind} {name}, whose next transition would undo it"));
    }
    if resource.applied.has_others {
        return lasting(
            "the field manager flink-autoscaler has more than keys of its flinkConfiguration, which the next patch would \
             remove: have those fields managed by somebody else"
                .to_owned(),
        );
    }
    let status = &resource.status;
    if let Some(Err(unreadable)) = &status.reconciliation_status.last_reconciled_spec {
        return lasting(unreadable.to_string());
    }
    if status.reconciliation_status.state.as_deref() == Some("ROLLED_BACK") {
        return lasting("the operator rolled it back, so that its spec is not what runs: change the spec".to_owned());
    }
    if let Some(error) = status.error.as_deref().filter(|error| !error.is_empty()) {
        let shown: String = error.chars().take(SHOWN_CHARS).collect();
        return lasting(format!("the operator reports an error: {shown}"));
    }
    Ok(())
}

/// What makes the operator rescale in place.
fn in_place(resource: &FlinkResource, cluster: &FlinkResource, defaults: &OperatorDefaults) -> Result<(), Obstacle> {
    let upgrade = |text: String| Err(Obstacle::Upgrade(text));
    if !cluster.spec.is_native() {
        return upgrade(
            "the cluster is in standalone mode, in which the operator rescales by a restart only: set \
             autoscaler.standalone.realizer.kubernetes.mode: rest, or mode: native in the FlinkDeployment"
                .to_owned(),
        );
    }
    match cluster.spec.version() {
        Some(version) if version >= (1, 18) => {}
        Some((major, minor)) => {
            return upgrade(format!("rescaling in place needs Flink 1.18 or later, and this is {major}.{minor}"));
        }
        None => return upgrade("the spec's flinkVersion is not there or not one such as v1_20".to_owned()),
    }
    let is = |defaults: &OperatorDefaults, key: &str, value: &str| {
        let entries = defaults.merged(resource, Some(cluster));
        entries.get(key).is_some_and(|text| text.trim().eq_ignore_ascii_case(value))
    };
    // A default may have come after the cluster was deployed, which then does not have it; what is written is deployed.
    if !is(&OperatorDefaults::default(), "jobmanager.scheduler", "adaptive") {
        return upgrade(
            "flinkConfiguration does not have jobmanager.scheduler: adaptive, without which the operator restarts the job: \
             set it there"
                .to_owned(),
        );
    }
    // The operator looks at this one as it is now.
    if is(defaults, "kubernetes.operator.job.upgrade.inplace-scaling.enabled", "false") {
        return upgrade(
            "kubernetes.operator.job.upgrade.inplace-scaling.enabled is false in flinkConfiguration, or in the operator's own \
             configuration"
                .to_owned(),
        );
    }
    Ok(())
}

/// Whether what runs is what the spec says, and nobody else's change is under way that a patch would ride on.
fn settled(resource: &FlinkResource, cluster: Option<&FlinkResource>) -> Result<(), Obstacle> {
    let passing = |text: String| Err(Obstacle::Passing(text));
    let status = &resource.status;
    if resource.is_being_deleted {
        return passing("it is being deleted".to_owned());
    }
    let shown = |number: Option<i64>| number.map_or("none".to_owned(), |number| number.to_string());
    if resource.generation.is_none() || resource.is_change_pending() {
        let (wanted, seen) = (shown(resource.generation), shown(status.reconciled_generation()));
        return passing(format!(
            "the operator has not taken in its last change (generation {wanted}, observed {seen})"
        ));
    }
    if resource.spec.job.as_ref().is_none_or(|job| job.state.as_deref() == Some("suspended")) {
        return passing("its spec asks for no running job".to_owned());
    }
    let is_other = |state: &Option<String>, wanted: &str| (state.as_deref() != Some(wanted)).then(|| state.clone());
    if let Some(state) = is_other(&status.job_status.state, "RUNNING") {
        return passing(format!("the job is {}", state.as_deref().unwrap_or("not known")));
    }
    if let Some(state) = is_other(&status.reconciliation_status.state, "DEPLOYED") {
        return passing(format!("its reconciliation is {}", state.as_deref().unwrap_or("not known")));
    }
    if status.reconciliation_status.last_reconciled_spec.is_none() {
        return passing("what is deployed is not known".to_owned());
    }
    let Some(cluster) = cluster else {
        return passing("the FlinkDeployment of its cluster is not there, or not looked at".to_owned());
    };
    if !cluster.status.is_ready() {
        let state = cluster.status.job_manager_deployment_status.as_deref().unwrap_or("not known");
        return passing(format!("the JobManager of its cluster is {state}"));
    }
    if cluster.is_being_deleted || cluster.is_change_pending() {
        return passing("its cluster is about to change".to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use kubernetes_api::Kind;

    use super::*;
    use crate::tests::{deployment, read};

    fn guard(resource: &FlinkResource, cluster: Option<&FlinkResource>) -> Result<(), Obstacle> {
        super::guard(resource, cluster, &OperatorDefaults::default())
    }

    /// What is in the way once one thing is changed: `P`, `L` or `U` and how its text begins, or nothing.
    fn found(place: &str, value: Value) -> String {
        let mut object = deployment(&[1], &json!({}));
        let (parent, field) = place.rsplit_once('/').unwrap();
        object.pointer_mut(parent).unwrap()[field] = value;
        let resource = read(Kind::FlinkDeployment, object);
        match guard(&resource, Some(&resource)) {
            Ok(()) => String::new(),
            Err(obstacle @ Obstacle::Passing(_)) => format!("P {}", obstacle.text()),
            Err(obstacle @ Obstacle::Lasting(_)) => format!("L {}", obstacle.text()),
            Err(obstacle @ Obstacle::Upgrade(_)) => format!("U {}", obstacle.text()),
        }
    }

    const SCHEDULER: &str = "/spec/flinkConfiguration/jobmanager.scheduler";

    #[rstest::rstest]
    #[case::nothing("/spec/image", json!("flink"), "")]
    #[case::native("/spec/mode", json!("native"), "")]
    #[case::later("/spec/flinkVersion", json!("v2_2"), "")]
    #[case::blue_green(
        "/metadata/ownerReferences",
        json!([{"apiVersion": "flink.apache.org/v1beta1", "kind": "FlinkBlueGreenDeployment", "name": "x", "uid": "o"}]),
        "L it belongs to the FlinkBlueGreenDeployment x"
    )]
    #[case::other_fields(
        "/metadata/managedFields",
        json!([{"manager": "flink-autoscaler", "operation": "Apply", "fieldsV1": {"f:spec": {"f:image": {}}}}]),
        "L the field manager flink-autoscaler has more"
    )]
    #[case::unreadable("/status/reconciliationStatus/lastReconciledSpec", json!("{"), "L status.reconciliationStatus.last")]
    #[case::rolled_back("/status/reconciliationStatus/state", json!("ROLLED_BACK"), "L the operator rolled it back")]
    #[case::error("/status/error", json!("no such jar"), "L the operator reports an error: no such jar")]
    #[case::no_error("/status/error", json!(""), "")]
    #[case::standalone("/spec/mode", json!("standalone"), "U the cluster is in standalone mode")]
    #[case::earlier("/spec/flinkVersion", json!("v1_17"), "U rescaling in place needs Flink 1.18 or later, and this is 1.17")]
    #[case::no_version("/spec/flinkVersion", json!(null), "U the spec's flinkVersion")]
    #[case::odd_version("/spec/flinkVersion", json!("2.0"), "U the spec's flinkVersion")]
    #[case::scheduler(SCHEDULER, json!("default"), "U flinkConfiguration does not have jobmanager.scheduler: adaptive")]
    #[case::no_scheduler(SCHEDULER, json!(null), "U flinkConfiguration does not have jobmanager.scheduler: adaptive")]
    #[case::switched_off(
        "/spec/flinkConfiguration/kubernetes.operator.job.upgrade.inplace-scaling.enabled", json!(false),
        "U kubernetes.operator.job.upgrade.inplace-scaling.enabled is false"
    )]
    #[case::deleted("/metadata/deletionTimestamp", json!("2026-01-01T00:00:00Z"), "P it is being deleted")]
    #[case::pending("/metadata/generation", json!(9), "P the operator has not taken in its last change (generation 9, observed 1)")]
    #[case::not_observed("/status/observedGeneration", json!(null), "P the operator has not taken in its last change")]
    #[case::suspended("/spec/job/state", json!("suspended"), "P its spec asks for no running job")]
    #[case::restarting("/status/jobStatus/state", json!("RESTARTING"), "P the job is RESTARTING")]
    #[case::no_job("/status/jobStatus/state", json!(null), "P the job is not known")]
    #[case::upgrading("/status/reconciliationStatus/state", json!("UPGRADING"), "P its reconciliation is UPGRADING")]
    #[case::never_deployed("/status/reconciliationStatus/lastReconciledSpec", json!(null), "P what is deployed is not known")]
    #[case::not_ready("/status/jobManagerDeploymentStatus", json!("DEPLOYING"), "P the JobManager of its cluster is DEPLOYING")]
    fn each_condition_has_its_words(#[case] place: &str, #[case] value: Value, #[case] expected: &str) {
        let said = found(place, value);
        assert!(if expected.is_empty() { said.is_empty() } else { said.starts_with(expected) }, "{said}");
    }

    #[test]
    fn of_the_operators_defaults_what_forbids_counts_and_what_may_not_be_deployed_does_not() {
        let said = |configuration: Value, key: &str, value: &str| {
            let resource = read(Kind::FlinkDeployment, deployment(&[1], &configuration));
            let defaults = OperatorDefaults::new([(key.to_owned(), value.to_owned())]);
            super::guard(&resource, Some(&resource), &defaults).err().map(|obstacle| obstacle.text().to_owned())
        };
        const IN_PLACE: &str = "kubernetes.operator.job.upgrade.inplace-scaling.enabled";
        assert!(said(json!({}), IN_PLACE, "false").is_some_and(|said| said.starts_with(IN_PLACE)));
        assert_eq!(said(json!({IN_PLACE: true}), IN_PLACE, "false"), None);
        let none = json!({"jobmanager.scheduler": null});
        assert!(said(none, "jobmanager.scheduler", "adaptive").is_some_and(|said| said.contains("does not have")));
    }

    #[test]
    fn a_session_job_has_its_clusters_mode_version_and_scheduler() {
        let mut cluster = deployment(&[], &json!({}));
        let mut job = deployment(&[1], &json!({"jobmanager.scheduler": null}));
        job["spec"]["flinkVersion"] = Value::Null;
        job["status"]["jobManagerDeploymentStatus"] = Value::Null;
        let job = read(Kind::FlinkSessionJob, job);
        assert_eq!(guard(&job, Some(&read(Kind::FlinkDeployment, cluster.clone()))), Ok(()));
        let none = guard(&job, None).unwrap_err();
        assert!(matches!(&none, Obstacle::Passing(text) if text.contains("not there, or not looked at")), "{none:?}");
        cluster["metadata"]["generation"] = 7.into();
        let changed = guard(&job, Some(&read(Kind::FlinkDeployment, cluster))).unwrap_err();
        assert_eq!(changed, Obstacle::Passing("its cluster is about to change".to_owned()));
    }

    #[test]
    fn an_upgrade_that_is_allowed_still_waits_for_what_runs() {
        let mut object = deployment(&[1], &json!({}));
        object["spec"]["mode"] = "standalone".into();
        let allowed = |object: &Value| {
            let resource = read(Kind::FlinkDeployment, object.clone());
            guard_of_upgrade(&resource, Some(&resource))
        };
        assert_eq!(allowed(&object), Ok(()));
        object["status"]["jobStatus"]["state"] = "CREATED".into();
        assert!(allowed(&object).is_err());
    }
}
