//! What we own of a resource. A later apply that lacks some of it would remove that.

use kube::core::ObjectMeta;
use serde_json::Value;

/// As whom we apply.
pub const FIELD_MANAGER: &str = "flink-autoscaler";

/// The fields that [`FIELD_MANAGER`] has applied.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// Those in `spec.flinkConfiguration`, by the keys that lead there.
    pub configuration: Vec<Vec<String>>,
    /// Whether there are others.
    pub has_others: bool,
}

impl Applied {
    pub(super) fn of(metadata: &ObjectMeta) -> Self {
        let mut leaves = Vec::new();
        for entry in metadata.managed_fields.iter().flatten() {
            let is_ours = entry.manager.as_deref() == Some(FIELD_MANAGER)
                && entry.operation.as_deref() == Some("Apply")
                && entry.subresource.as_deref().unwrap_or_default().is_empty();
            if let Some(fields) = entry.fields_v1.as_ref().filter(|_| is_ours) {
                collect(&fields.0, &mut Vec::new(), &mut leaves);
            }
        }
        let mut applied = Self::default();
        for mut leaf in leaves {
            if leaf.len() > 2 && leaf[..2] == ["spec", "flinkConfiguration"] {
                applied.configuration.push(leaf.split_off(2));
            } else {
                applied.has_others = true;
            }
        }
        applied
    }
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
        assert_eq!(applied(json!([])), Applied::default());
    }
}
