//! An API server that has too much to do: it is left alone for as long as it says, by the store as by the lease, each by itself.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test")]

use std::time::Duration;

use autoscaler_core::{
    Acquired, AutoScalerStateStore, ErrorKind, Fence, HeldLease, JobKey, JobState, Lease, LeaseTerms,
};
use kubernetes_api::{ApiClient, KubernetesLease};
use servers::api_standin::ApiStandIn;
use store_kubernetes::{KubernetesStateStore, StoreSettings};
use tokio::time::Instant;

struct Stage {
    api: ApiStandIn,
    store: KubernetesStateStore,
    lease: Box<dyn HeldLease>,
}

impl Stage {
    async fn new() -> Self {
        let api = ApiStandIn::new();
        let client = ApiClient::of(api.client());
        let lease = KubernetesLease::new(client.clone(), Some("default".to_owned()), "here");
        let terms = LeaseTerms::new("first", Duration::from_secs(15));
        let Acquired::Held(lease) = lease.acquire(&terms).await.unwrap() else { panic!("it is occupied") };
        Self { store: KubernetesStateStore::new(client, StoreSettings::new("test")), api, lease }
    }

    async fn saved(&self) -> Result<(), ErrorKind> {
        let mut state = JobState::default();
        state.parallelism_overrides.edit().insert(testkit::job::id(1).parse().unwrap(), 4);
        let saved = self.store.save(&JobKey::new("fd/prod/orders/u"), &state, &Fence::open()).await;
        saved.map(drop).map_err(|error| error.kind())
    }

    async fn renewed(&self) -> Result<(), ErrorKind> {
        self.lease.renew().await.map_err(|error| error.kind())
    }
}

#[tokio::test(start_paused = true)]
async fn the_store_leaves_it_alone_for_as_long_as_it_says() {
    let stage = Stage::new().await;
    stage.api.answer_next_after("POST", "configmaps", 429, 3);
    let begun = Instant::now();
    assert_eq!(stage.saved().await, Err(ErrorKind::Unavailable));
    // What the lease needs is not held up.
    assert_eq!((stage.renewed().await, begun.elapsed().as_secs()), (Ok(()), 0));
    assert_eq!((stage.saved().await, begun.elapsed().as_secs()), (Ok(()), 3));

    // For longer than a cycle waits: it is an error at once, and no request.
    stage.api.answer_next_after("GET", "configmaps", 429, 30);
    assert_eq!(stage.saved().await, Err(ErrorKind::Unavailable));
    stage.api.take_log();
    let begun = Instant::now();
    assert_eq!((stage.saved().await, begun.elapsed().as_secs()), (Err(ErrorKind::Unavailable), 0));
    assert_eq!(stage.api.take_log(), Vec::<String>::new());
    tokio::time::advance(Duration::from_secs(30)).await;
    assert_eq!(stage.saved().await, Ok(()));
}

#[tokio::test(start_paused = true)]
async fn the_lease_leaves_it_alone_for_as_long_as_it_says() {
    let stage = Stage::new().await;
    stage.api.answer_next_after("PUT", "leases", 429, 2);
    let begun = Instant::now();
    assert_eq!(stage.renewed().await, Err(ErrorKind::Unavailable));
    assert_eq!((stage.saved().await, begun.elapsed().as_secs()), (Ok(()), 0));
    assert_eq!((stage.renewed().await, begun.elapsed().as_secs()), (Ok(()), 2));
}
