//! The service account and what it may do: no more than what is compiled in asks for.

use serde_json::{Value, json};

use super::{NAME, Scope, Store};

/// Account, roles and their bindings: for the whole cluster, or for each namespace whose jobs are scaled; and what the store
/// needs in the namespace where it runs; and to get the operator's own configuration.
pub(super) fn objects(scope: &Scope) -> Vec<Value> {
    let account = json!({
        "apiVersion": "v1", "kind": "ServiceAccount",
        "metadata": {"name": NAME, "namespace": scope.namespace, "labels": labels()},
    });
    let mut objects = vec![account];
    if scope.watch.is_empty() {
        objects.extend(pair(scope, NAME, "ClusterRole", None, &of_jobs(scope)));
    }
    let mut namespaces = scope.watch.clone();
    namespaces.sort();
    namespaces.dedup();
    for namespace in &namespaces {
        objects.extend(pair(scope, NAME, "Role", Some(namespace), &of_jobs(scope)));
    }
    if scope.store == Store::Kubernetes {
        objects.extend(pair(scope, STATE, "Role", Some(&scope.namespace), &OF_STATE.map(Rule::object)));
    }
    if let Some(place) = &scope.operator_configuration {
        let mut rule = Rule("", &["configmaps"], &["get"]).object();
        rule["resourceNames"] = json!([place.name]);
        objects.extend(pair(scope, OPERATOR_CONFIGURATION, "Role", Some(&place.namespace), &[rule]));
    }
    objects
}

/// The role of what it does where it runs; the other may be there as well.
const STATE: &str = "flink-autoscaler-state";
/// The role in the operator's namespace, which may be watched as well.
const OPERATOR_CONFIGURATION: &str = "flink-autoscaler-operator-configuration";

/// What everything of it is found by.
pub(super) fn labels() -> Value {
    json!({"app.kubernetes.io/name": NAME})
}

/// What may be done with which resources of a group.
struct Rule(&'static str, &'static [&'static str], &'static [&'static str]);

impl Rule {
    fn object(self) -> Value {
        let Self(group, resources, verbs) = self;
        json!({"apiGroups": [group], "resources": resources, "verbs": verbs})
    }
}

/// Where the jobs are.
fn of_jobs(scope: &Scope) -> Vec<Value> {
    let of_resources: &[&str] =
        if scope.rest_only { &["get", "list", "watch"] } else { &["get", "list", "watch", "patch"] };
    let mut rules = vec![Rule("flink.apache.org", &["flinkdeployments", "flinksessionjobs"], of_resources)];
    match scope.store {
        // The jobs' state.
        Store::Kubernetes => {
            rules.push(Rule("", &["configmaps"], &["get", "list", "create", "update", "delete"]));
        }
        // Whether the operator's own autoscaler has state: autoscaler-NAME.
        Store::Sqlite => rules.push(Rule("", &["configmaps"], &["get"])),
    }
    if scope.proxy {
        rules.push(Rule("", &["services/proxy"], &["get", "update"]));
    }
    if scope.events {
        rules.push(Rule("", &["events"], &["get", "create", "patch"]));
    }
    rules.into_iter().map(Rule::object).collect()
}

/// Where it runs: the right to act, and the state of jobs of which nothing is known but that, which is looked for there, too.
const OF_STATE: [Rule; 2] =
    [Rule("coordination.k8s.io", &["leases"], &["get", "create", "update"]), Rule("", &["configmaps"], &["list"])];

fn pair(scope: &Scope, name: &str, kind: &str, namespace: Option<&str>, rules: &[Value]) -> [Value; 2] {
    let mut metadata = json!({"name": name, "labels": labels()});
    if let Some(namespace) = namespace {
        metadata["namespace"] = namespace.into();
    }
    [
        json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": kind, "metadata": metadata, "rules": rules}),
        json!({
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": format!("{kind}Binding"), "metadata": metadata,
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": name},
            "subjects": [{"kind": "ServiceAccount", "name": NAME, "namespace": scope.namespace}],
        }),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope(watch: &[&str], rest_only: bool, store: Store) -> Scope {
        let watch = watch.iter().map(|namespace| (*namespace).to_owned()).collect();
        Scope {
            namespace: "a".to_owned(),
            watch,
            rest_only,
            proxy: false,
            store,
            events: false,
            operator_configuration: None,
        }
    }

    fn kinds(watch: &[&str], store: Store) -> Vec<String> {
        let shown = |object: &Value| {
            let namespace = object["metadata"]["namespace"].as_str().unwrap_or("-");
            format!("{} {namespace}", object["kind"].as_str().unwrap())
        };
        objects(&scope(watch, false, store)).iter().map(shown).collect()
    }

    #[test]
    fn rights_are_no_wider_than_what_is_watched() {
        assert_eq!(kinds(&[], Store::Sqlite), ["ServiceAccount a", "ClusterRole -", "ClusterRoleBinding -"]);
        let of_two = ["ServiceAccount a", "Role x", "RoleBinding x", "Role y", "RoleBinding y"];
        assert_eq!(kinds(&["y", "x", "y"], Store::Sqlite), of_two);
        assert_eq!(kinds(&["y", "x"], Store::Kubernetes), [&of_two[..], &["Role a", "RoleBinding a"]].concat());
    }

    #[test]
    fn where_it_runs_and_what_it_watches_may_be_one_namespace() {
        let operator_configuration = Some("a/flink-operator-config".parse().unwrap());
        let objects = objects(&Scope { operator_configuration, ..scope(&["a"], false, Store::Kubernetes) });
        let named = |object: &Value| format!("{} {}", object["kind"], object["metadata"]["name"]);
        let names: std::collections::BTreeSet<String> = objects.iter().map(named).collect();
        assert_eq!(names.len(), objects.len());
    }

    #[test]
    fn events_may_be_written_only_where_that_is_asked_for() {
        let rules = |events| objects(&Scope { events, ..scope(&["x"], true, Store::Sqlite) })[1]["rules"].to_string();
        assert!(!rules(false).contains("events") && rules(true).contains("events"), "{}", rules(true));
        let proxied = Scope { proxy: true, ..scope(&["x"], true, Store::Sqlite) };
        let proxied = objects(&proxied)[1]["rules"].to_string();
        assert!(proxied.contains(r#"["services/proxy"]"#) && !rules(true).contains("services"), "{proxied}");
    }

    #[test]
    fn of_the_operators_namespace_one_config_map_may_be_read() {
        let operator_configuration = Some("flink/flink-operator-config".parse().unwrap());
        let objects = objects(&Scope { operator_configuration, ..scope(&["x"], true, Store::Sqlite) });
        let there: Vec<_> = objects.iter().filter(|object| object["metadata"]["namespace"] == "flink").collect();
        let only = json!([
            {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get"], "resourceNames": ["flink-operator-config"]},
        ]);
        assert_eq!((there.len(), &there[0]["rules"]), (2, &only));
        assert_eq!((&there[1]["subjects"][0]["namespace"], &there[1]["kind"]), (&json!("a"), &json!("RoleBinding")));
    }

    #[test]
    fn over_rest_alone_no_resource_may_be_changed() {
        let rules = |store| objects(&scope(&[], true, store))[1]["rules"].to_string();
        for (store, of_maps) in [(Store::Sqlite, r#"["get"]"#), (Store::Kubernetes, r#"["get","list","create""#)] {
            let rules = rules(store);
            let of_maps = format!(r#""resources":["configmaps"],"verbs":{of_maps}"#);
            assert!(!rules.contains("patch") && rules.contains(&of_maps), "{rules}");
        }
    }
}
