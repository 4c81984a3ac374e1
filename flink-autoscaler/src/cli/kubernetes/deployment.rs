//! All that runs it: namespace, rights, options, a volume where its state is in a file, the deployment, a budget of disruptions where
//! there are replicas, and a service where it is asked over HTTP.

use std::collections::BTreeMap;

use anyhow::Result;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::rights::{self, labels};
use super::{NAME, Scope, Store};

const CONFIGURATION: &str = "/etc/flink-autoscaler";
const STATE: &str = "/var/lib/flink-autoscaler";
const PORT: u16 = 8090;
/// The user of the image.
const USER: u32 = 65532;

/// In the order in which they are to be applied.
pub(super) fn objects(scope: &Scope, image: &str, http_secret: Option<&str>, replicas: u16) -> Result<Vec<Value>> {
    let mut objects = vec![
        json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": scope.namespace, "labels": labels()}}),
    ];
    objects.extend(rights::objects(scope));
    let metadata = json!({"name": NAME, "namespace": scope.namespace, "labels": labels()});
    let options: BTreeMap<String, Value> = serde_json::from_value(options(scope, http_secret.is_some()))?;
    let configuration = serde_saphyr::to_string(&options)?;
    // Options are read at the start: another configuration is another pod.
    let annotations = json!({"checksum/config": checksum(&configuration)});
    objects.push(json!({
        "apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata,
        "data": {"config.yaml": configuration},
    }));
    let mut deployment = json!({
        "replicas": replicas,
        "selector": {"matchLabels": labels()},
        "template": {"metadata": {"labels": labels(), "annotations": annotations}, "spec": pod(image, http_secret, scope.store)},
    });
    if scope.store == Store::Sqlite {
        objects.push(json!({
            "apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": metadata,
            "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
        }));
        // The volume, and the jobs, are one process's at a time.
        deployment["strategy"] = json!({"type": "Recreate"});
    }
    objects.push(json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": deployment}));
    if replicas > 1 {
        // Nodes that are emptied take them one after the other.
        objects.push(json!({
            "apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": metadata,
            "spec": {"minAvailable": 1, "selector": {"matchLabels": labels()}},
        }));
    }
    if http_secret.is_some() {
        objects.push(json!({
            "apiVersion": "v1", "kind": "Service", "metadata": metadata,
            "spec": {"selector": labels(), "ports": [{"name": "http", "port": PORT, "targetPort": "http"}]},
        }));
    }
    Ok(objects)
}

/// SHA-256 in hex.
fn checksum(text: &str) -> String {
    let hash = Sha256::digest(text.as_bytes());
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn options(scope: &Scope, is_served: bool) -> Value {
    let mut options = json!({
        "autoscaler.standalone.fetcher.type": "KUBERNETES",
        "autoscaler.standalone.realizer.type": "KUBERNETES",
    });
    let handlers = if scope.store == Store::Sqlite { "LOGGING,JDBC" } else { "LOGGING" };
    let handlers = if scope.events { format!("{handlers},KUBERNETES") } else { handlers.to_owned() };
    options["autoscaler.standalone.event-handler.type"] = handlers.into();
    match scope.store {
        Store::Sqlite => {
            options["autoscaler.standalone.state-store.type"] = "SQLITE".into();
            options["autoscaler.standalone.state-store.sqlite.file"] = format!("{STATE}/flink-autoscaler.db").into();
        }
        Store::Kubernetes => {
            options["autoscaler.standalone.state-store.type"] = "KUBERNETES".into();
            // With one replica, too: while it is replaced there are two.
            options["autoscaler.standalone.high-availability.enabled"] = "true".into();
            if !scope.watch.is_empty() {
                options["autoscaler.standalone.state-store.kubernetes.namespaces"] = scope.watch.join(";").into();
            }
        }
    }
    if is_served {
        options["autoscaler.standalone.http.address"] = format!("0.0.0.0:{PORT}").into();
    }
    if !scope.watch.is_empty() {
        options["autoscaler.standalone.fetcher.kubernetes.namespaces"] = scope.watch.join(";").into();
    }
    if let Some(place) = &scope.operator_configuration {
        options["autoscaler.standalone.fetcher.kubernetes.operator-configuration"] = place.to_string().into();
    }
    if scope.proxy {
        options["autoscaler.standalone.fetcher.kubernetes.access"] = "PROXY".into();
    }
    if scope.rest_only {
        options["autoscaler.standalone.realizer.kubernetes.mode"] = "REST".into();
    }
    options
}

fn pod(image: &str, http_secret: Option<&str>, store: Store) -> Value {
    let mut container = json!({
        "name": NAME,
        "image": image,
        "args": ["run"],
        "env": [{"name": "FLINK_CONF_DIR", "value": CONFIGURATION}],
        "resources": {"requests": {"cpu": "50m", "memory": "64Mi"}, "limits": {"memory": "256Mi"}},
        "securityContext": {
            "allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true, "capabilities": {"drop": ["ALL"]},
        },
    });
    let mut mounts = vec![json!({"name": "configuration", "mountPath": CONFIGURATION, "readOnly": true})];
    let mut volumes = vec![json!({"name": "configuration", "configMap": {"name": NAME}})];
    if store == Store::Sqlite {
        mounts.push(json!({"name": "state", "mountPath": STATE}));
        volumes.push(json!({"name": "state", "persistentVolumeClaim": {"claimName": NAME}}));
    }
    container["volumeMounts"] = mounts.into();
    if let Some(secret) = http_secret {
        let probe = |path: &str| json!({"httpGet": {"path": path, "port": "http"}, "periodSeconds": 10});
        container["ports"] = json!([{"name": "http", "containerPort": PORT}]);
        container["livenessProbe"] = probe("/healthz");
        container["readinessProbe"] = probe("/readyz");
        let token = json!({
            "name": "FLINK_AUTOSCALER_HTTP_TOKEN", "valueFrom": {"secretKeyRef": {"name": secret, "key": "token"}},
        });
        if let Some(environment) = container["env"].as_array_mut() {
            environment.push(token);
        }
    }
    json!({
        "serviceAccountName": NAME,
        "securityContext": {
            "runAsNonRoot": true, "runAsUser": USER, "runAsGroup": USER, "fsGroup": USER,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [container],
        "volumes": volumes,
    })
}
