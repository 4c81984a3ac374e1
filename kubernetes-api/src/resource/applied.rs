//! What we own of a resource. A later apply that lacks some of it would remove that.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ManagedFieldsEntry;
use k8s_openapi::jiff::Timestamp;
use kube::core::ObjectMeta;
use serde_json::Value;

/// As whom we apply.
pub const FIELD_MANAGER: &str = "flink-autoscaler";

/// The annotation, with the resource's uid, that its overrides are those with which the job was taken over. The apply that
/// takes it over has it, and each rescale, which does not have it, removes it.
pub(crate) const TAKEN_OVER: &str = "flink-autoscaler/taken-over";

/// The fields that [`FIELD_MANAGER`] has applied.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// Those in `spec.flinkConfiguration`, by the keys that lead there.
    pub configuration: Vec<Vec<String>>,
    /// Whether there are others, but for the mark of a takeover, which is to go.
    pub has_others: bool,
}

impl Applied {
    pub(super) fn of(metadata: &ObjectMeta) -> Self {
        let mut leaves = Vec::new();
        for entry in metadata.managed_fields.iter().flatten() {
            if let Some(fields) = entry.fields_v1.as_ref().filter(|_| is_ours(entry)) {
                collect(&fields.0, &mut Vec::new(), &mut leaves);
            }
        }
        let mut applied = Self::default();
        for mut leaf in leaves {
            if leaf.len() > 2 && leaf[..2] == ["spec", "flinkConfiguration"] {
                applied.configuration.push(leaf.split_off(2));
            } else if leaf != ["metadata", "annotations", TAKEN_OVER] {
                applied.has_others = true;
            }
        }
        applied
    }
}

/// When [`FIELD_MANAGER`] applied the overrides; none where somebody else has changed the spec since. A write that changes
/// neither spec nor fields of a manager leaves their time as it was.
pub(super) fn applied_at(metadata: &ObjectMeta) -> Option<Timestamp> {
    let entries = || metadata.managed_fields.iter().flatten();
    let ours = entries().find(|entry| is_ours(entry))?;
    let mut leaves = Vec::new();
    collect(&ours.fields_v1.as_ref()?.0, &mut Vec::new(), &mut leaves);
    leaves.iter().find(|leaf| leaf.join(".") == "spec.flinkConfiguration.pipeline.jobvertex-parallelism-overrides")?;
    let at = ours.time.as_ref()?.0;
    let is_later = |entry: &ManagedFieldsEntry| entry.time.as_ref().is_some_and(|time| time.0 > at);
    let has_spec =
        |entry: &ManagedFieldsEntry| entry.fields_v1.as_ref().is_some_and(|fields| fields.0.get("f:spec").is_some());
    let is_changed = entries().any(|entry| is_of_object(entry) && is_later(entry) && has_spec(entry));
    (!is_changed).then_some(at)
}

fn is_ours(entry: &ManagedFieldsEntry) -> bool {
    entry.manager.as_deref() == Some(FIELD_MANAGER)
        && entry.operation.as_deref() == Some("Apply")
        && is_of_object(entry)
}

/// Whether it is of the object itself, not of a part such as its status.
fn is_of_object(entry: &ManagedFieldsEntry) -> bool {
    entry.subresource.as_deref().unwrap_or_default().is_empty()
}

/// The fields that have none below them. What is not a field, such as an item of a list, counts as part of what it is in.
fn collect(fields: &Value, path: &mut Vec<String>, leaves: &mut Vec<Vec<String>>) {
    let below = fields.as_object().into_iter().flatten();
    let mut below = below.filter_map(|(name, inner)| Some((name.strip_prefix("f:")?, inner))).peekable();
    if below.peek().is_none() && !path.is_empty() {
        leaves.push(path.clone());
    }
    for (name, inner) in below {
        path.push(name.to_owned());
        collect(inner, path, leaves);
        path.pop();
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn applied(entries: Value) -> Applied {
        Applied::of(&serde_json::from_value(json!({"managedFields": entries})).unwrap())
    }

    #[test]
    fn only_what_we_applied_is_ours() {
        let configuration = json!({".": {}, "f:a.b": {}, "f:pipeline": {".": {}, "f:x": {}}});
        let fields = json!({"f:spec": {"f:flinkConfiguration": configuration}});
        let ours = applied(json!([
            {"manager": "flink-autoscaler", "operation": "Apply", "fieldsV1": fields},
            {"manager": "flink-autoscaler", "operation": "Update", "fieldsV1": {"f:spec": {"f:job": {}}}},
            {"manager": "kubectl", "operation": "Apply", "fieldsV1": {"f:spec": {"f:image": {}}}},
        ]));
        let keys = [vec!["a.b".to_owned()], vec!["pipeline".to_owned(), "x".to_owned()]];
        assert_eq!(ours, Applied { configuration: keys.to_vec(), has_others: false });
    }

    #[test]
    fn what_is_elsewhere_is_noticed() {
        let fields = json!({"f:metadata": {"f:annotations": {"f:a": {}}}});
        let ours = applied(json!([{"manager": "flink-autoscaler", "operation": "Apply", "fieldsV1": fields}]));
        assert_eq!(ours, Applied { configuration: Vec::new(), has_others: true });
        let fields = json!({"f:metadata": {"f:annotations": {format!("f:{TAKEN_OVER}"): {}}}});
        let mark = applied(json!([{"manager": "flink-autoscaler", "operation": "Apply", "fieldsV1": fields}]));
        assert_eq!(mark, Applied::default());
        assert_eq!(applied(json!([])), Applied::default());
    }
    #[rstest::rstest]
    #[case::alone(json!([]), true)]
    #[case::before(json!([{"manager": "kubectl", "time": "2026-01-01T00:00:00Z", "fieldsV1": {"f:spec": {"f:job": {}}}}]), true)]
    #[case::since(json!([{"manager": "kubectl", "time": "2026-01-03T00:00:00Z", "fieldsV1": {"f:spec": {"f:job": {}}}}]), false)]
    #[case::elsewhere(json!([{"manager": "kubectl", "time": "2026-01-03T00:00:00Z", "fieldsV1": {"f:metadata": {}}}]), true)]
    #[case::the_operator(json!([
        {"manager": "java", "time": "2026-01-03T00:00:00Z", "subresource": "status", "fieldsV1": {"f:spec": {}}},
    ]), true)]
    fn a_rescale_is_the_last_change_of_the_spec_or_another_matter(#[case] others: Value, #[case] is_last: bool) {
        for key in [
            json!({"f:pipeline.jobvertex-parallelism-overrides": {}}),
            json!({"f:pipeline": {"f:jobvertex-parallelism-overrides": {}}}),
        ] {
            let mut entries = others.clone();
            entries.as_array_mut().unwrap().push(json!({
                "manager": "flink-autoscaler", "operation": "Apply", "time": "2026-01-02T00:00:00Z",
                "fieldsV1": {"f:spec": {"f:flinkConfiguration": key}},
            }));
            let metadata = serde_json::from_value(json!({"managedFields": entries})).unwrap();
            assert_eq!(applied_at(&metadata), is_last.then(|| "2026-01-02T00:00:00Z".parse().unwrap()));
        }
        let others = serde_json::from_value(json!({"managedFields": others})).unwrap();
        assert_eq!(applied_at(&others), None);
    }
}
