//! The program on a real Kubernetes API server, with a stand-in for Flink; the operator's part is done by hand.

#![expect(clippy::unwrap_used, reason = "a test")]

mod gone;
mod handover;
mod helm;
mod manifests;
mod proxy;
mod replicas;
mod state;
mod support;

use kube::Api;
use kube::api::ListParams;
use kube::core::{ApiResource, DynamicObject, GroupVersionKind};
use serde_json::json;
use servers::kubernetes::TestNamespace;
use servers::standin::StandIn;
use support::{Deployment, OVERRIDES, SHORT_WINDOWS, Started, create, printed, with_rights};

/// An Event of a FlinkDeployment, if there is one.
async fn event_of(namespace: &TestNamespace, resource: &str, reason: &str) -> Option<DynamicObject> {
    let kind = ApiResource::from_gvk(&GroupVersionKind::gvk("", "v1", "Event"));
    let events = Api::<DynamicObject>::namespaced_with(namespace.client().await, &namespace.name, &kind);
    let fields = format!("involvedObject.kind=FlinkDeployment,involvedObject.name={resource},reason={reason}");
    events.list(&ListParams::default().fields(&fields)).await.unwrap().items.pop()
}

async fn operator_configuration(namespace: &TestNamespace, yaml: &str) {
    create(namespace, "ConfigMap", "flink-operator-config", json!({"data": {"config.yaml": yaml}})).await;
}

/// With the rights that are printed, and no others, the program scales a job of a namespace by its resource, and leaves alone
/// one that the operator's own autoscaler scales.
#[tokio::test]
async fn a_job_is_scaled_with_the_rights_that_are_printed() {
    let namespace = TestNamespace::create().await;
    let flink = StandIn::start().await;
    flink.add_job(1, &[], None);
    flink.add_job(2, &[], None);
    let ours = Deployment::create(&namespace, "ours", 1, json!({})).await;
    let theirs = Deployment::create(&namespace, "theirs", 2, json!({"job.autoscaler.enabled": "true"})).await;
    let name = namespace.name.as_str();
    // The operator's default is what makes it decide within seconds.
    operator_configuration(&namespace, "job.autoscaler.metrics.window: 2 s").await;
    let place = format!("{name}/flink-operator-config");
    let rights = ["rbac", "--namespace", name, "--watch", name, "--events", "--operator-configuration", &place];
    let kubeconfig = with_rights(&namespace, &printed(&[&["kubernetes"], &rights[..]].concat())).await;
    let mut options: Vec<(&str, &str)> = vec![
        ("autoscaler.standalone.fetcher.type", "KUBERNETES"),
        ("autoscaler.standalone.realizer.type", "KUBERNETES"),
        ("autoscaler.standalone.fetcher.kubernetes.namespaces", name),
        ("autoscaler.standalone.event-handler.type", "logging,kubernetes"),
        ("autoscaler.standalone.control-loop.interval", "50 ms"),
        ("autoscaler.standalone.http.address", "off"),
    ];
    let url = flink.url();
    options.push(("autoscaler.standalone.fetcher.kubernetes.rest-address", &url));
    options.push(("autoscaler.standalone.fetcher.kubernetes.operator-configuration", &place));
    options.extend(SHORT_WINDOWS.iter().filter(|(key, _)| *key != "job.autoscaler.metrics.window"));
    let mut program = Started::new(kubeconfig.path(), &options);

    let wanted = program.found("the resource is patched", async |_| ours.override_of(2).await).await;
    assert!(wanted > 1);
    // The operator says it has done it, and the job was submitted without: it is put right.
    ours.reconcile(1).await;
    let is_right = async |_: &str| (flink.parallelism(1, 2) >= i64::from(wanted)).then_some(());
    program.found("the job is put right over REST", is_right).await;

    let parts = ["AutoscalerConflict", "is on for FlinkDeployment", "/theirs"];
    let is_line = |line: &str| parts.iter().all(|part| line.contains(part));
    program.found("the conflict", async |said| said.lines().any(is_line).then_some(())).await;
    // Both are told where `kubectl describe` shows it.
    for (resource, reason) in [("ours", "ScalingReport"), ("theirs", "AutoscalerConflict")] {
        program.found("an Event", async |_| event_of(&namespace, resource, reason).await).await;
    }
    let configuration = theirs.configuration().await;
    assert_eq!((configuration.get(OVERRIDES), flink.rescales(2)), (None, 0));
    let said = program.said();
    assert!(!said.contains("answered 403") && !said.contains("has no effect"), "{said}");
}

/// Without the right to write Events it does not begin, and says what to apply; where their jobs are not, it says so and goes on.
#[tokio::test]
async fn events_that_cannot_be_written_are_told_of() {
    let namespace = TestNamespace::create().await;
    let name = namespace.name.as_str();
    let rights =
        |more: &[&str]| printed(&[&["kubernetes", "rbac", "--namespace", name, "--watch", name], more].concat());
    let kubeconfig = with_rights(&namespace, &rights(&[])).await;
    let mut options = vec![
        ("autoscaler.standalone.fetcher.type", "KUBERNETES"),
        ("autoscaler.standalone.realizer.type", "KUBERNETES"),
        ("autoscaler.standalone.event-handler.type", "logging,kubernetes"),
        ("autoscaler.standalone.fetcher.kubernetes.namespaces", name),
        ("autoscaler.standalone.http.address", "off"),
    ];
    let said = Started::new(kubeconfig.path(), &options).ended().await;
    assert!(said.contains(&format!("the right to create events in namespace {name} is missing")), "{said}");
    assert!(said.contains("kubernetes rbac --events"), "{said}");

    let flink = StandIn::start().await;
    flink.add_job(1, &[], None);
    let (kubeconfig, address) = (namespace.server.kubeconfig.clone(), flink.url());
    options.truncate(0);
    options.extend([
        ("autoscaler.standalone.event-handler.type", "logging,kubernetes"),
        ("autoscaler.standalone.fetcher.flink-cluster.addresses", address.as_str()),
        ("autoscaler.standalone.control-loop.interval", "50 ms"),
        ("autoscaler.standalone.http.address", "off"),
        ("job.autoscaler.enabled", "true"),
    ]);
    options.extend(SHORT_WINDOWS);
    let mut program = Started::new(&kubeconfig, &options);
    let is_said = async |said: &str| said.contains("a job is no resource of Kubernetes").then_some(());
    program.found("what to leave out", is_said).await;
    program.found("a scaling", async |_| (flink.rescales(1) > 0).then_some(())).await;
    assert_eq!(program.said().matches("is no resource of Kubernetes").count(), 1);
}
