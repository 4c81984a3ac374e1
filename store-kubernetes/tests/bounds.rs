//! What a real API server takes of a ConfigMap, and what is not asked of it.

use autoscaler_core::{AutoScalerStateStore, ErrorKind, Fence, JobKey, JobState};
use k8s_openapi::api::core::v1::ConfigMap;
use kube::Api;
use kube::api::{Patch, PatchParams};
use kubernetes_api::ApiClient;
use serde_json::json;
use servers::kubernetes::TestNamespace;
use store_kubernetes::{KubernetesStateStore, StoreSettings};

/// A state of as many bytes, and a little more.
fn of_bytes(bytes: usize) -> JobState {
    let mut state = JobState::default();
    state.config_overrides.edit().overrides.insert("k".to_owned(), "x".repeat(bytes));
    state
}

#[tokio::test]
async fn a_state_at_the_bound_is_kept_and_one_over_it_is_refused() {
    let namespace = TestNamespace::create().await;
    let api = ApiClient::of(namespace.client().await);
    let store = KubernetesStateStore::new(api, StoreSettings::new("test"));
    let job = JobKey::new(format!("fd/{}/orders/u", namespace.name));
    let state = of_bytes(899_000);
    let at = store.save(&job, &state, &Fence::open()).await.unwrap();
    let loaded = store.load(&job).await.unwrap();
    // Too long to be shown.
    assert!(loaded.state.config_overrides.get() == state.config_overrides.get());

    let error = store.save(&job, &of_bytes(901_000), &Fence::at(at)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge, "{error}");
    // What others keep in it counts: the API server would refuse the whole.
    let maps = Api::<ConfigMap>::namespaced(namespace.client().await, &namespace.name);
    let theirs = Patch::Merge(json!({"data": {"theirs": "y".repeat(140_000)}}));
    maps.patch("flink-autoscaler-fd-orders", &PatchParams::default(), &theirs).await.unwrap();
    let at = store.load(&job).await.unwrap().revision;
    let error = store.save(&job, &of_bytes(899_500), &Fence::at(at)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge, "{error}");
    let at = store.save(&job, &of_bytes(700_000), &Fence::at(at)).await.unwrap();
    assert_eq!(store.load(&job).await.unwrap().revision, at);
}
