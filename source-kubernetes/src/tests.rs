mod outages;

// Libraries leave the version of Kubernetes' types open; tests need one.
use k8s_openapi as _;

use std::sync::Arc;
use std::time::Duration;

use autoscaler_core::{ClusterName, ErrorKind, JobListFetcher};
use kube::Client;
use kube::client::Body;
use kubernetes_api::{ApiClient, FlinkResource, Kind, OperatorDefaults, Resources};
use serde_json::{Value, json};

use crate::clusters::RestClusters;
use crate::jobs::Jobs;
use crate::operator::OperatorConfiguration;
use crate::watch::Watch;

/// A resource of namespace `orders`, kind `fd` or `sj`, with these contents.
pub(crate) fn resource(kind: &str, name: &str, mut object: Value) -> FlinkResource {
    let kind = Kind::ALL.into_iter().find(|known| known.short() == kind).unwrap();
    object["metadata"]["namespace"] = "orders".into();
    object["metadata"]["name"] = name.into();
    object["metadata"]["uid"] = "u1".into();
    FlinkResource::read(kind, serde_json::from_value(object).unwrap()).unwrap()
}

const BOUND: Duration = Duration::from_secs(300);

/// The API server is played by whoever holds the handle.
fn watched() -> (Jobs, Arc<Watch>, tower_test::mock::Handle<http::Request<Body>, http::Response<Body>>) {
    let (service, server) = tower_test::mock::pair();
    let resources = Resources::default();
    let api = ApiClient::of(Client::new(service, "default"));
    let watch = Watch::new(Kind::FlinkDeployment, Some("orders".to_owned()), None, api, resources.clone());
    let clusters = RestClusters::new(resources.clone(), "http://{cluster}".to_owned(), BOUND, ClusterName::new("k"));
    (Jobs::new(resources, Arc::new(clusters), vec![Arc::clone(&watch)], BOUND), watch, server)
}

fn item(name: &str, spec: Value) -> Value {
    json!({
        "apiVersion": "flink.apache.org/v1beta1", "kind": "FlinkDeployment", "spec": spec,
        "metadata": {"name": name, "namespace": "orders", "uid": name, "resourceVersion": "1"},
    })
}

fn answer(status: u16, lines: &[Value]) -> http::Response<Body> {
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    http::Response::builder().status(status).body(Body::from(text.into_bytes())).unwrap()
}

#[tokio::test(start_paused = true)]
async fn jobs_are_unknown_until_listed_and_when_nothing_is_heard_and_gone_only_when_deleted() {
    let (jobs, watch, mut server) = watched();
    let error = jobs.list().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert_eq!(error.to_string(), "the FlinkDeployments of namespace orders can't be listed yet");

    let task = tokio::spawn(watch.run());
    let (request, send) = server.next_request().await.unwrap();
    assert_eq!(request.uri().path(), "/apis/flink.apache.org/v1beta1/namespaces/orders/flinkdeployments");
    let on = json!({"job": {}, "flinkConfiguration": {"job.autoscaler.external.enabled": "true"}});
    let items = [item("a", on.clone()), item("off", json!({"job": {}})), item("broken", json!({"job": 3}))];
    let list = json!({"apiVersion": "v1", "kind": "List", "metadata": {"resourceVersion": "7"}, "items": items});
    send.send_response(answer(200, &[list]));

    // Listed before it is watched.
    let (request, send) = server.next_request().await.unwrap();
    assert!(request.uri().query().unwrap().contains("resourceVersion=7"), "{}", request.uri());
    let listed = jobs.list().await.unwrap();
    let keys = |listed: &autoscaler_core::JobList| -> Vec<String> {
        listed.jobs.iter().map(|job| format!("{} {}", job.key, job.name)).collect()
    };
    assert_eq!(keys(&listed), ["fd/orders/a/a orders/a"]);
    assert_eq!(listed.unknown[0].key.as_ref().unwrap().as_str(), "fd/orders/broken/broken");
    let events = [
        json!({"type": "ADDED", "object": item("b", on.clone())}),
        json!({"type": "DELETED", "object": item("a", on)}),
    ];
    send.send_response(answer(200, &events));

    // It goes on where it was, and is told to begin anew.
    let (request, send) = server.next_request().await.unwrap();
    assert!(request.uri().query().unwrap().contains("resourceVersion=1"), "{}", request.uri());
    assert_eq!(keys(&jobs.list().await.unwrap()), ["fd/orders/b/b orders/b"]);
    send.send_response(answer(
        410,
        &[json!({"kind": "Status", "status": "Failure", "code": 410, "reason": "Expired"})],
    ));
    let (request, _unanswered) = server.next_request().await.unwrap();
    assert!(!request.uri().query().unwrap_or_default().contains("watch"), "{}", request.uri());

    tokio::time::advance(BOUND + Duration::from_secs(1)).await;
    let error = jobs.list().await.unwrap_err().to_string();
    assert!(
        error.starts_with(
            "the FlinkDeployments of namespace orders can't be listed: they were last heard of more than 30"
        ),
        "{error}"
    );
    assert!(!jobs.resources.all().is_empty(), "unknown is not gone");
    task.abort();
}

#[tokio::test]
async fn what_a_blue_green_deployment_owns_is_left_alone() {
    let (jobs, ..) = watched();
    let owner = json!([{"apiVersion": "flink.apache.org/v1beta1", "kind": "FlinkBlueGreenDeployment", "name": "x", "uid": "o"}]);
    let on = json!({"job": {}, "flinkConfiguration": {"job.autoscaler.external.enabled": true}});
    let object = json!({"metadata": {"ownerReferences": owner}, "spec": on});
    jobs.resources.put(resource("fd", "x-blue", object));
    let jobs = Jobs::new(jobs.resources.clone(), Arc::clone(&jobs.clusters), Vec::new(), BOUND);
    assert!(jobs.list().await.unwrap().jobs.is_empty());
    jobs.resources.put(resource("fd", "y", json!({"spec": on})));
    assert_eq!(jobs.list().await.unwrap().jobs.len(), 1);
}

#[tokio::test]
async fn without_the_operators_configuration_no_job_is_known() {
    let (jobs, ..) = watched();
    jobs.resources.put(resource("fd", "a", json!({"spec": {"job": {}}})));
    let mut jobs = Jobs::new(jobs.resources.clone(), Arc::clone(&jobs.clusters), Vec::new(), BOUND);
    assert!(jobs.list().await.is_ok());
    let place = "flink/flink-operator-config".parse().unwrap();
    jobs.operator = Some(OperatorConfiguration::new(place, ApiClient::default(), jobs.resources.clone()));
    let error = jobs.list().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(
        error.to_string().starts_with("the operator's configuration, the ConfigMap flink/flink-operator"),
        "{error}"
    );
}

#[tokio::test]
async fn a_configuration_is_read_anew_when_the_operators_changes() {
    let (jobs, ..) = watched();
    let on = json!({"job": {}, "flinkConfiguration": {"job.autoscaler.external.enabled": true}});
    jobs.resources.put(resource("fd", "a", json!({"spec": on})));
    let jobs = Jobs::new(jobs.resources.clone(), Arc::clone(&jobs.clusters), Vec::new(), BOUND);
    let listed = jobs.list().await.unwrap().jobs.remove(0);
    let before = jobs.configuration(&listed).await.unwrap();
    assert!(Arc::ptr_eq(&before, &jobs.configuration(&listed).await.unwrap()));
    assert_eq!(before.conflict(), None);
    let default = ("job.autoscaler.enabled".to_owned(), "true".to_owned());
    jobs.resources.set_defaults(OperatorDefaults::new([default]));
    let after = jobs.configuration(&listed).await.unwrap();
    assert!(after.conflict().is_some_and(|why| why.contains("in the operator's own configuration")), "{after:?}");
}
