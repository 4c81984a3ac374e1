//! The Helm chart: it installs what `kubernetes manifest` prints, and refuses values that can't be used.

use std::path::PathBuf;
use std::process::Command;
use std::sync::LazyLock;

use serde_json::{Value, json};
use servers::kubernetes::TestNamespace;
use tempfile::NamedTempFile;

use crate::manifests::{dry_run, remarks};
use crate::support::printed;

const CHART: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../packaging/helm/flink-autoscaler");
/// What the chart puts on everything, beyond what is printed.
const LABELS: [&str; 4] =
    ["app.kubernetes.io/instance", "app.kubernetes.io/version", "app.kubernetes.io/managed-by", "helm.sh/chart"];

#[expect(clippy::print_stderr, reason = "a build of minutes is said where it is waited for")]
static HELM: LazyLock<PathBuf> = LazyLock::new(|| servers::kubernetes::helm(&|line| eprintln!("{line}")).unwrap());

/// What Helm says, and whether it is content.
fn helm(arguments: &[&str]) -> (bool, String) {
    // Nothing of the user's own counts.
    let home = tempfile::tempdir().unwrap();
    let mut command = Command::new(HELM.as_path());
    command.args(arguments).env("HOME", home.path()).env_remove("KUBECONFIG");
    let output = command.output().unwrap();
    let bytes = if output.status.success() { output.stdout } else { output.stderr };
    (output.status.success(), String::from_utf8(bytes).unwrap())
}

fn rendered(release: &str, namespace: &str, values: &Value) -> (bool, String) {
    let file = NamedTempFile::new().unwrap();
    std::fs::write(file.path(), values.to_string()).unwrap();
    let file = file.path().to_str().unwrap();
    helm(&["template", release, CHART, "--namespace", namespace, "--kube-version", "1.33", "--values", file])
}

/// The objects of a release of the chart's own name.
fn objects(namespace: &str, values: &Value) -> Vec<Value> {
    let (is_rendered, text) = rendered("flink-autoscaler", namespace, values);
    assert!(is_rendered, "{values}: {text}");
    // A template that has nothing to say leaves an empty document.
    let all: Vec<Value> = serde_saphyr::from_multiple(&text).unwrap();
    all.into_iter().filter(|object| !object.is_null()).collect()
}

/// Sorted, with options as options and without what the chart adds.
fn compared(mut objects: Vec<Value>) -> Vec<Value> {
    objects.retain(|object| object["kind"] != "Namespace");
    for object in &mut objects {
        strip(object);
        if object["kind"] == "ConfigMap" {
            let text = object["data"]["config.yaml"].as_str().unwrap().to_owned();
            object["data"]["config.yaml"] = serde_saphyr::from_str(&text).unwrap();
        }
    }
    objects.sort_by_key(|object| {
        format!("{} {} {}", object["kind"], object["metadata"]["namespace"], object["metadata"]["name"])
    });
    objects
}

fn strip(value: &mut Value) {
    let Some(fields) = value.as_object_mut() else {
        value.as_array_mut().into_iter().flatten().for_each(strip);
        return;
    };
    LABELS.iter().for_each(|label| drop(fields.remove(*label)));
    if let Some(annotations) = fields.get_mut("annotations").and_then(Value::as_object_mut) {
        annotations.remove("checksum/config");
        if annotations.is_empty() {
            fields.remove("annotations");
        }
    }
    fields.values_mut().for_each(strip);
}

/// Values, and the parameters of `kubernetes manifest` that mean the same.
fn pairs(namespace: &str) -> Vec<(Value, Vec<String>)> {
    let place = format!("{namespace}/flink-operator-config");
    let digest = format!("sha256:{}", "0".repeat(64));
    let image = format!("registry:5000/a@{digest}");
    let parameters = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    vec![
        (json!({}), parameters(&[])),
        (
            json!({
                "watchNamespaces": [namespace], "restOnly": true, "events": true, "operatorConfiguration": place,
                "http": {"existingSecret": "token"}, "image": {"repository": "registry:5000/a", "digest": digest},
            }),
            parameters(&[
                "--watch",
                namespace,
                "--rest-only",
                "--events",
                "--operator-configuration",
                &place,
                "--http-secret",
                "token",
                "--image",
                &image,
            ]),
        ),
        (
            json!({
                "replicas": 2, "store": {"type": "kubernetes"}, "watchNamespaces": [namespace],
                "image": {"repository": "a", "tag": "b"},
            }),
            parameters(&["--watch", namespace, "--store", "kubernetes", "--replicas", "2", "--image", "a:b"]),
        ),
        (
            json!({"store": {"type": "kubernetes"}, "restOnly": true, "proxy": true, "events": true}),
            parameters(&["--store", "kubernetes", "--rest-only", "--proxy", "--events"]),
        ),
    ]
}

#[tokio::test]
async fn the_chart_installs_what_is_printed() {
    let namespace = TestNamespace::create().await;
    for (values, parameters) in pairs(&namespace.name) {
        let mut command = vec!["kubernetes", "manifest", "--namespace", &namespace.name];
        command.extend(parameters.iter().map(String::as_str));
        let printed: Vec<Value> = serde_saphyr::from_multiple(&printed(&command)).unwrap();
        let of_chart = objects(&namespace.name, &values);
        dry_run(&namespace, &of_chart).await;
        let (of_chart, printed) = (compared(of_chart), compared(printed));
        assert_eq!(of_chart, printed, "{values}");
    }
}

/// What only the chart can do is valid, too, and its options are known.
#[tokio::test]
async fn what_only_the_chart_has_is_valid() {
    let namespace = TestNamespace::create().await;
    let values = json!({
        "replicas": 3, "imagePullSecrets": [{"name": "registry"}], "image": {"repository": "a", "pullPolicy": "Always"},
        "store": {"type": "jdbc", "jdbc": {
            "url": "jdbc:postgresql://db:5432/flink", "username": "flink", "existingSecret": "db", "passwordKey": "pwd",
        }},
        "options": {
            "job.autoscaler.metrics.window": "10 min", "job.autoscaler.target.utilization.boundary": 0.2,
            "job.autoscaler.history.max.count": 1_000_000, "job.autoscaler.scaling.enabled": false,
            "autoscaler.standalone.high-availability.lease-duration": "20 s",
        },
        "http": {"existingSecret": "token", "service": {"annotations": {"a": "b"}}},
        "prometheus": {"annotations": true},
        "podDisruptionBudget": {"minAvailable": "50%"},
        "serviceAccount": {"name": "another", "annotations": {"eks.amazonaws.com/role-arn": "arn"}},
        "env": [{"name": "RUST_LOG", "value": "info"}],
        "volumes": [{"name": "ca", "secret": {"secretName": "ca"}}],
        "volumeMounts": [{"name": "ca", "mountPath": "/etc/ca", "readOnly": true}],
        "podAnnotations": {"a": "b"}, "podLabels": {"team": "data"}, "nodeSelector": {"disk": "ssd"},
        "tolerations": [{"key": "a", "operator": "Exists"}], "priorityClassName": "high",
        "affinity": {"podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [
            {"weight": 1, "podAffinityTerm": {"topologyKey": "kubernetes.io/hostname"}},
        ]}},
        "topologySpreadConstraints": [
            {"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "ScheduleAnyway"},
        ],
    });
    let objects = objects(&namespace.name, &values);
    dry_run(&namespace, &objects).await;
    let of = |kind: &str| objects.iter().find(|object| object["kind"] == kind).unwrap();
    let options = of("ConfigMap")["data"]["config.yaml"].as_str().unwrap();
    assert!(options.contains("job.autoscaler.history.max.count: \"1000000\""), "{options}");
    let said = remarks(options);
    assert!(said.lines().count() == 1 && said.contains("state is kept in memory only"), "{said}");
    let pod = &of("Deployment")["spec"]["template"];
    assert_eq!(pod["metadata"]["annotations"]["prometheus.io/path"], "/metrics");
    assert_eq!(pod["spec"]["serviceAccountName"], "another");
    let password = json!({"name": "JDBC_PWD", "valueFrom": {"secretKeyRef": {"name": "db", "key": "pwd"}}});
    let container = &pod["spec"]["containers"][0];
    assert!(container["env"].as_array().unwrap().contains(&password), "{container}");
    assert_eq!(of("PodDisruptionBudget")["spec"]["minAvailable"], "50%");
}

/// The Prometheus Operator's resource is not known to the API server here.
#[test]
fn a_service_monitor_carries_the_token() {
    let values = json!({
        "http": {"existingSecret": "secret"}, "prometheus": {"serviceMonitor": {"enabled": true, "labels": {"release": "p"}}},
    });
    let objects = objects("ns", &values);
    let of = |kind: &str| objects.iter().find(|object| object["kind"] == kind).unwrap();
    let (monitor, service) = (of("ServiceMonitor"), of("Service"));
    let authorization = json!({"credentials": {"name": "secret", "key": "token"}});
    let endpoint = json!({"port": "http", "path": "/metrics", "interval": "30s", "authorization": authorization});
    assert_eq!(monitor["spec"]["endpoints"], json!([endpoint]));
    assert_eq!(service["spec"]["ports"][0]["name"], "http");
    let selected = monitor["spec"]["selector"]["matchLabels"].as_object().unwrap();
    assert!(selected.iter().all(|(label, value)| service["metadata"]["labels"][label] == *value), "{selected:?}");
    assert_eq!(monitor["metadata"]["labels"]["release"], "p");
}

/// Two releases in a namespace have nothing in common but that.
#[test]
fn releases_are_kept_apart() {
    let values = json!({"store": {"type": "kubernetes"}, "http": {"existingSecret": "token"}});
    let of = |release: &str| {
        let (is_rendered, text) = rendered(release, "ns", &values);
        assert!(is_rendered, "{text}");
        let all: Vec<Value> = serde_saphyr::from_multiple(&text).unwrap();
        all.into_iter().filter(|object| !object.is_null()).collect::<Vec<_>>()
    };
    let (one, other) = (of("one"), of("other"));
    let named = |object: &Value| format!("{} {}", object["kind"], object["metadata"]["name"]);
    assert!(one.iter().all(|object| !other.iter().map(named).any(|name| name == named(object))), "{one:?}");
    let selector = |objects: &[Value]| {
        let service = objects.iter().find(|object| object["kind"] == "Service").unwrap();
        service["spec"]["selector"].clone()
    };
    assert_ne!(selector(&one), selector(&other));
    // The Lease and the state, too.
    assert!(
        one.iter().any(|object| object.to_string().contains("kubernetes.instance: one-flink-autoscaler")),
        "{one:?}"
    );
}

#[test]
fn values_that_cannot_be_used_are_refused() {
    for (values, named) in [
        (json!({"replica": 2}), "replica"),
        (json!({"replicas": 0}), "replicas"),
        (json!({"replicas": 2}), "replicas"),
        (json!({"replicas": "2", "store": {"type": "kubernetes"}}), "replicas"),
        (json!({"store": {"type": "postgres"}}), "store"),
        (json!({"store": {"type": "jdbc"}}), "url"),
        (json!({"store": {"type": "jdbc", "jdbc": {"url": "postgresql://db/flink"}}}), "url"),
        (json!({"store": {"sqlite": {"size": "much"}}}), "size"),
        (json!({"watchNamespaces": "orders"}), "watchNamespaces"),
        (json!({"watchNamespaces": ["Orders"]}), "watchNamespaces"),
        (json!({"operatorConfiguration": "flink-operator-config"}), "operatorConfiguration"),
        (json!({"options": {"job": {"autoscaler": {"metrics": {"window": "1 min"}}}}}), "options"),
        (json!({"image": {"repository": "a", "digest": "latest"}}), "digest"),
        (json!({"image": {"repository": ""}}), "repository"),
        (json!({"restOnly": "yes"}), "restOnly"),
        (json!({"prometheus": {"serviceMonitor": {"enabled": true}}}), "existingSecret"),
        (json!({"prometheus": {"annotations": true}}), "existingSecret"),
        (json!({"env": [{"value": "info"}]}), "env"),
    ] {
        let (is_rendered, said) = rendered("flink-autoscaler", "ns", &values);
        assert!(!is_rendered, "{values} is taken");
        assert!(
            said.contains("don't meet the specifications of the schema") && said.contains(named),
            "{values}: {said}"
        );
    }
}

#[test]
fn the_chart_is_whole() {
    let (is_content, said) = helm(&["lint", "--strict", "--kube-version", "1.33", CHART]);
    assert!(is_content && said.contains("0 chart(s) failed"), "{said}");
    let chart = std::fs::read_to_string(format!("{CHART}/Chart.yaml")).unwrap();
    let chart: Value = serde_saphyr::from_str(&chart).unwrap();
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!((chart["version"].as_str(), chart["appVersion"].as_str()), (Some(version), Some(version)));
}

/// Each value is explained, and none that there isn't.
#[test]
fn the_readme_has_every_value() {
    let read = |name: &str| std::fs::read_to_string(format!("{CHART}/{name}")).unwrap();
    let values: Value = serde_saphyr::from_str(&read("values.yaml")).unwrap();
    let schema: Value = serde_json::from_str(&read("values.schema.json")).unwrap();
    let readme = read("README.md");
    for name in values.as_object().unwrap().keys() {
        assert!(
            readme.contains(&format!("`{name}`")) || readme.contains(&format!("`{name}.")),
            "{name} is not explained"
        );
        assert!(schema["properties"][name].is_object(), "{name} is not in the schema");
    }
}
