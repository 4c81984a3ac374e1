//! Handing a job over between the operator's own autoscaler and ours, without a restart: in one change that the operator's
//! comparison of specs ignores.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::conflict::OPERATORS_SWITCH;
use crate::overrides::OVERRIDES;
use crate::patch::applied_with;
use crate::resource::{FIELD_MANAGER, FlinkResource, FlinkSpec, TAKEN_OVER};

/// Our own switch, in the `flinkConfiguration` of a resource.
pub const SWITCH: &str = "job.autoscaler.external.enabled";
/// The same as an annotation, which counts first.
pub const SWITCH_ANNOTATION: &str = "flink-autoscaler/enabled";

/// The object to apply, by force, so that ours scales the job from now on: the operator's own is off, ours is on, and the spec
/// has the overrides that are deployed.
///
/// # Errors
/// Why it would not be without a restart, or would take something from its owner, and what to do about it.
pub fn takeover(resource: &FlinkResource) -> Result<Value, String> {
    settled(resource)?;
    let Some(Ok(deployed)) = &resource.status.reconciliation_status.last_reconciled_spec else {
        return Err(
            "what is deployed is not known: status.reconciliationStatus.lastReconciledSpec is not there, or can't be \
                    read"
                .to_owned(),
        );
    };
    let wanted = resource.spec.overrides().map_err(|error| error.to_string())?;
    let text = deployed.overrides_text();
    let is_same = deployed.overrides().is_ok_and(|deployed| deployed == wanted);
    let others: Vec<&str> =
        resource.override_managers.iter().map(String::as_str).filter(|manager| *manager != FIELD_MANAGER).collect();
    if !is_same && !wanted.is_empty() && (!others.is_empty() || resource.override_managers.is_empty()) {
        return Err(format!(
            "its {OVERRIDES} is its user's{}, and differs from what is deployed: have the user set it to '{}' first",
            if others.is_empty() { String::new() } else { format!(" (managed by {})", others.join(", ")) },
            text.unwrap_or_default()
        ));
    }
    if let Some(difference) = difference(&resource.spec, deployed) {
        return Err(format!(
            "{difference} differs from what is deployed, which memory tuning does: without it the operator would restart the \
             job. Switch job.autoscaler.memory.tuning.enabled off first, and let that be reconciled"
        ));
    }
    let mut values = vec![(OPERATORS_SWITCH, "false"), (SWITCH, "true")];
    if let Some(text) = text.as_deref().filter(|text| !text.is_empty()) {
        values.push((OVERRIDES, text));
    }
    let mut object = applied_with(resource, &values);
    if !is_taken_over(resource) || resource.annotations.contains_key(TAKEN_OVER) {
        object["metadata"]["annotations"] = json!({TAKEN_OVER: resource.reference.uid});
    }
    Ok(object)
}

/// The object to apply, by force, so that the operator's own scales the job from now on. The overrides stay, and the operator's
/// own puts its own on top.
///
/// # Errors
/// Why it would not be without a restart, and what to do about it.
pub fn give_back(resource: &FlinkResource) -> Result<Value, String> {
    settled(resource)?;
    Ok(applied_with(resource, &[(OPERATORS_SWITCH, "true"), (SWITCH, "false")]))
}

/// Whether the resource says that ours scales the job, and not the operator's own.
pub fn is_taken_over(resource: &FlinkResource) -> bool {
    switches(resource) == ["false", "true"].map(|text| Some(text.to_owned()))
}

/// Whether the resource says that the operator's own scales the job, and not ours.
pub fn is_given_back(resource: &FlinkResource) -> bool {
    switches(resource) == ["true", "false"].map(|text| Some(text.to_owned()))
}

/// What the switches of the operator's own and of ours say.
fn switches(resource: &FlinkResource) -> [Option<String>; 2] {
    let entries = resource.spec.entries();
    [OPERATORS_SWITCH, SWITCH].map(|key| entries.get(key).map(|text| text.trim().to_ascii_lowercase()))
}

/// Whether no change is under way, and nothing of ours would get lost.
fn settled(resource: &FlinkResource) -> Result<(), String> {
    let state = resource.status.reconciliation_status.state.as_deref();
    if resource.spec.job.is_none() {
        return Err("it has no job: it is the cluster of session jobs".to_owned());
    }
    if resource.is_being_deleted {
        return Err("it is being deleted".to_owned());
    }
    if resource.generation.is_none() || resource.is_change_pending() || state != Some("DEPLOYED") {
        return Err("a change of it is under way; try again once the operator has carried it out".to_owned());
    }
    if resource.applied.has_others {
        return Err(format!(
            "the field manager {FIELD_MANAGER} has more than keys of its flinkConfiguration, which would be \
                            removed: have those fields managed by somebody else"
        ));
    }
    Ok(())
}

/// What differs between two specs that the operator does not ignore, the overrides aside. Values are not shown.
fn difference(spec: &FlinkSpec, deployed: &FlinkSpec) -> Option<String> {
    let compared = |spec: &FlinkSpec| -> BTreeMap<String, String> {
        let is_ignored = |key: &str| {
            key.starts_with("job.autoscaler") || key.starts_with("kubernetes.operator") || key == "parallelism.default"
        };
        spec.entries().into_iter().filter(|(key, _)| !is_ignored(key) && key != OVERRIDES).collect()
    };
    let (wanted, there) = (compared(spec), compared(deployed));
    let key = wanted.keys().chain(there.keys()).find(|key| wanted.get(*key) != there.get(*key));
    if let Some(key) = key {
        return Some(format!("{key} in its flinkConfiguration"));
    }
    // Of cpu, 1 and 1.0 are the same, and nobody tunes it.
    let is_same = spec.task_manager("memory") == deployed.task_manager("memory");
    (!is_same).then(|| "the memory of its taskManager".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::Kind;

    const DEPLOYED: &str = "00000000000000000000000000000001:4";
    const OTHER: &str = "00000000000000000000000000000001:3";

    /// What the operator's own scales, with these keys in its spec.
    fn object(configuration: Value) -> Value {
        let deployed = json!({"a": "1", "job.autoscaler.enabled": "true", OVERRIDES: DEPLOYED});
        let deployed = json!({"spec": {"flinkConfiguration": deployed, "taskManager": {"resource": {"memory": "2g"}}}});
        let mut object = json!({
            "metadata": {"namespace": "orders", "name": "checkout", "uid": "u", "generation": 2, "resourceVersion": "5"},
            "spec": {"job": {}, "flinkConfiguration": {"a": 1}, "taskManager": {"resource": {"memory": "2g"}}},
            "status": {
                "observedGeneration": 2,
                "reconciliationStatus": {"state": "DEPLOYED", "lastReconciledSpec": deployed.to_string()},
            },
        });
        for (key, value) in configuration.as_object().unwrap() {
            object["spec"]["flinkConfiguration"][key] = value.clone();
        }
        object
    }

    fn read(object: Value) -> FlinkResource {
        FlinkResource::read(Kind::FlinkDeployment, serde_json::from_value(object).unwrap()).unwrap()
    }

    fn configuration(body: Result<Value, String>) -> Value {
        body.unwrap()["spec"]["flinkConfiguration"].clone()
    }

    #[test]
    fn what_is_deployed_goes_into_the_spec_with_the_switches() {
        let on = object(json!({"job.autoscaler.enabled": "true"}));
        let body = takeover(&read(on.clone())).unwrap();
        let annotations = json!({TAKEN_OVER: "u"});
        assert_eq!(body["metadata"], json!({"name": "checkout", "resourceVersion": "5", "annotations": annotations}));
        let expected = json!({"job.autoscaler.enabled": "false", SWITCH: "true", OVERRIDES: DEPLOYED});
        assert_eq!(configuration(Ok(body)), expected);
        // A switch that is nested is set where it is.
        let nested = read(object(json!({"job": {"autoscaler": {"enabled": true}}})));
        let expected = json!({"job": {"autoscaler": {"enabled": "false"}}, SWITCH: "true", OVERRIDES: DEPLOYED});
        assert_eq!(configuration(takeover(&nested)), expected);
    }

    #[test]
    fn what_was_taken_over_is_given_back_with_all_that_is_ours() {
        let mut ours = object(json!({"job.autoscaler.enabled": "false", SWITCH: "true", OVERRIDES: DEPLOYED}));
        let fields = json!({"f:job.autoscaler.enabled": {}, format!("f:{SWITCH}"): {}, format!("f:{OVERRIDES}"): {}});
        ours["metadata"]["managedFields"] = json!([{
            "manager": FIELD_MANAGER, "operation": "Apply", "fieldsV1": {"f:spec": {"f:flinkConfiguration": fields}},
        }]);
        let expected = json!({"job.autoscaler.enabled": "true", SWITCH: "false", OVERRIDES: DEPLOYED});
        assert_eq!(configuration(give_back(&read(ours.clone()))), expected);
        // Taken over again, what ours has scaled since stays ours.
        assert_eq!(takeover(&read(ours)).unwrap()["metadata"].get("annotations"), None);
    }

    #[rstest::rstest]
    #[case::a_session_cluster("/spec/job", Value::Null, "it has no job")]
    #[case::pending("/metadata/generation", json!(3), "a change of it is under way")]
    #[case::upgrading("/status/reconciliationStatus/state", json!("UPGRADING"), "a change of it is under way")]
    #[case::deleted("/metadata/deletionTimestamp", json!("2026-01-01T00:00:00Z"), "it is being deleted")]
    #[case::unknown("/status/reconciliationStatus/lastReconciledSpec", json!("{"), "what is deployed is not known")]
    #[case::tuned("/spec/taskManager/resource/memory", json!("3g"), "the memory of its taskManager differs")]
    #[case::changed("/spec/flinkConfiguration/a", json!(2), "a in its flinkConfiguration differs")]
    #[case::the_users("/spec/flinkConfiguration/pipeline.jobvertex-parallelism-overrides", json!(OTHER), "its pipeline.jobvertex")]
    fn what_would_restart_the_job_is_not_done(#[case] place: &str, #[case] value: Value, #[case] expected: &str) {
        let mut object = object(json!({"job.autoscaler.enabled": "true"}));
        let (parent, field) = place.rsplit_once('/').unwrap();
        object.pointer_mut(parent).unwrap()[field] = value;
        let problem = takeover(&read(object)).unwrap_err();
        assert!(problem.starts_with(expected), "{problem}");
    }
}
