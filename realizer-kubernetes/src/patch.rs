//! What to write into a resource.

use std::collections::BTreeSet;

use autoscaler_core::VertexId;
use kubernetes_api::{
    FlinkResource, FlinkSpec, OVERRIDES, Overrides, UnreadableOverrides, applied_with, overrides_text,
};
use serde_json::Value;

/// Whether the spec has what is wanted.
pub(crate) fn is_there(spec: &FlinkSpec, wanted: &Overrides) -> Result<bool, UnreadableOverrides> {
    let current = spec.overrides()?;
    Ok(wanted.iter().all(|(vertex, parallelism)| current.get(vertex) == Some(parallelism)))
}

/// The overrides that the spec should have instead of its own: of each vertex the job has, what is wanted, else what the spec or
/// what is deployed has, as an override of a vertex that is taken away is an upgrade. None where nothing is to change.
pub(crate) fn overrides(
    spec: &FlinkSpec,
    deployed: Option<&FlinkSpec>,
    existing: &BTreeSet<VertexId>,
    wanted: &Overrides,
) -> Result<Option<Overrides>, UnreadableOverrides> {
    let current = spec.overrides()?;
    let deployed = deployed.map_or(Ok(Overrides::new()), FlinkSpec::overrides)?;
    let of = |vertex: &VertexId| {
        let asked = wanted.get(vertex).filter(|parallelism| **parallelism > 0);
        asked.or_else(|| current.get(vertex)).or_else(|| deployed.get(vertex)).copied()
    };
    let new: Overrides = existing.iter().filter_map(|vertex| Some((*vertex, of(vertex)?))).collect();
    let is_changed = new.iter().any(|(vertex, parallelism)| current.get(vertex) != Some(parallelism));
    Ok(is_changed.then_some(new))
}

/// The object to apply: the overrides, and all else that we own.
pub(crate) fn body(resource: &FlinkResource, overrides: &Overrides) -> Value {
    applied_with(resource, &[(OVERRIDES, &overrides_text(overrides))])
}

#[cfg(test)]
mod tests {
    use kubernetes_api::Kind;
    use serde_json::json;

    use super::*;
    use crate::tests::{deployment, read, vertex};

    fn text(overrides: &[(u32, i32)]) -> String {
        overrides_text(&of(overrides))
    }

    fn of(overrides: &[(u32, i32)]) -> Overrides {
        overrides.iter().map(|(number, parallelism)| (vertex(*number), *parallelism)).collect()
    }

    const KEY: &str = OVERRIDES;

    /// Vertices 1 and 2 exist.
    fn planned(spec: &[(u32, i32)], deployed: &[(u32, i32)], wanted: &[(u32, i32)]) -> Option<Overrides> {
        let spec: FlinkSpec = serde_json::from_value(json!({"flinkConfiguration": {KEY: text(spec)}})).unwrap();
        let deployed: FlinkSpec = serde_json::from_value(json!({"flinkConfiguration": {KEY: text(deployed)}})).unwrap();
        overrides(&spec, Some(&deployed), &BTreeSet::from([vertex(1), vertex(2)]), &of(wanted)).unwrap()
    }

    #[rstest::rstest]
    #[case::first(&[], &[], &[(1, 3)], Some(&[(1, 3)][..]))]
    #[case::same(&[(1, 3)], &[(1, 3)], &[(1, 3)], None)]
    #[case::another_stays(&[(1, 3), (2, 2)], &[], &[(1, 4)], Some(&[(1, 4), (2, 2)][..]))]
    #[case::of_no_vertex(&[(1, 3)], &[], &[(1, 3), (9, 4)], None)]
    #[case::gone_vertices_go(&[(1, 3), (9, 4)], &[], &[(1, 4)], Some(&[(1, 4)][..]))]
    #[case::what_is_deployed_stays(&[(1, 3)], &[(1, 3), (2, 5)], &[(1, 4)], Some(&[(1, 4), (2, 5)][..]))]
    #[case::no_parallelism(&[(1, 3)], &[], &[(1, 0)], None)]
    fn no_override_of_a_vertex_is_taken_away(
        #[case] spec: &[(u32, i32)],
        #[case] deployed: &[(u32, i32)],
        #[case] wanted: &[(u32, i32)],
        #[case] expected: Option<&[(u32, i32)]>,
    ) {
        assert_eq!(planned(spec, deployed, wanted), expected.map(of));
    }

    #[test]
    fn what_is_applied_is_one_key_and_all_that_is_ours() {
        let mut object = deployment(&[1], &json!({"other": "theirs", "job": {"autoscaler": {"enabled": "false"}}}));
        let resource = read(Kind::FlinkDeployment, object.clone());
        let expected = json!({
            "apiVersion": "flink.apache.org/v1beta1",
            "kind": "FlinkDeployment",
            "metadata": {"name": "checkout", "resourceVersion": "5"},
            "spec": {"flinkConfiguration": {KEY: text(&[(1, 3)])}},
        });
        assert_eq!(body(&resource, &of(&[(1, 3)])), expected);
        let ours = json!({"f:job": {"f:autoscaler": {"f:enabled": {}}}, format!("f:{KEY}"): {}, "f:gone": {}});
        object["metadata"]["managedFields"] = json!([{
            "manager": "flink-autoscaler", "operation": "Apply", "fieldsV1": {"f:spec": {"f:flinkConfiguration": ours}},
        }]);
        let configuration = &body(&read(Kind::FlinkDeployment, object), &of(&[(1, 3)]))["spec"]["flinkConfiguration"];
        let expected = json!({KEY: text(&[(1, 3)]), "job": {"autoscaler": {"enabled": "false"}}});
        assert_eq!(configuration, &expected);
    }

    #[test]
    fn a_nested_key_is_written_where_it_is() {
        let nested = json!({"pipeline": {"jobvertex-parallelism-overrides": text(&[(1, 2)]), "name": "theirs"}});
        let resource = read(Kind::FlinkDeployment, deployment(&[1], &nested));
        let configuration = &body(&resource, &of(&[(1, 3)]))["spec"]["flinkConfiguration"];
        assert_eq!(configuration, &json!({"pipeline": {"jobvertex-parallelism-overrides": text(&[(1, 3)])}}));
    }
}
