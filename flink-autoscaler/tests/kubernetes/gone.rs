//! What is deleted under the program: a resource that is made again, and a namespace with all that is in it.

use kube::Api;
use kube::api::DeleteParams;
use kube::core::{ApiResource, DynamicObject, GroupVersionKind};
use serde_json::json;
use servers::kubernetes::TestNamespace;
use servers::standin::StandIn;
use tempfile::NamedTempFile;

use crate::support::{Deployment, SHORT_WINDOWS, Started, printed, with_rights};

/// The program for jobs of these namespaces, with the rights that are printed for that; it keeps its Lease in the first.
async fn started(namespaces: &[&TestNamespace], flink: &StandIn) -> (Started, NamedTempFile) {
    let first = namespaces[0];
    let watched: Vec<&str> = namespaces.iter().map(|namespace| namespace.name.as_str()).collect();
    let (of_rights, watched) = (watched.join(","), watched.join(";"));
    let rights = ["--namespace", &first.name, "--watch", &of_rights, "--store", "kubernetes", "--events"];
    let kubeconfig = with_rights(first, &printed(&[&["kubernetes", "rbac"], &rights[..]].concat())).await;
    let url = flink.url();
    let mut options = vec![
        ("autoscaler.standalone.fetcher.type", "KUBERNETES"),
        ("autoscaler.standalone.realizer.type", "KUBERNETES"),
        ("autoscaler.standalone.event-handler.type", "logging,kubernetes"),
        ("autoscaler.standalone.state-store.type", "KUBERNETES"),
        ("autoscaler.standalone.fetcher.kubernetes.namespaces", &watched),
        ("autoscaler.standalone.fetcher.kubernetes.stale-after", "30 s"),
        ("autoscaler.standalone.state-store.kubernetes.namespaces", &watched),
        ("autoscaler.standalone.state-store.kubernetes.namespace", &first.name),
        ("autoscaler.standalone.control-loop.interval", "50 ms"),
        ("autoscaler.standalone.http.address", "off"),
        ("autoscaler.standalone.fetcher.kubernetes.rest-address", &url),
    ];
    options.extend(SHORT_WINDOWS);
    (Started::new(kubeconfig.path(), &options), kubeconfig)
}

fn api(client: kube::Client, namespace: &str, group: &str, kind: &str) -> Api<DynamicObject> {
    let version = if group == "flink.apache.org" { "v1beta1" } else { "v1" };
    Api::namespaced_with(client, namespace, &ApiResource::from_gvk(&GroupVersionKind::gvk(group, version, kind)))
}

/// The uid of the resource that the ConfigMap of a job's state belongs to.
async fn owner_of_state(namespace: &TestNamespace, job: &str) -> Option<String> {
    let maps = api(namespace.client().await, &namespace.name, "", "ConfigMap");
    let map = maps.get_opt(&format!("flink-autoscaler-fd-{job}")).await.unwrap()?;
    Some(map.metadata.owner_references?.pop()?.uid)
}

/// What is known of the one that was deleted is nothing to the other of its name.
#[tokio::test]
async fn a_resource_that_is_made_again_is_another_job() {
    let namespace = TestNamespace::create().await;
    let flink = StandIn::start().await;
    flink.add_job(1, &[], None);
    let first = Deployment::create(&namespace, "ours", 1, json!({})).await;
    let (mut program, _kubeconfig) = started(&[&namespace], &flink).await;
    program.found("the first is scaled", async |_| first.override_of(2).await).await;
    let uid = first.get().await.unwrap().metadata.uid;
    assert_eq!(owner_of_state(&namespace, "ours").await, uid);

    let deployments = api(namespace.client().await, &namespace.name, "flink.apache.org", "FlinkDeployment");
    deployments.delete("ours", &DeleteParams::default()).await.unwrap();
    let second = Deployment::create(&namespace, "ours", 1, json!({})).await;
    let other = second.get().await.unwrap().metadata.uid;
    assert_ne!(other, uid);
    let is_its = async |_: &str| (owner_of_state(&namespace, "ours").await == other).then_some(());
    program.found("the state is the second's", is_its).await;
    program.found("the second is scaled", async |_| second.override_of(2).await).await;
}

/// With a namespace go the rights in it, so that it can't be told whether its jobs are gone. Those of others are scaled.
#[tokio::test]
async fn a_namespace_that_is_deleted_holds_up_no_other() {
    let (kept, ended) = (TestNamespace::create().await, TestNamespace::create().await);
    let flink = StandIn::start().await;
    for number in [1, 2] {
        flink.add_job(number, &[], None);
    }
    let ours = Deployment::create(&kept, "ours", 1, json!({})).await;
    let theirs = Deployment::create(&ended, "theirs", 2, json!({})).await;
    let (mut program, _kubeconfig) = started(&[&kept, &ended], &flink).await;
    let wanted = program.found("a job of the one is scaled", async |_| ours.override_of(2).await).await;
    program.found("and of the other", async |_| theirs.override_of(2).await).await;

    // What the namespace's controller does, which does not run here.
    let client = ended.client().await;
    let all = Api::<DynamicObject>::all_with(
        client.clone(),
        &ApiResource::from_gvk(&GroupVersionKind::gvk("", "v1", "Namespace")),
    );
    all.delete(&ended.name, &DeleteParams::default()).await.unwrap();
    for (group, kind, name) in [
        ("flink.apache.org", "FlinkDeployment", "theirs"),
        ("", "ConfigMap", "flink-autoscaler-fd-theirs"),
        ("rbac.authorization.k8s.io", "RoleBinding", "flink-autoscaler"),
    ] {
        api(client.clone(), &ended.name, group, kind).delete(name, &DeleteParams::default()).await.unwrap();
    }
    let is_said = async |said: &str| {
        let told = |line: &str| line.contains(&ended.name) && line.contains("last heard of more than 30 s ago");
        said.lines().any(told).then_some(())
    };
    program.found("nothing is concluded any more", is_said).await;
    ours.reconcile(1).await;
    let is_right = async |_: &str| (flink.parallelism(1, 2) >= i64::from(wanted)).then_some(());
    program.found("the job of the other namespace is put right", is_right).await;
}
