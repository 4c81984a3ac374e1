//! The API server that tests run against is one: it knows the operator's resources, keeps owners of fields apart, and
//! lets nobody in who has no rights.

use kube::Api;
use kube::api::{Patch, PatchParams};
use kube::core::{ApiResource, DynamicObject, GroupVersionKind};
use serde_json::json;
use servers::kubernetes::{NOBODY, TestNamespace};

const OVERRIDES: &str = "pipeline.jobvertex-parallelism-overrides";

fn deployments(client: kube::Client, namespace: &str) -> Api<DynamicObject> {
    let kind = GroupVersionKind::gvk("flink.apache.org", "v1beta1", "FlinkDeployment");
    Api::namespaced_with(client, namespace, &ApiResource::from_gvk_with_plural(&kind, "flinkdeployments"))
}

fn applied(configuration: serde_json::Value) -> Patch<serde_json::Value> {
    Patch::Apply(json!({
        "apiVersion": "flink.apache.org/v1beta1",
        "kind": "FlinkDeployment",
        "metadata": {"name": "orders"},
        "spec": {"flinkConfiguration": configuration},
    }))
}

#[tokio::test]
async fn each_key_of_a_configuration_has_its_own_owner() {
    let namespace = TestNamespace::create().await;
    let deployments = deployments(namespace.client().await, &namespace.name);
    let as_user = PatchParams::apply("user");
    deployments.patch("orders", &as_user, &applied(json!({"jobmanager.scheduler": "adaptive"}))).await.unwrap();
    let as_autoscaler = PatchParams::apply("flink-autoscaler");
    let both = deployments.patch("orders", &as_autoscaler, &applied(json!({OVERRIDES: "a:2"}))).await.unwrap();
    assert_eq!(both.data["spec"]["flinkConfiguration"], json!({"jobmanager.scheduler": "adaptive", OVERRIDES: "a:2"}));

    let refused = deployments.patch("orders", &as_user, &applied(json!({OVERRIDES: "a:3"}))).await.unwrap_err();
    let kube::Error::Api(answer) = refused else { unreachable!("{refused}") };
    assert_eq!(answer.code, 409);
    assert!(answer.message.contains("flink-autoscaler"), "{}", answer.message);

    // An apply without the key gives it up.
    let without = deployments.patch("orders", &as_autoscaler, &applied(json!({}))).await.unwrap();
    assert_eq!(without.data["spec"]["flinkConfiguration"], json!({"jobmanager.scheduler": "adaptive"}));
}

#[tokio::test]
async fn who_has_no_rights_is_refused() {
    let namespace = TestNamespace::create().await;
    let client = namespace.server.client(Some(NOBODY)).await.unwrap();
    let refused = deployments(client, &namespace.name).list(&kube::api::ListParams::default()).await.unwrap_err();
    let kube::Error::Api(answer) = refused else { unreachable!("{refused}") };
    assert_eq!((answer.code, answer.reason.as_str()), (403, "Forbidden"));
}
