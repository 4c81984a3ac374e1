//! Whether the operator's own autoscaler scales a job: then ours keeps out of it.

use std::collections::BTreeMap;

use crate::defaults::{OperatorDefaults, written};
use crate::key::Kind;
use crate::overrides::OVERRIDES;
use crate::resource::FlinkResource;

/// The switch of the operator's own autoscaler.
pub const OPERATORS_SWITCH: &str = "job.autoscaler.enabled";
/// What it is read from where the other is not set.
pub const OPERATORS_OLD_SWITCH: &str = "kubernetes.operator.job.autoscaler.enabled";

/// Why a job is not to be scaled by us, and what to do about it: the operator's own autoscaler is switched on for it, or what
/// is deployed shows that it is. `cluster` is the FlinkDeployment of the job's cluster, the resource itself or another;
/// `defaults` are the operator's. Where these are not read, only what comes of them is seen.
pub fn conflict(
    resource: &FlinkResource,
    cluster: Option<&FlinkResource>,
    defaults: &OperatorDefaults,
) -> Option<String> {
    let why = if let Some(switch) = switched_on(&defaults.merged(resource, cluster)) {
        let whose = match written(resource, cluster).contains_key(switch) {
            true => "its flinkConfiguration or its cluster's",
            false => "the operator's own configuration",
        };
        format!("{switch} is true in {whose}")
    } else if is_deployed_with_more(resource) {
        format!("it is deployed with {OVERRIDES} that its spec does not have, so somebody else sets them")
    } else {
        return None;
    };
    Some(because(resource, &why))
}

/// The same where the operator's ConfigMap `autoscaler-NAME` has data, which it empties when it is off.
pub fn conflict_by_state(resource: &FlinkResource) -> String {
    because(resource, &format!("its state is kept in the ConfigMap autoscaler-{}", resource.reference.name))
}

fn because(resource: &FlinkResource, why: &str) -> String {
    let of = &resource.reference;
    let kind = if of.kind == Kind::FlinkSessionJob { " --session-job" } else { "" };
    // Its switch alone would have the operator see its overrides removed, which is an upgrade.
    format!(
        "The operator's own autoscaler is on for {of}: {why}. Two would work against each other, so this one does nothing. To \
         have this one scale the job, without a restart: flink-autoscaler kubernetes takeover {}/{}{kind}. To leave it to the \
         other: annotation flink-autoscaler/enabled: \"false\"",
        of.namespace, of.name
    )
}

/// The key by which the operator's own autoscaler is on.
fn switched_on(entries: &BTreeMap<String, String>) -> Option<&'static str> {
    // The operator looks for the old key in all layers together, not layer by layer.
    let key = [OPERATORS_SWITCH, OPERATORS_OLD_SWITCH].into_iter().find(|key| entries.contains_key(*key))?;
    entries[key].trim().eq_ignore_ascii_case("true").then_some(key)
}

/// Whether the deployed spec has overrides that are not in the spec, with no change under way that would explain it.
fn is_deployed_with_more(resource: &FlinkResource) -> bool {
    let reconciliation = &resource.status.reconciliation_status;
    let is_settled = !resource.is_change_pending() && reconciliation.state.as_deref() == Some("DEPLOYED");
    let Some(Ok(deployed)) = &reconciliation.last_reconciled_spec else { return false };
    if !is_settled {
        return false;
    }
    match (deployed.overrides(), resource.spec.overrides()) {
        (Ok(deployed), Ok(wanted)) => deployed.iter().any(|(vertex, of)| wanted.get(vertex) != Some(of)),
        // What can't be read can only be compared.
        _ => deployed.overrides_text().is_some_and(|text| resource.spec.overrides_text() != Some(text)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn conflict(resource: &FlinkResource, cluster: Option<&FlinkResource>) -> Option<String> {
        super::conflict(resource, cluster, &OperatorDefaults::default())
    }

    const A: &str = "00000000000000000000000000000001:3";
    const B: &str = "00000000000000000000000000000002:4";

    fn read(kind: Kind, configuration: Value, deployed: Value, change: Option<(&str, Value)>) -> FlinkResource {
        let deployed = json!({"spec": {"flinkConfiguration": deployed}}).to_string();
        let mut object = json!({
            "metadata": {"namespace": "orders", "name": "checkout", "uid": "u", "generation": 2},
            "spec": {"flinkConfiguration": configuration, "deploymentName": "c"},
            "status": {
                "observedGeneration": 2,
                "reconciliationStatus": {"state": "DEPLOYED", "lastReconciledSpec": deployed},
            },
        });
        if let Some((place, value)) = change {
            *object.pointer_mut(place).unwrap() = value;
        }
        FlinkResource::read(kind, serde_json::from_value(object).unwrap()).unwrap()
    }

    #[rstest::rstest]
    #[case(json!({}), false)]
    #[case(json!({"job.autoscaler.enabled": "true"}), true)]
    #[case(json!({"job": {"autoscaler": {"enabled": true}}}), true)]
    #[case(json!({"kubernetes.operator.job.autoscaler.enabled": " True"}), true)]
    #[case(json!({"kubernetes.operator.job.autoscaler.enabled": true, "job.autoscaler.enabled": false}), false)]
    fn the_operators_switch_is_read_as_the_operator_reads_it(#[case] configuration: Value, #[case] is_on: bool) {
        let deployment = read(Kind::FlinkDeployment, configuration.clone(), json!({}), None);
        assert_eq!(conflict(&deployment, Some(&deployment)).is_some(), is_on);
        // A session job has what its cluster has, unless it has another.
        let job = read(Kind::FlinkSessionJob, json!({}), json!({}), None);
        assert_eq!(conflict(&job, Some(&deployment)).is_some(), is_on);
        let off = read(Kind::FlinkSessionJob, json!({"job.autoscaler.enabled": false}), json!({}), None);
        assert_eq!(conflict(&off, Some(&deployment)), None);
    }

    #[rstest::rstest]
    #[case::on(&[(OPERATORS_SWITCH, "true")], json!({}), Some(OPERATORS_SWITCH))]
    #[case::by_the_old_key(&[(OPERATORS_OLD_SWITCH, "true")], json!({}), Some(OPERATORS_OLD_SWITCH))]
    #[case::off_in_the_resource(&[(OPERATORS_SWITCH, "true")], json!({OPERATORS_SWITCH: false}), None)]
    #[case::the_old_key_does_not_count(
        &[(OPERATORS_SWITCH, "true")], json!({OPERATORS_OLD_SWITCH: false}), Some(OPERATORS_SWITCH)
    )]
    #[case::of_the_namespace(
        &[("kubernetes.operator.default-configuration.namespace.orders.job.autoscaler.enabled", "true")],
        json!({}), Some(OPERATORS_SWITCH)
    )]
    #[case::of_another(
        &[("kubernetes.operator.default-configuration.namespace.other.job.autoscaler.enabled", "true")],
        json!({}), None
    )]
    fn on_by_default_is_on(#[case] defaults: &[(&str, &str)], #[case] configuration: Value, #[case] by: Option<&str>) {
        let defaults =
            OperatorDefaults::new(defaults.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())));
        let cluster = read(Kind::FlinkDeployment, json!({}), json!({}), None);
        let found = Kind::ALL.map(|kind| {
            let resource = read(kind, configuration.clone(), json!({}), None);
            super::conflict(&resource, Some(&cluster), &defaults)
        });
        for said in found {
            let is_said = |key: &str| {
                said.as_ref().is_some_and(|said| said.contains(&format!("{key} is true in the operator's own config")))
            };
            assert_eq!(said.is_some(), by.is_some());
            assert!(by.is_none_or(is_said), "{said:?}");
        }
    }

    #[rstest::rstest]
    #[case::none(json!({}), json!({}), None, false)]
    #[case::its_own(json!({OVERRIDES: A}), json!({OVERRIDES: A}), None, false)]
    #[case::in_another_order(json!({OVERRIDES: format!("{A},{B}")}), json!({OVERRIDES: format!("{B},{A}")}), None, false)]
    #[case::fewer(json!({OVERRIDES: format!("{A},{B}")}), json!({OVERRIDES: A}), None, false)]
    #[case::none_in_the_spec(json!({}), json!({OVERRIDES: A}), None, true)]
    #[case::on_top(json!({OVERRIDES: A}), json!({OVERRIDES: format!("{A},{B}")}), None, true)]
    #[case::unreadable(json!({OVERRIDES: "x"}), json!({OVERRIDES: A}), None, true)]
    #[case::not_yet_reconciled(json!({}), json!({OVERRIDES: A}), Some(("/status/observedGeneration", json!(1))), false)]
    #[case::upgrading(
        json!({}), json!({OVERRIDES: A}), Some(("/status/reconciliationStatus/state", json!("UPGRADING"))), false
    )]
    fn what_is_deployed_tells_of_another(
        #[case] configuration: Value,
        #[case] deployed: Value,
        #[case] change: Option<(&str, Value)>,
        #[case] is_on: bool,
    ) {
        let resource = read(Kind::FlinkDeployment, configuration, deployed, change);
        assert_eq!(conflict(&resource, Some(&resource)).is_some(), is_on);
    }

    #[test]
    fn the_way_out_is_a_command() {
        let on = read(Kind::FlinkSessionJob, json!({"job.autoscaler.enabled": true}), json!({OVERRIDES: A}), None);
        let said = conflict(&on, None).unwrap();
        assert!(
            said.starts_with("The operator's own autoscaler is on for FlinkSessionJob orders/checkout: "),
            "{said}"
        );
        assert!(said.contains("flink-autoscaler kubernetes takeover orders/checkout --session-job."), "{said}");
        assert!(conflict_by_state(&on).contains("ConfigMap autoscaler-checkout"));
    }
}
