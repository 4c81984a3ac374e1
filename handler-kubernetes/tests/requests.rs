//! Which requests it takes, and what an API server can do that is not as it should be.

#![expect(clippy::unwrap_used, reason = "a test")]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use autoscaler_core::ports::{BackendObserver, BackendObservers, Call, EventQueue};
use autoscaler_core::time::from_epoch_millis;
use autoscaler_core::{AutoScalerEventHandler, ErrorKind, Event, JobAutoScalerContext, JobKey};
use handler_kubernetes::KubernetesEventHandler;
use kubernetes_api::ApiClient;
use serde_json::{Value, json};
use servers::api_standin::ApiStandIn;
use testkit::logged::Logged;
use tokio::sync::watch;

const MINUTE: Duration = Duration::from_secs(60);

/// Tells when requests have ended.
#[derive(Debug)]
struct Ended(watch::Sender<Vec<Option<ErrorKind>>>, Mutex<Option<EventQueue>>);

impl BackendObserver for Ended {
    fn call_ended(&self, call: &Call<'_>) {
        self.0.send_modify(|ended| ended.push(call.failure));
    }

    fn queue_changed(&self, _handler: &'static str, queue: EventQueue) {
        *self.1.lock().unwrap() = Some(queue);
    }
}

struct Stage {
    api: ApiStandIn,
    handler: KubernetesEventHandler,
    ended: Arc<Ended>,
}

impl Stage {
    fn new() -> Self {
        let api = ApiStandIn::new();
        let ended = Arc::new(Ended(watch::Sender::default(), Mutex::default()));
        let mut observers = BackendObservers::default();
        observers.add(Arc::clone(&ended) as _);
        let handler = KubernetesEventHandler::watched_by(observers, ApiClient::of(api.client()));
        Self { api, handler, ended }
    }

    async fn tell(&self, event: &Event, seconds: i64) {
        self.tell_of("prod", event, seconds).await;
    }

    async fn tell_of(&self, namespace: &str, event: &Event, seconds: i64) {
        let now = from_epoch_millis(1_700_000_000_000 + seconds * 1000).unwrap();
        self.handler.handle(&job(&format!("fd/{namespace}/orders/u1")), event, now).await.unwrap();
    }

    /// Waits until so many events were tried to be written; how each ended.
    async fn tried(&self, count: usize) -> Vec<Option<ErrorKind>> {
        let mut ended = self.ended.0.subscribe();
        ended.wait_for(|ended| ended.len() >= count).await.unwrap().clone()
    }

    /// Methods of the requests since this was asked last.
    fn methods(&self) -> Vec<String> {
        let method = |line: String| line.split(' ').next().unwrap().to_owned();
        self.api.take_log().into_iter().map(method).collect()
    }

    /// Messages and counts of what is there.
    fn kept(&self) -> Vec<(String, i64)> {
        let kept = |event: Value| (event["message"].as_str().unwrap().to_owned(), event["count"].as_i64().unwrap());
        self.api.objects("events").into_iter().map(kept).collect()
    }

    fn name(&self) -> String {
        self.api.objects("events")[0]["metadata"]["name"].as_str().unwrap().to_owned()
    }
}

fn job(key: &str) -> JobAutoScalerContext {
    let mut job = testkit::job::context(1, &[]);
    job.key = JobKey::new(key);
    job
}

fn repeated(message: &str) -> Event {
    Event::warning("ScalingLimited", message).with_key("k").merged_within(MINUTE)
}

fn kept(message: &str, count: i64) -> Vec<(String, i64)> {
    vec![(message.to_owned(), count)]
}

#[tokio::test(start_paused = true)]
async fn an_event_is_of_its_resource() {
    let stage = Stage::new();
    stage.tell(&repeated("from 5 to 4"), 0).await;
    stage.tell(&repeated("from 5 to 3"), 30).await;
    stage.handler.flush().await.unwrap();
    let [event]: [Value; 1] = stage.api.objects("events").try_into().unwrap();
    let involved = json!({
        "apiVersion": "flink.apache.org/v1beta1", "kind": "FlinkDeployment", "namespace": "prod", "name": "orders", "uid": "u1",
    });
    assert_eq!(event["involvedObject"], involved);
    assert_eq!(event["metadata"]["namespace"], "prod");
    assert!(stage.name().starts_with("orders."));
    for (field, value) in [
        ("source", json!({"component": "flink-autoscaler"})),
        ("type", "Warning".into()),
        ("reason", "ScalingLimited".into()),
        ("message", "from 5 to 3".into()),
        ("count", 2.into()),
        ("firstTimestamp", "2023-11-14T22:13:20Z".into()),
        ("lastTimestamp", "2023-11-14T22:13:50Z".into()),
    ] {
        assert_eq!(event[field], value, "{field}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_storm_takes_a_request_an_interval() {
    let stage = Stage::new();
    for number in 1..=10_000 {
        stage.tell(&repeated(&number.to_string()), 0).await;
        if number == 1 || number % 2500 == 0 {
            stage.tried(1).await;
        }
    }
    assert_eq!((stage.methods(), stage.kept()), (vec!["POST".to_owned()], kept("1", 1)));
    // The interval ends by itself.
    stage.tried(2).await;
    assert_eq!((stage.methods(), stage.kept()), (vec!["PATCH".to_owned()], kept("10000", 10_000)));
    // And a flush ends it.
    stage.tell(&repeated("last"), 0).await;
    stage.handler.flush().await.unwrap();
    assert_eq!((stage.methods(), stage.kept()), (vec!["PATCH".to_owned()], kept("last", 10_001)));
    assert_eq!(stage.handler.lost(), 0);
}

#[tokio::test(start_paused = true)]
async fn what_is_not_known_is_read_and_what_others_did_is_kept() {
    let stage = Stage::new();
    stage.tell(&repeated("a"), 0).await;
    stage.handler.flush().await.unwrap();
    // Somebody else counts, too.
    let mut event = stage.api.objects("events").remove(0);
    event["count"] = 5.into();
    stage.api.put("events", "prod", event);
    stage.methods();
    stage.tell(&repeated("b"), 1).await;
    stage.handler.flush().await.unwrap();
    assert_eq!((stage.methods(), stage.kept()), (["PATCH", "GET", "PATCH"].map(String::from).to_vec(), kept("b", 6)));
    // Its time is over.
    stage.api.delete("events", "prod", &stage.name());
    stage.tell(&repeated("c"), 2).await;
    stage.handler.flush().await.unwrap();
    assert_eq!((stage.methods(), stage.kept()), (["PATCH", "POST"].map(String::from).to_vec(), kept("c", 1)));
    // A process that is started anew.
    let client = ApiClient::of(stage.api.client());
    let stage = Stage { handler: KubernetesEventHandler::new(client), ..stage };
    stage.tell(&repeated("d"), 3).await;
    stage.handler.flush().await.unwrap();
    assert_eq!((stage.methods(), stage.kept()), (["POST", "GET", "PATCH"].map(String::from).to_vec(), kept("d", 2)));
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_got_lost_counts_nothing_twice() {
    let stage = Stage::new();
    stage.api.lose_next_answer("POST", "events");
    stage.tell(&repeated("a"), 0).await;
    stage.tried(1).await;
    stage.tell(&repeated("b"), 1).await;
    stage.tried(2).await;
    assert_eq!(stage.kept(), kept("a", 1));
    stage.api.lose_next_answer("PATCH", "events");
    assert_eq!(stage.handler.flush().await.unwrap_err().kind(), ErrorKind::Unavailable);
    stage.handler.flush().await.unwrap();
    assert_eq!(stage.kept(), kept("b", 2));
    // Nor is one that is never merged written a second time.
    stage.api.lose_next_answer("POST", "events");
    stage.tell(&Event::normal("Scaling", "done"), 2).await;
    stage.handler.flush().await.unwrap_err();
    stage.handler.flush().await.unwrap();
    assert_eq!(stage.kept(), [("b".to_owned(), 2), ("done".to_owned(), 1)]);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_has_too_much_to_do_is_left_alone_for_as_long_as_it_says() {
    let stage = Stage::new();
    stage.api.answer_next_after("POST", "events", 429, 20);
    stage.api.answer_next_after("POST", "events", 429, 3600);
    stage.api.answer_next("POST", "events", 503);
    let begun = tokio::time::Instant::now();
    stage.tell(&repeated("a"), 0).await;
    let mut pauses = Vec::new();
    for tries in 1..=4 {
        assert_eq!(stage.tried(tries).await.last().unwrap().is_none(), tries == 4);
        // However often events arrive.
        stage.tell(&repeated("b"), 1).await;
        pauses.push(begun.elapsed().as_secs());
    }
    assert_eq!(pauses, [0, 20, 80, 140], "what it says, a minute at most, and longer each time");
    stage.handler.flush().await.unwrap();
    assert_eq!((stage.kept(), stage.handler.lost()), (kept("b", 5), 0));
}

#[tokio::test(start_paused = true)]
async fn where_nothing_may_be_written_events_are_dropped_and_others_are_written() {
    let stage = Stage::new();
    stage.api.answer_next("POST", "events", 403);
    stage.api.answer_next("POST", "events", 403);
    stage.api.answer_next("POST", "events", 422);
    for number in 0..4 {
        stage.tell(&Event::normal("Scaling", number.to_string()), number).await;
    }
    let error = stage.handler.flush().await.unwrap_err();
    assert!(error.to_string().starts_with("3 events could not be written"), "{error}");
    assert_eq!((stage.kept(), stage.handler.lost()), (kept("3", 1), 3));
    stage.handler.flush().await.unwrap();
    assert_eq!(stage.ended.1.lock().unwrap().unwrap(), EventQueue { waiting: 0, lost: 3 });
}

#[tokio::test(start_paused = true)]
async fn a_missing_right_is_said_once_for_a_namespace_until_it_was_there() {
    let logged = Logged::default();
    let into = logged.clone();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(move || into.clone()).finish();
    let _logging = tracing::subscriber::set_default(subscriber);
    let said = || {
        let text = logged.take();
        text.lines().filter(|line| line.contains("the rights get, create and patch on events are missing")).count()
    };
    let stage = Stage::new();
    stage.api.deny("create events");
    for (namespace, number) in [("prod", 0), ("prod", 1), ("test", 2), ("prod", 3)] {
        stage.tell_of(namespace, &Event::normal("Scaling", number.to_string()), number).await;
    }
    stage.handler.flush().await.unwrap_err();
    assert_eq!((said(), stage.handler.lost()), (2, 4));
    stage.api.allow_all();
    stage.tell(&Event::normal("Scaling", "4"), 4).await;
    stage.handler.flush().await.unwrap();
    stage.api.deny("create events");
    stage.tell(&Event::normal("Scaling", "5"), 5).await;
    stage.handler.flush().await.unwrap_err();
    assert_eq!(said(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_namespace_that_is_being_deleted_costs_nobody_anything() {
    let stage = Stage::new();
    stage.api.end_namespace("old");
    // One that is gone already.
    stage.api.answer_next("POST", "events", 404);
    stage.tell_of("gone", &repeated("a"), 0).await;
    stage.tell_of("old", &repeated("a"), 0).await;
    stage.tell(&repeated("b"), 0).await;
    stage.handler.flush().await.unwrap();
    assert_eq!((stage.kept(), stage.handler.lost()), (kept("b", 1), 0));
    assert_eq!(stage.tried(3).await, [Some(ErrorKind::NotFound), Some(ErrorKind::NotFound), None]);
}

#[tokio::test(start_paused = true)]
async fn jobs_that_are_no_resources_have_no_events_and_fail_no_cycle() {
    let stage = Stage::new();
    let now = from_epoch_millis(0).unwrap();
    stage.handler.handle(&testkit::job::context(1, &[]), &repeated("a"), now).await.unwrap();
    stage.handler.flush().await.unwrap();
    assert_eq!((stage.methods(), stage.handler.lost()), (Vec::new(), 0));
}

#[tokio::test(start_paused = true)]
async fn rights_are_asked_for_where_events_are_to_be() {
    let stage = Stage::new();
    stage.handler.ready().await.unwrap();
    stage.api.deny("patch events");
    for (namespaces, place) in [(None, "in all namespaces"), (Some(vec!["prod".to_owned()]), "in namespace prod")] {
        let handler = KubernetesEventHandler::new(ApiClient::of(stage.api.client())).in_namespaces(namespaces);
        let error = handler.ready().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Denied);
        assert!(error.to_string().contains(&format!("the right to patch events {place} is missing")), "{error}");
    }
    assert_eq!(stage.api.objects("events"), Vec::<Value>::new());
}
