//! What is printed for kubectl, by the API server's own validation.

use kube::Api;
use kube::api::{Patch, PatchParams};
use kube::core::{ApiResource, DynamicObject, GroupVersionKind};
use serde_json::Value;
use servers::kubernetes::TestNamespace;

use crate::support::printed;

const BASE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../packaging/kustomize/flink-autoscaler.yaml");

/// Applies objects without having anything stored; fields that the API server does not know are errors.
pub(crate) async fn dry_run(namespace: &TestNamespace, objects: &[Value]) {
    let mut parameters = PatchParams::apply("test").dry_run();
    parameters.field_validation = Some(kube::api::ValidationDirective::Strict);
    for object in objects {
        let part = |key: &str| object[key].as_str().unwrap();
        let (group, version) = part("apiVersion").split_once('/').unwrap_or(("", part("apiVersion")));
        let kind = ApiResource::from_gvk(&GroupVersionKind::gvk(group, version, part("kind")));
        let client = namespace.client().await;
        let api = match object["metadata"]["namespace"].as_str() {
            Some(of) => Api::<DynamicObject>::namespaced_with(client, of, &kind),
            None => Api::all_with(client, &kind),
        };
        let name = object["metadata"]["name"].as_str().unwrap();
        let answered = api.patch(name, &parameters, &Patch::Apply(object)).await;
        assert!(answered.is_ok(), "{answered:?}\n{object}");
    }
}

/// What the program says of the options of a ConfigMap.
pub(crate) fn remarks(configuration: &str) -> String {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("config.yaml"), configuration).unwrap();
    let mut program = std::process::Command::new(env!("CARGO_BIN_EXE_flink-autoscaler"));
    program.args(["state", "show", "--autoscaler.standalone.state-store.type", "memory"]);
    let output = program.env("FLINK_CONF_DIR", directory.path()).output().unwrap();
    String::from_utf8(output.stderr).unwrap()
}

#[tokio::test]
async fn every_manifest_is_valid() {
    let namespace = TestNamespace::create().await;
    let name = namespace.name.as_str();
    let of = async |more: &[&str]| {
        let text = printed(&[&["kubernetes", "manifest", "--namespace", name], more].concat());
        let objects: Vec<Value> = serde_saphyr::from_multiple(&text).unwrap();
        dry_run(&namespace, &objects).await;
        objects.len()
    };
    assert_eq!(of(&[]).await, 7);
    let served = ["--watch", name, "--http-secret", "token", "--rest-only", "--image", "registry:5000/a@sha256:0"];
    assert_eq!(of(&served).await, 8);
    // No volume, and the rights of the store.
    let replicas = ["--watch", name, "--store", "kubernetes", "--replicas", "2", "--events"];
    assert_eq!(of(&replicas).await, 9);
    let place = format!("{name}/flink-operator-config");
    assert_eq!(of(&["--operator-configuration", &place]).await, 9);
}

/// The options in a manifest are known and can be used.
#[test]
fn the_configuration_in_a_manifest_has_an_effect() {
    for store in ["sqlite", "kubernetes"] {
        let of = [
            "kubernetes",
            "manifest",
            "--watch",
            "a,b",
            "--rest-only",
            "--proxy",
            "--http-secret",
            "token",
            "--events",
            "--operator-configuration",
            "flink/flink-operator-config",
            "--store",
            store,
        ];
        let objects: Vec<Value> = serde_saphyr::from_multiple(&printed(&of)).unwrap();
        let map = objects.iter().find(|object| object["kind"] == "ConfigMap").unwrap();
        let said = remarks(map["data"]["config.yaml"].as_str().unwrap());
        assert!(said.lines().count() == 1 && said.contains("state is kept in memory only"), "{said}");
    }
}

/// Two on one file would not know of each other.
#[test]
fn replicas_without_a_store_that_they_share_are_refused() {
    let mut program = std::process::Command::new(env!("CARGO_BIN_EXE_flink-autoscaler"));
    let output = program.args(["kubernetes", "manifest", "--replicas", "2"]).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && said.contains("--store kubernetes"), "{said}");
}

#[test]
fn the_kustomize_base_is_current() {
    let text = printed(&["kubernetes", "manifest"]);
    if std::env::var("TRYCMD").is_ok_and(|mode| mode == "overwrite") {
        std::fs::write(BASE, &text).unwrap();
    }
    // What else is in the build decides in which order keys are printed.
    let read = |text: &str| {
        let mut objects = serde_saphyr::from_multiple::<Value>(text).unwrap();
        for configuration in objects.iter_mut().filter_map(|object| object.pointer_mut("/data/config.yaml")) {
            *configuration = serde_saphyr::from_str(configuration.as_str().unwrap()).unwrap();
        }
        objects
    };
    assert!(
        read(&std::fs::read_to_string(BASE).unwrap_or_default()) == read(&text),
        "packaging/kustomize/flink-autoscaler.yaml is not current: cargo run -p flink-autoscaler --all-features -- \
         kubernetes manifest > packaging/kustomize/flink-autoscaler.yaml"
    );
}
