//! A job is handed over with what is known of it, whatever store that is in.

use std::process::Command;

use kube::Api;
use kube::api::{Patch, PatchParams, PostParams};
use kube::core::{ApiResource, DynamicObject, GroupVersionKind};
use serde_json::{Value, json};
use servers::kubernetes::TestNamespace;
use tempfile::TempDir;

use crate::support::{OVERRIDES, Started};

/// The operator's ConfigMap, as its own classes write it.
const RECORDED: &str = include_str!("../../../kubernetes-api/src/operators_state/recorded.json");
const VERTEX: &str = "bc764cd8ddf7a0cff126f51c16239658";

fn recorded() -> Value {
    serde_json::from_str(RECORDED).unwrap()
}

/// A namespace with a job of the operator's own autoscaler, and where our state is.
struct World {
    namespace: TestNamespace,
    deployments: Api<DynamicObject>,
    maps: Api<DynamicObject>,
    store: Vec<String>,
    _directory: TempDir,
}

impl World {
    async fn new(store: &str) -> Self {
        let namespace = TestNamespace::create().await;
        let client = namespace.client().await;
        let of = |group, version, kind: &str| ApiResource::from_gvk(&GroupVersionKind::gvk(group, version, kind));
        let deployments = Api::namespaced_with(
            client.clone(),
            &namespace.name,
            &of("flink.apache.org", "v1beta1", "FlinkDeployment"),
        );
        let maps = Api::namespaced_with(client, &namespace.name, &of("", "v1", "ConfigMap"));
        let directory = TempDir::new().unwrap();
        let option = |key: &str, value: &str| format!("--autoscaler.standalone.state-store.{key}={value}");
        let file = directory.path().join("state.db");
        let store = match store {
            "sqlite" => vec![option("type", "sqlite"), option("sqlite.file", &file.display().to_string())],
            _ => {
                let place = |key: &str| option(&format!("kubernetes.{key}"), &namespace.name);
                vec![option("type", "kubernetes"), place("namespace"), place("namespaces")]
            }
        };
        let world = Self { namespace, deployments, maps, store, _directory: directory };
        world.create("checkout").await;
        world
    }

    /// A job with the operator's own state.
    async fn create(&self, name: &str) -> String {
        let configuration = json!({"jobmanager.scheduler": "adaptive", "job.autoscaler.enabled": "true"});
        let object = json!({
            "apiVersion": "flink.apache.org/v1beta1", "kind": "FlinkDeployment", "metadata": {"name": name},
            "spec": {"flinkVersion": "v1_20", "job": {"parallelism": 1}, "flinkConfiguration": configuration},
        });
        let object = serde_json::from_value(object).unwrap();
        let uid = self.deployments.create(&PostParams::default(), &object).await.unwrap().metadata.uid.unwrap();
        self.reconcile(name).await;
        let owner =
            json!({"apiVersion": "flink.apache.org/v1beta1", "kind": "FlinkDeployment", "name": name, "uid": uid});
        let map = json!({
            "apiVersion": "v1", "kind": "ConfigMap", "data": recorded(),
            "metadata": {"name": format!("autoscaler-{name}"), "ownerReferences": [owner]},
        });
        self.maps.create(&PostParams::default(), &serde_json::from_value(map).unwrap()).await.unwrap();
        format!("fd/{}/{name}/{uid}", self.namespace.name)
    }

    /// What the operator does with a spec, its own autoscaler's overrides on top.
    async fn reconcile(&self, name: &str) {
        let object = self.deployments.get(name).await.unwrap();
        let mut spec = object.data["spec"].clone();
        spec["flinkConfiguration"][OVERRIDES] = format!("{VERTEX}:4").into();
        let status = json!({"status": {
            "observedGeneration": object.metadata.generation, "jobManagerDeploymentStatus": "READY",
            "reconciliationStatus": {"state": "DEPLOYED", "lastReconciledSpec": json!({"spec": spec}).to_string()},
        }});
        self.deployments.patch_status(name, &PatchParams::default(), &Patch::Merge(status)).await.unwrap();
    }

    /// What it does where its own autoscaler is off.
    async fn empty(&self, name: &str) {
        let body = json!({"data": recorded().as_object().unwrap().keys().map(|key| (key.clone(), Value::Null)).collect::<serde_json::Map<_, _>>()});
        self.maps.patch(name, &PatchParams::default(), &Patch::Merge(body)).await.unwrap();
    }

    /// Whether a command succeeds, and what it says and prints.
    fn said(&self, arguments: &[&str]) -> (bool, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_flink-autoscaler"));
        command.args(arguments).args(&self.store).env("KUBECONFIG", &self.namespace.server.kubeconfig);
        let output = command.env_remove("FLINK_CONF_DIR").env_remove("RUST_LOG").output().unwrap();
        let said = [output.stderr, output.stdout].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
        (output.status.success(), said)
    }

    fn done(&self, arguments: &[&str]) -> String {
        let (is_done, said) = self.said(arguments);
        assert!(is_done, "{arguments:?}: {said}");
        said
    }

    async fn switch(&self, name: &str) -> Value {
        self.deployments.get(name).await.unwrap().data["spec"]["flinkConfiguration"]["job.autoscaler.enabled"].clone()
    }
}

/// There and back, and what both have kept of the job goes with it.
async fn there_and_back(store: &str) {
    let world = World::new(store).await;
    let resource = format!("{}/checkout", world.namespace.name);
    let takeover = ["kubernetes", "takeover", resource.as_str()];

    let said = world.done(&[&takeover[..], &["--dry-run"]].concat());
    assert!(said.contains("2 past scalings of vertices, 2 restarts, 1 observations"), "{said}");
    assert_eq!(world.switch("checkout").await, "true", "a dry run changes nothing");
    let said = world.done(&takeover);
    assert!(said.contains("is this autoscaler's, without a restart"), "{said}");
    assert_eq!(world.switch("checkout").await, "false");
    let keys: Vec<String> = serde_json::from_str(&world.done(&["state", "show", "--json"])).unwrap();
    assert_eq!(keys.len(), 1, "{keys:?}");
    let job = keys[0].as_str();
    assert!(job.starts_with(&format!("fd/{resource}/")), "{job}");
    let shown: Value = serde_json::from_str(&world.done(&["state", "export", job])).unwrap();
    assert_eq!(shown["state"].as_object().unwrap().len(), 6, "{shown}");
    assert!(shown["state"]["scalingTracking"].as_str().unwrap().contains("20.022"), "{shown}");

    // The operator has seen it, and a second one takes nothing from what has been learnt since.
    world.reconcile("checkout").await;
    let said = world.done(&takeover);
    assert!(said.contains("it was handed over before"), "{said}");
    world.empty("autoscaler-checkout").await;
    world.done(&takeover);
    assert_eq!(serde_json::from_str::<Value>(&world.done(&["state", "export", job])).unwrap(), shown);

    let said = world.done(&["kubernetes", "give-back", &resource]);
    assert!(said.contains("is the operator's own autoscaler's, without a restart"), "{said}");
    assert_eq!(world.switch("checkout").await, "true");
    let map = world.maps.get("autoscaler-checkout").await.unwrap();
    assert_eq!(map.data["data"].as_object().unwrap().len(), 6, "{map:?}");
    assert_eq!(map.metadata.labels.unwrap()["component"], "autoscaler");
    assert!(map.data["data"]["parallelismOverrides"].as_str().unwrap().contains(&format!("{VERTEX}:4")));
    assert!(map.data["data"]["scalingHistory"].as_str().unwrap().starts_with("H4sI"));

    // What was given back is taken over like the operator's own.
    world.reconcile("checkout").await;
    world.done(&takeover);
    assert_eq!(serde_json::from_str::<Value>(&world.done(&["state", "export", job])).unwrap(), shown);
}

#[tokio::test]
async fn a_job_goes_there_and_back_with_its_state_in_sqlite() {
    there_and_back("sqlite").await;
}

#[tokio::test]
async fn a_job_goes_there_and_back_with_its_state_in_config_maps() {
    there_and_back("kubernetes").await;
}

/// Nothing is written beside a running autoscaler, and nothing is lost without being asked for.
#[tokio::test]
async fn what_would_be_lost_is_not_handed_over() {
    let world = World::new("kubernetes").await;
    let resource = format!("{}/checkout", world.namespace.name);
    let takeover = ["kubernetes", "takeover", resource.as_str()];
    let refused = |arguments: &[&str], expected: &str| {
        let (is_done, said) = world.said(&[&takeover[..], arguments].concat());
        assert!(!is_done && said.contains(expected) && said.contains("--without-state"), "{said}");
    };

    let options = [
        ("autoscaler.standalone.fetcher.type", "KUBERNETES"),
        ("autoscaler.standalone.realizer.type", "KUBERNETES"),
        ("autoscaler.standalone.fetcher.kubernetes.namespaces", &world.namespace.name),
        ("autoscaler.standalone.state-store.type", "KUBERNETES"),
        ("autoscaler.standalone.state-store.kubernetes.namespace", &world.namespace.name),
        ("autoscaler.standalone.state-store.kubernetes.namespaces", &world.namespace.name),
        ("autoscaler.standalone.http.address", "off"),
    ];
    let mut running = Started::new(&world.namespace.server.kubeconfig, &options);
    let leases = ApiResource::from_gvk(&GroupVersionKind::gvk("coordination.k8s.io", "v1", "Lease"));
    let leases = Api::<DynamicObject>::namespaced_with(world.namespace.client().await, &world.namespace.name, &leases);
    running.found("it acts", async |_| leases.get_opt("flink-autoscaler").await.unwrap().map(drop)).await;
    refused(&[], "stop it, do this again");
    assert_eq!(world.switch("checkout").await, "true");
    drop(running);

    let memory = ["--autoscaler.standalone.state-store.type", "memory"];
    let (is_done, said) = {
        let mut command = Command::new(env!("CARGO_BIN_EXE_flink-autoscaler"));
        command.args(takeover).args(memory).env("KUBECONFIG", &world.namespace.server.kubeconfig);
        let output = command.env_remove("FLINK_CONF_DIR").output().unwrap();
        (output.status.success(), String::from_utf8(output.stderr).unwrap())
    };
    assert!(!is_done && said.contains("state is kept in memory only"), "{said}");

    // Whoever was killed is waited for; what can't be read is not taken for nothing.
    let damaged = json!({"data": {"scalingHistory": "H4sI!"}});
    world.maps.patch("autoscaler-checkout", &PatchParams::default(), &Patch::Merge(damaged)).await.unwrap();
    refused(&[], "the stored scalingHistory can't be read");
    assert_eq!(world.switch("checkout").await, "true");
    world.done(&[&takeover[..], &["--without-state"]].concat());
    assert_eq!(world.switch("checkout").await, "false");
    assert_eq!(world.done(&["state", "show", "--json"]).trim(), "[]");
}
