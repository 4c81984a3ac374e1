//! Flink reached through the API server.

use std::net::{IpAddr, UdpSocket};

use kube::Api;
use kube::api::{Patch, PatchParams};
use kube::core::{ApiResource, DynamicObject, GroupVersionKind};
use serde_json::{Value, json};
use servers::kubernetes::TestNamespace;
use servers::standin::StandIn;

use crate::support::{Deployment, SHORT_WINDOWS, Started, create, printed, with_rights};

/// An address of this machine that is no loopback one: an API server passes nothing on to those.
fn own_address() -> IpAddr {
    let socket = UdpSocket::bind("0.0.0.0:0").unwrap();
    // Nothing is sent; it is only looked up from which address it would be.
    assert!(socket.connect("198.51.100.1:9").is_ok(), "it takes a network interface besides loopback");
    socket.local_addr().unwrap().ip()
}

/// The service of a cluster, as the operator makes it, with a pod behind it that a server on this machine stands for.
async fn service(namespace: &TestNamespace, cluster: &str, port: u16) {
    let (service, pod, ip) = (format!("{cluster}-rest"), format!("{cluster}-0"), own_address());
    let container = json!({"name": "flink-main-container", "image": "flink"});
    let target = json!({"kind": "Pod", "name": pod, "namespace": namespace.name});
    let subset = json!({
        "addresses": [{"ip": ip, "targetRef": target}], "ports": [{"name": "rest", "port": port}],
    });
    create(namespace, "ServiceAccount", "default", json!({})).await;
    let pods = create(namespace, "Pod", &pod, json!({"spec": {"containers": [container]}})).await;
    let status = Patch::Merge(json!({"status": {"podIP": ip, "podIPs": [{"ip": ip}]}}));
    pods.patch_status(&pod, &PatchParams::default(), &status).await.unwrap();
    create(namespace, "Service", &service, json!({"spec": {"ports": [{"name": "rest", "port": 8081}]}})).await;
    create(namespace, "Endpoints", &service, json!({"subsets": [subset]})).await;
}

/// With the rights that are printed, and with nothing of the cluster in reach but its API server, a job is scaled by its
/// resource, and what it has forgotten is put right: observed and changed through the API server.
#[tokio::test]
async fn a_job_is_observed_and_put_right_through_the_api_server() {
    let namespace = TestNamespace::create().await;
    let flink = StandIn::start_at("0.0.0.0:0".parse().unwrap()).await;
    flink.add_job(1, &[], None);
    let deployment = Deployment::create(&namespace, "proxied", 1, json!({})).await;
    service(&namespace, "proxied", flink.address().port()).await;
    let name = namespace.name.as_str();
    let rbac = |more: &[&str]| printed(&[&["kubernetes", "rbac", "--namespace", name, "--watch", name], more].concat());
    let mut options: Vec<(&str, &str)> = vec![
        ("autoscaler.standalone.fetcher.type", "KUBERNETES"),
        ("autoscaler.standalone.realizer.type", "KUBERNETES"),
        ("autoscaler.standalone.fetcher.kubernetes.namespaces", name),
        ("autoscaler.standalone.fetcher.kubernetes.access", "proxy"),
        ("autoscaler.standalone.control-loop.interval", "50 ms"),
        ("autoscaler.standalone.http.address", "off"),
    ];
    options.extend(SHORT_WINDOWS);

    let without = with_rights(&namespace, &rbac(&[])).await;
    let mut program = Started::new(without.path(), &options);
    let is_told = async |said: &str| said.contains("flink-autoscaler kubernetes rbac --proxy").then_some(());
    program.found("the right that is missing", is_told).await;
    assert!(!program.said().contains("kube_client"), "a line that does not say what it is about: {}", program.said());
    drop(program);
    assert!(flink.asked().is_empty(), "the API server has passed on what it must not");

    create_rights(&namespace, &rbac(&["--proxy"])).await;
    let mut program = Started::new(without.path(), &options);
    let wanted = program.found("the resource is patched", async |_| deployment.override_of(2).await).await;
    assert!(wanted > 1);
    deployment.reconcile(1).await;
    let is_right = async |_: &str| (flink.parallelism(1, 2) >= i64::from(wanted)).then_some(());
    program.found("the job is put right", is_right).await;
}

/// Adds the rules that are new to a role that is there.
async fn create_rights(namespace: &TestNamespace, text: &str) {
    let objects: Vec<Value> = serde_saphyr::from_multiple(text).unwrap();
    let role = objects.into_iter().find(|object| object["kind"] == "Role").unwrap();
    let kind = ApiResource::from_gvk(&GroupVersionKind::gvk("rbac.authorization.k8s.io", "v1", "Role"));
    let api = Api::<DynamicObject>::namespaced_with(namespace.client().await, &namespace.name, &kind);
    let name = role["metadata"]["name"].as_str().unwrap();
    let rules = Patch::Merge(json!({"rules": role["rules"]}));
    api.patch(name, &PatchParams::default(), &rules).await.unwrap();
}
