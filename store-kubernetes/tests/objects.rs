//! What is there for others to see, and which requests it took.

#![expect(clippy::unwrap_used, reason = "a test")]

use std::time::Duration;

use autoscaler_core::metric::{GlobalSample, VertexSample};
use autoscaler_core::{AutoScalerStateStore, ErrorKind, Fence, JobKey, JobState, Revision, VertexId};
use kubernetes_api::ApiClient;
use serde_json::{Value, json};
use servers::api_standin::ApiStandIn;
use store_kubernetes::{KubernetesStateStore, StoreSettings};
use testkit::synthetic::SyntheticJob;

const INTERVAL: Duration = Duration::from_secs(300);

fn store(api: &ApiStandIn) -> KubernetesStateStore {
    let settings = StoreSettings::new("test").with_observations_interval(INTERVAL);
    KubernetesStateStore::new(ApiClient::of(api.client()), settings)
}

fn job(uid: &str) -> JobKey {
    JobKey::new(format!("fd/prod/orders/{uid}"))
}

fn vertex() -> VertexId {
    testkit::job::id(1).parse().unwrap()
}

fn scaled(parallelism: i32) -> JobState {
    let mut state = JobState::default();
    state.parallelism_overrides.edit().insert(vertex(), parallelism);
    state
}

fn observe(state: &mut JobState, number: u32) {
    let at = SyntheticJob::instant(number);
    state.collected_metrics.insert(at, &[vertex()], &[VertexSample::default()], GlobalSample::default());
}

/// Saves as the runtime does: what is saved counts as stored.
async fn saved(store: &KubernetesStateStore, state: &mut JobState, at: Revision) -> Revision {
    let revision = store.save(&job("u1"), state, &Fence::at(at)).await.unwrap();
    state.mark_stored();
    revision
}

#[tokio::test]
async fn a_state_is_beside_its_resource_and_goes_with_it() {
    let api = ApiStandIn::new();
    let mut state = scaled(4);
    observe(&mut state, 0);
    store(&api).save(&job("u1"), &state, &Fence::open()).await.unwrap();
    let [object]: [Value; 1] = api.objects("configmaps").try_into().unwrap();
    assert_eq!(object["metadata"]["name"], "flink-autoscaler-fd-orders");
    assert_eq!(object["metadata"]["namespace"], "prod");
    let owner =
        json!([{"apiVersion": "flink.apache.org/v1beta1", "kind": "FlinkDeployment", "name": "orders", "uid": "u1"}]);
    assert_eq!(object["metadata"]["ownerReferences"], owner);
    let labels = json!({
        "app.kubernetes.io/managed-by": "flink-autoscaler", "app.kubernetes.io/component": "state", "app.kubernetes.io/instance": "test"
    });
    assert_eq!(object["metadata"]["labels"], labels);
    assert_eq!(object["metadata"]["annotations"]["flink-autoscaler/uid"], "u1");
    assert_eq!(object["data"]["parallelismOverrides"], format!("{{{}: '4'}}", vertex()), "for people to read");
    assert!(object["data"]["collectedMetrics"].as_str().unwrap().starts_with("H4sI"));
}

#[tokio::test]
async fn a_resource_made_anew_begins_with_nothing() {
    let api = ApiStandIn::new();
    let store = store(&api);
    let old = store.save(&job("u1"), &scaled(4), &Fence::open()).await.unwrap();
    let loaded = store.load(&job("u2")).await.unwrap();
    assert_eq!(loaded.state, JobState::default());
    store.remove(&job("u2"), &Fence::open()).await.unwrap();
    assert_eq!(store.jobs().await.unwrap(), [job("u1")], "it is another's");
    let mut observed = JobState::default();
    observe(&mut observed, 0);
    store.save(&job("u2"), &observed, &Fence::at(loaded.revision)).await.unwrap();
    let [object]: [Value; 1] = api.objects("configmaps").try_into().unwrap();
    assert_eq!(object["metadata"]["ownerReferences"][0]["uid"], "u2");
    assert!(object["data"]["parallelismOverrides"].is_null(), "the old one's");
    let error = store.save(&job("u1"), &scaled(5), &Fence::at(old)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    assert_eq!(store.jobs().await.unwrap(), [job("u2")]);
}

#[tokio::test(start_paused = true)]
async fn observations_alone_are_written_now_and_then() {
    let api = ApiStandIn::new();
    let (store, mut state) = (store(&api), JobState::default());
    let mut revision = store.load(&job("u1")).await.unwrap().revision;
    observe(&mut state, 0);
    revision = saved(&store, &mut state, revision).await;
    api.take_log();
    for number in 1..=3 {
        observe(&mut state, number);
        let before = revision;
        revision = saved(&store, &mut state, revision).await;
        assert_ne!(revision, before);
    }
    assert_eq!(api.take_log(), Vec::<String>::new(), "no request at all");
    assert_eq!(store.load(&job("u1")).await.unwrap().state.collected_metrics.get().len(), 4);
    // Whatever else is written takes them along.
    let (mut scaled, mut scaling) = (scaled(4), state.clone());
    std::mem::swap(&mut scaling.parallelism_overrides, &mut scaled.parallelism_overrides);
    revision = saved(&store, &mut scaling, revision).await;
    let elsewhere = self::store(&api).load(&job("u1")).await.unwrap().state;
    assert_eq!(elsewhere.collected_metrics.get().len(), 4);
    assert_eq!(elsewhere.parallelism_overrides.get()[&vertex()], 4);
    // And when it is time they are written by themselves.
    observe(&mut scaling, 4);
    tokio::time::advance(INTERVAL).await;
    saved(&store, &mut scaling, revision).await;
    assert_eq!(self::store(&api).load(&job("u1")).await.unwrap().state.collected_metrics.get().len(), 5);
}

#[tokio::test]
async fn what_is_held_back_is_dropped_when_somebody_else_has_written() {
    let api = ApiStandIn::new();
    let (store, mut state) = (store(&api), JobState::default());
    let unknown = store.load(&job("u1")).await.unwrap().revision;
    observe(&mut state, 0);
    let first = saved(&store, &mut state, unknown).await;
    observe(&mut state, 1);
    let held_back = saved(&store, &mut state, first).await;
    self::store(&api).save(&job("u1"), &scaled(9), &Fence::open()).await.unwrap();
    let mut scaling = scaled(4);
    observe(&mut scaling, 2);
    let error = store.save(&job("u1"), &scaling, &Fence::at(held_back)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    let loaded = store.load(&job("u1")).await.unwrap().state;
    assert_eq!((loaded.collected_metrics.get().len(), loaded.parallelism_overrides.get()[&vertex()]), (1, 9));
}

#[tokio::test]
async fn a_value_that_cannot_be_read_is_told_and_kept_and_unknown_keys_stay() {
    let api = ApiStandIn::new();
    let store = store(&api);
    store.save(&job("u1"), &scaled(4), &Fence::open()).await.unwrap();
    let mut object = api.objects("configmaps").remove(0);
    object["data"]["scalingHistory"] = "H4sI?".into();
    object["data"]["note"] = "mine".into();
    api.put("configmaps", "prod", object);
    let loaded = store.load(&job("u1")).await.unwrap();
    let parts: Vec<&str> = loaded.unreadable.iter().map(|row| row.part.name()).collect();
    assert_eq!(parts, ["scalingHistory"]);
    store.save(&job("u1"), &scaled(5), &Fence::at(loaded.revision)).await.unwrap();
    let object = api.objects("configmaps").remove(0);
    assert_eq!((&object["data"]["scalingHistory"], &object["data"]["note"]), (&"H4sI?".into(), &"mine".into()));
}

#[tokio::test]
async fn a_state_over_the_bound_is_refused_as_a_whole() {
    let api = ApiStandIn::new();
    let store = store(&api);
    let before = store.save(&job("u1"), &scaled(4), &Fence::open()).await.unwrap();
    let mut state = scaled(5);
    // A megabyte that can't be compressed.
    let noise = |number: u64| format!("{:016x}", number.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(17));
    let text: String = (0..200_000).map(noise).collect();
    state.config_overrides.edit().overrides.insert("k".to_owned(), text);
    let error = store.save(&job("u1"), &state, &Fence::at(before)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge);
    assert!(error.to_string().contains("fd/prod/orders/u1"), "{error}");
    assert_eq!(store.load(&job("u1")).await.unwrap().revision, before);
}

#[tokio::test]
async fn what_the_api_server_refuses_is_said() {
    let api = ApiStandIn::new();
    let store = store(&api);
    for (code, kind) in
        [(401, ErrorKind::Denied), (403, ErrorKind::Refused), (429, ErrorKind::Unavailable), (504, ErrorKind::Timeout)]
    {
        api.answer_next("POST", "configmaps", code);
        let error = store.save(&job("u1"), &scaled(4), &Fence::open()).await.unwrap_err();
        assert_eq!(error.kind(), kind);
        assert!(error.to_string().contains("prod/flink-autoscaler-fd-orders"), "{error}");
    }
    assert_eq!(api.objects("configmaps").len(), 0);
    store.save(&job("u1"), &scaled(4), &Fence::open()).await.unwrap();
    api.delete("configmaps", "prod", "flink-autoscaler-fd-orders");
    store.remove(&job("u1"), &Fence::open()).await.unwrap();
}

#[tokio::test]
async fn all_pages_of_an_installations_states_are_listed_and_no_other_s() {
    let api = ApiStandIn::new();
    let (ours, client) = (store(&api), ApiClient::of(api.client()));
    let theirs = KubernetesStateStore::new(client, StoreSettings::new("other"));
    theirs.save(&JobKey::new("fd/prod/theirs/u"), &scaled(2), &Fence::open()).await.unwrap();
    let jobs: Vec<JobKey> = (0..1100).map(|number| JobKey::new(format!("sj/prod/job-{number:04}/u"))).collect();
    for job in &jobs {
        ours.save(job, &scaled(2), &Fence::open()).await.unwrap();
    }
    api.take_log();
    assert_eq!(ours.jobs().await.unwrap(), jobs);
    assert_eq!(api.take_log().len(), 3);
}

#[tokio::test]
async fn in_a_namespace_that_is_being_deleted_nothing_is_kept_and_that_is_said() {
    let api = ApiStandIn::new();
    let store = store(&api);
    let kept = store.save(&job("u1"), &scaled(4), &Fence::open()).await.unwrap();
    api.end_namespace("prod");
    let error = store.save(&JobKey::new("fd/prod/other/u2"), &scaled(4), &Fence::open()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused, "no other namespace's jobs are left alone for it");
    assert!(error.to_string().contains("it is being terminated"), "{error}");
    // What is there can be written until it is gone, which is no error either.
    let kept = store.save(&job("u1"), &scaled(5), &Fence::at(kept)).await.unwrap();
    api.delete("configmaps", "prod", "flink-autoscaler-fd-orders");
    let error = store.save(&job("u1"), &scaled(6), &Fence::at(kept)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    assert_eq!(store.load(&job("u1")).await.unwrap().state, JobState::default());
    store.remove(&job("u1"), &Fence::open()).await.unwrap();
    assert_eq!(store.jobs().await.unwrap(), []);
}
