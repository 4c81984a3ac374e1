//! What a real API server takes of a ConfigMap, and what is not asked of it.

#![expect(clippy::unwrap_used, reason = "a test")]

use autoscaler_core::{AutoScalerStateStore, ErrorKind, Fence, JobKey, JobState};
use k8s_openapi::api::core::v1::ConfigMap;
use kube::Api;
use kube::api::{Patch, PatchParams};
use kubernetes_api::ApiClient;
use serde_json::json;
use servers::kubernetes::TestNamespace;
use store_kubernetes::{KubernetesStateStore, StoreSettings};

fn scaled(parallelism: i32) -> JobState {
    let mut state = JobState::default();
    state.parallelism_overrides.edit().insert(testkit::job::id(1).parse().unwrap(), parallelism);
    state
}

/// What others keep in it counts: the API server would refuse the whole.
#[tokio::test]
async fn a_config_map_at_the_bound_is_written_and_one_over_it_is_not() {
    let namespace = TestNamespace::create().await;
    let api = ApiClient::of(namespace.client().await);
    let store = KubernetesStateStore::new(api, StoreSettings::new("test"));
    let job = JobKey::new(format!("fd/{}/orders/u", namespace.name));
    store.save(&job, &scaled(1), &Fence::open()).await.unwrap();
    let maps = Api::<ConfigMap>::namespaced(namespace.client().await, &namespace.name);
    let fill = async |bytes: usize| {
        let theirs = Patch::Merge(json!({"data": {"theirs": "y".repeat(bytes)}}));
        maps.patch("flink-autoscaler-fd-orders", &PatchParams::default(), &theirs).await.unwrap();
        store.load(&job).await.unwrap().revision
    };

    let at = fill(899_000).await;
    store.save(&job, &scaled(2), &Fence::at(at)).await.unwrap();
    let at = fill(900_500).await;
    let error = store.save(&job, &scaled(3), &Fence::at(at)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge, "{error}");
    let loaded = store.load(&job).await.unwrap();
    assert_eq!(
        (loaded.state.parallelism_overrides.get(), loaded.revision),
        (scaled(2).parallelism_overrides.get(), at)
    );
}
