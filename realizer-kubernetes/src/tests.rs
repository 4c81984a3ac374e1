//! The requests, as the API server sees them, and what its answers come to.

mod conflicts;
mod failures;

use std::sync::Arc;
use std::time::Duration;

use autoscaler_core::ports::ListedJob;
use autoscaler_core::{
    ClusterName, Event, EventType, JobAutoScalerContext, JobKey, JobStatus, PortError, Realization, ScalingRealizer,
    VertexId,
};
use flink_rest::FlinkClient;
use kube::client::Body;
use kubernetes_api::{ApiClient, FlinkResource, Kind, KubernetesAccess, OVERRIDES, Overrides, Resources};
use serde_json::{Map, Value, json};
use servers::standin::StandIn;

use crate::options::{KubernetesRealizerOptions, Mode};
use crate::realizer::KubernetesRealizer;

pub(crate) fn vertex(number: u32) -> VertexId {
    testkit::job::id(number).parse().unwrap()
}

/// A FlinkDeployment of job 1 that runs, with these keys besides the scheduler; `null` takes a key away. Its overrides, in
/// spec and deployed, are of these vertices, one subtask each.
pub(crate) fn deployment(vertices: &[u32], configuration: &Value) -> Value {
    let mut entries = Map::from_iter([("jobmanager.scheduler".to_owned(), json!("adaptive"))]);
    entries.extend(configuration.as_object().cloned().unwrap_or_default());
    entries.retain(|_, value| !value.is_null());
    let is_nested = entries.contains_key("pipeline");
    if !vertices.is_empty() && !is_nested {
        let text: Vec<String> = vertices.iter().map(|number| format!("{}:1", vertex(*number))).collect();
        entries.insert(OVERRIDES.to_owned(), text.join(",").into());
    }
    let deployed = json!({"spec": {"flinkConfiguration": entries, "job": {}}}).to_string();
    json!({
        "apiVersion": "flink.apache.org/v1beta1", "kind": "FlinkDeployment",
        "metadata": {"namespace": "orders", "name": "checkout", "uid": "u", "resourceVersion": "5", "generation": 1},
        "spec": {"flinkVersion": "v1_20", "job": {}, "deploymentName": "checkout", "flinkConfiguration": entries},
        "status": {
            "observedGeneration": 1, "jobManagerDeploymentStatus": "READY",
            "jobStatus": {"state": "RUNNING", "jobId": testkit::job::id(1), "startTime": "7"},
            "reconciliationStatus": {"state": "DEPLOYED", "lastReconciledSpec": deployed},
        },
    })
}

pub(crate) fn read(kind: Kind, object: Value) -> FlinkResource {
    FlinkResource::read(kind, serde_json::from_value(object).unwrap()).unwrap()
}

/// A realizer between an API server that the test plays and a stand-in for Flink.
struct Stage {
    realizer: KubernetesRealizer,
    resources: Resources,
    flink: StandIn,
    server: tower_test::mock::Handle<http::Request<Body>, http::Response<Body>>,
    key: JobKey,
}

const PATCH: &str = "/apis/flink.apache.org/v1beta1/namespaces/orders/flinkdeployments/checkout";
const CONFIG_MAP: &str = "/api/v1/namespaces/orders/configmaps/autoscaler-checkout";

impl Stage {
    async fn new(mode: Mode, object: Value) -> Self {
        let flink = StandIn::start().await;
        flink.add_job(1, &[], None);
        let client = FlinkClient::new(&flink.url(), Duration::from_secs(20)).unwrap();
        let (service, server) = tower_test::mock::pair();
        let resources = Resources::default();
        let resource = read(Kind::FlinkDeployment, object);
        let key = resource.reference.key();
        resources.put(resource);
        let access = KubernetesAccess {
            api: ApiClient::of(kube::Client::new(service, "default")),
            resources: resources.clone(),
            flink: Arc::new(flink_rest::cluster(client)),
        };
        let options = KubernetesRealizerOptions { mode, full_upgrades: false };
        Self { realizer: KubernetesRealizer::new(access, options), resources, flink, server, key }
    }

    /// One cycle that wants vertex 1 to have these subtasks; each of `answers` is to one request, which must be it.
    async fn realize(
        &mut self,
        subtasks: i32,
        answers: &[(&str, &str, Value)],
    ) -> (Result<Vec<Event>, PortError>, Vec<Value>) {
        let (realizer, server, key) = (&self.realizer, &mut self.server, self.key.clone());
        let context = testkit::job::context(1, &[]);
        let listed = ListedJob::new(context.id, "orders/checkout", JobStatus::Running).with_key(key);
        let context = JobAutoScalerContext::new(ClusterName::new("kubernetes"), &listed, context.parsed);
        let mut realization = Realization::default();
        realization.parallelism = Some(Overrides::from([(vertex(1), subtasks)]));
        let mut bodies = Vec::new();
        let answering = async {
            for (method, path, answer) in answers {
                let (request, send) = server.next_request().await.unwrap();
                assert_eq!((request.method().as_str(), request.uri().path()), (*method, *path));
                if *method == "PATCH" {
                    let is_note = request.headers()["content-type"] == "application/merge-patch+json";
                    let query = request.uri().query().unwrap();
                    let manager = if is_note { "flink-autoscaler-notes" } else { "flink-autoscaler" };
                    assert_eq!(query.trim_matches('&'), format!("fieldManager={manager}"));
                    let body = request.into_body().collect_bytes().await.unwrap();
                    bodies.push(serde_json::from_slice(&body).unwrap());
                }
                let code = answer["code"].as_u64().and_then(|code| u16::try_from(code).ok()).unwrap_or(200);
                let body = Body::from(answer.to_string().into_bytes());
                send.send_response(http::Response::builder().status(code).body(body).unwrap());
            }
        };
        let (realized, ()) = tokio::join!(realizer.realize(&context, &realization), answering);
        (realized, bodies)
    }
}

fn status(code: u16, reason: &str, message: &str) -> Value {
    json!({"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code, "reason": reason, "message": message})
}

fn not_there() -> (&'static str, &'static str, Value) {
    ("GET", CONFIG_MAP, status(404, "NotFound", "none"))
}

/// The resource as the operator leaves it once it has carried a patch out.
fn carried_out(subtasks: i32, version: &str) -> Value {
    let text = format!("{}:{subtasks}", vertex(1));
    let mut object = deployment(&[], &json!({OVERRIDES: text}));
    object["metadata"]["resourceVersion"] = version.into();
    object["metadata"]["generation"] = 2.into();
    object["status"]["observedGeneration"] = 2.into();
    object
}

fn only(events: Result<Vec<Event>, PortError>) -> (EventType, String, String) {
    let [event] = <[Event; 1]>::try_from(events.unwrap()).unwrap();
    (event.event_type, event.reason.into_owned(), event.message)
}

#[tokio::test]
async fn a_rescale_is_one_apply_of_the_overrides_and_what_is_forgotten_is_put_right_over_rest() {
    let mut stage = Stage::new(Mode::Spec, deployment(&[1], &json!({}))).await;
    let mut taken = carried_out(4, "6");
    taken["status"]["observedGeneration"] = 1.into();
    let (events, bodies) = stage.realize(4, &[not_there(), ("PATCH", PATCH, taken)]).await;
    let (kind, reason, message) = only(events);
    assert_eq!((kind, &*reason), (EventType::Normal, "Scaling"));
    assert_eq!(message, format!("Rescaling by FlinkDeployment orders/checkout: {} 1 -> 4", vertex(1)));
    let expected = json!([{
        "apiVersion": "flink.apache.org/v1beta1", "kind": "FlinkDeployment",
        "metadata": {"name": "checkout", "resourceVersion": "5"},
        "spec": {"flinkConfiguration": {OVERRIDES: format!("{}:4", vertex(1))}},
    }]);
    assert_eq!(Value::from(bodies), expected);

    // Until the watch brings what is new, nothing is done on what is old.
    assert_eq!(stage.realize(4, &[]).await.0.unwrap(), []);
    // The operator has it in its status, and the job does not: it was submitted anew.
    stage.resources.put(read(Kind::FlinkDeployment, carried_out(4, "7")));
    let message = only(stage.realize(4, &[not_there()]).await.0).2;
    assert!(message.starts_with("Rescaling in place: "), "{message}");
    assert_eq!(stage.flink.parallelism(1, 1), 4);
    assert_eq!(stage.realize(4, &[]).await.0.unwrap(), []);
}

#[tokio::test]
async fn a_key_that_somebody_else_manages_is_not_taken_and_said_once() {
    let mut stage = Stage::new(Mode::Spec, deployment(&[1], &json!({}))).await;
    let mut refusal = status(409, "Conflict", "Apply failed with 1 conflict");
    refusal["details"] = json!({"causes": [
        {"reason": "FieldManagerConflict", "message": "conflict with \"argocd\"", "field": ".spec"},
    ]});
    let (events, _) = stage.realize(4, &[not_there(), ("PATCH", PATCH, refusal)]).await;
    let (kind, _, message) = only(events);
    assert!(
        kind == EventType::Warning && message.contains("is managed by argocd, and it is not taken by force"),
        "{message}"
    );
    assert_eq!(stage.realize(4, &[]).await.0.unwrap(), []);
    assert_eq!(stage.flink.rescales(1), 0);
}

#[tokio::test]
async fn what_changed_since_is_looked_at_again_first() {
    let mut stage = Stage::new(Mode::Spec, deployment(&[1], &json!({}))).await;
    let stale = || ("PATCH", PATCH, status(409, "Conflict", "the object has been modified"));
    assert_eq!(stage.realize(4, &[not_there(), stale()]).await.0.unwrap(), []);
    assert_eq!(stage.realize(4, &[not_there(), stale()]).await.0.unwrap(), []);
}

#[tokio::test]
async fn without_the_right_to_patch_it_is_said_once_and_done_over_rest() {
    let mut stage = Stage::new(Mode::Spec, deployment(&[1], &json!({}))).await;
    let forbidden = status(403, "Forbidden", "User \"x\" cannot patch resource \"flinkdeployments\"");
    let (events, _) = stage.realize(4, &[not_there(), ("PATCH", PATCH, forbidden)]).await;
    let (kind, _, message) = only(events);
    assert!(kind == EventType::Warning && message.contains("From now on"), "{message}");
    let message = only(stage.realize(4, &[not_there()]).await.0).2;
    assert!(message.starts_with("Rescaling in place: "), "{message}");
    assert_eq!(stage.flink.parallelism(1, 1), 4);
}

#[tokio::test]
async fn what_a_webhook_refuses_is_said_and_not_tried_each_cycle() {
    let mut stage = Stage::new(Mode::Spec, deployment(&[1], &json!({}))).await;
    let refusal = status(403, "", "admission webhook \"flinkoperator\" denied the request: no");
    let (events, _) = stage.realize(4, &[not_there(), ("PATCH", PATCH, refusal)]).await;
    let message = only(events).2;
    assert!(
        message.starts_with("Not rescaled: FlinkDeployment orders/checkout can't be patched")
            && message.contains("denied")
    );
    assert_eq!(stage.realize(4, &[]).await.0.unwrap(), []);
    assert_eq!(stage.flink.rescales(1), 0);
}

#[tokio::test]
async fn an_api_server_that_is_busy_is_left_alone_for_as_long_as_it_says() {
    let mut stage = Stage::new(Mode::Spec, deployment(&[1], &json!({}))).await;
    let mut busy = status(429, "TooManyRequests", "later");
    busy["details"] = json!({"retryAfterSeconds": 1});
    let begun = std::time::Instant::now();
    let (events, _) = stage.realize(4, &[not_there(), ("PATCH", PATCH, busy)]).await;
    assert!(events.unwrap_err().is_transient());
    let taken = ("PATCH", PATCH, carried_out(4, "6"));
    assert_eq!(stage.realize(4, &[not_there(), taken]).await.0.unwrap().len(), 1);
    assert!(begun.elapsed() >= Duration::from_secs(1));
}
