//! The program on a real Kubernetes API server, with a stand-in for Flink; the operator's part is done by hand.

#![expect(clippy::unwrap_used, reason = "a test")]

mod manifests;
mod state;
mod support;

use serde_json::json;
use servers::standin::StandIn;
use support::{Deployment, OVERRIDES, SHORT_WINDOWS, Started, printed, with_rights};

/// With the rights that are printed, and no others, the program scales a job of a namespace by its resource, and leaves alone
/// one that the operator's own autoscaler scales.
#[tokio::test]
async fn a_job_is_scaled_with_the_rights_that_are_printed() {
    let namespace = servers::kubernetes::TestNamespace::create().await;
    let flink = StandIn::start().await;
    flink.add_job(1, &[], None);
    flink.add_job(2, &[], None);
    let ours = Deployment::create(&namespace, "ours", 1, json!({})).await;
    let theirs = Deployment::create(&namespace, "theirs", 2, json!({"job.autoscaler.enabled": "true"})).await;
    let name = namespace.name.as_str();
    let kubeconfig =
        with_rights(&namespace, &printed(&["kubernetes", "rbac", "--namespace", name, "--watch", name])).await;
    let mut options: Vec<(&str, &str)> = vec![
        ("autoscaler.standalone.fetcher.type", "KUBERNETES"),
        ("autoscaler.standalone.realizer.type", "KUBERNETES"),
        ("autoscaler.standalone.fetcher.kubernetes.namespaces", name),
        ("autoscaler.standalone.control-loop.interval", "50 ms"),
        ("autoscaler.standalone.http.address", "off"),
    ];
    let url = flink.url();
    options.push(("autoscaler.standalone.fetcher.kubernetes.rest-address", &url));
    options.extend(SHORT_WINDOWS);
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
    let configuration = theirs.configuration().await;
    assert_eq!((configuration.get(OVERRIDES), flink.rescales(2)), (None, 0));
    let said = program.said();
    assert!(!said.contains("answered 403") && !said.contains("has no effect"), "{said}");
}
