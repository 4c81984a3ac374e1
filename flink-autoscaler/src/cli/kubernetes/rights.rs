//! The service account and what it may do: no more than what is compiled in asks for.

use serde_json::{Value, json};

use super::{NAME, Scope};

/// Account, roles and their bindings: for the whole cluster, or for each namespace whose jobs are scaled.
pub(super) fn objects(scope: &Scope) -> Vec<Value> {
    let account = json!({
        "apiVersion": "v1", "kind": "ServiceAccount",
        "metadata": {"name": NAME, "namespace": scope.namespace, "labels": labels()},
    });
    let mut objects = vec![account];
    if scope.watch.is_empty() {
        objects.extend(pair(scope, "ClusterRole", None));
    }
    let mut namespaces = scope.watch.clone();
    namespaces.sort();
    namespaces.dedup();
    for namespace in &namespaces {
        objects.extend(pair(scope, "Role", Some(namespace)));
    }
    objects
}

/// What everything of it is found by.
pub(super) fn labels() -> Value {
    json!({"app.kubernetes.io/name": NAME})
}

fn pair(scope: &Scope, kind: &str, namespace: Option<&str>) -> [Value; 2] {
    let mut metadata = json!({"name": NAME, "labels": labels()});
    if let Some(namespace) = namespace {
        metadata["namespace"] = namespace.into();
    }
    let of_resources = ["get", "list", "watch", "patch"];
    let of_resources = if scope.rest_only { &of_resources[..3] } else { &of_resources[..] };
    let rules = json!([
        {"apiGroups": ["flink.apache.org"], "resources": ["flinkdeployments", "flinksessionjobs"], "verbs": of_resources},
        // Whether the operator's own autoscaler has state: autoscaler-NAME.
        {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get"]},
    ]);
    let rules = if scope.rest_only { json!([rules[0]]) } else { rules };
    [
        json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": kind, "metadata": metadata, "rules": rules}),
        json!({
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": format!("{kind}Binding"), "metadata": metadata,
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": NAME},
            "subjects": [{"kind": "ServiceAccount", "name": NAME, "namespace": scope.namespace}],
        }),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(watch: &[&str]) -> Vec<String> {
        let watch = watch.iter().map(|namespace| (*namespace).to_owned()).collect();
        let objects = objects(&Scope { namespace: "a".to_owned(), watch, rest_only: false });
        let shown = |object: &Value| {
            let namespace = object["metadata"]["namespace"].as_str().unwrap_or("-");
            format!("{} {namespace}", object["kind"].as_str().unwrap())
        };
        objects.iter().map(shown).collect()
    }

    #[test]
    fn rights_are_no_wider_than_what_is_watched() {
        assert_eq!(kinds(&[]), ["ServiceAccount a", "ClusterRole -", "ClusterRoleBinding -"]);
        let of_two = ["ServiceAccount a", "Role x", "RoleBinding x", "Role y", "RoleBinding y"];
        assert_eq!(kinds(&["y", "x", "y"]), of_two);
    }

    #[test]
    fn over_rest_alone_nothing_may_be_changed() {
        let scope = Scope { namespace: "a".to_owned(), watch: Vec::new(), rest_only: true };
        let rules = objects(&scope)[1]["rules"].to_string();
        assert!(!rules.contains("patch") && !rules.contains("configmaps"), "{rules}");
    }
}
