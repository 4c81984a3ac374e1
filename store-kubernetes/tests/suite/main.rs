//! The contracts of a state store, of a lease, and of both together, held before a stand-in for the API server.

#![expect(clippy::unwrap_used, reason = "a test")]

mod renamed;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use autoscaler_core::Lease;
use kubernetes_api::{ApiClient, KubernetesLease};
use renamed::OfResources;
use servers::api_standin::ApiStandIn;
use store_kubernetes::{KubernetesStateStore, StoreSettings};
use testkit::fenced::Fenced;
use testkit::lease::{Lasts, Place};
use testkit::store::{Fixture, SaveFault, Saves};

fn store(api: &ApiStandIn, settings: StoreSettings) -> KubernetesStateStore {
    KubernetesStateStore::new(ApiClient::of(api.client()), settings)
}

fn settings() -> StoreSettings {
    StoreSettings::new("test")
}

/// Has the API server refuse what a save writes.
struct Refusing(ApiStandIn);

#[async_trait]
impl SaveFault for Refusing {
    async fn begin(&self, n: usize) -> bool {
        // A save is one request that writes, done or not.
        if n == 0 {
            self.0.answer_next("PUT", "configmaps", 500);
        }
        n == 0
    }

    async fn end(&self, _: usize) {
        self.0.answer_as_usual();
    }
}

fn fixture(settings: StoreSettings) -> Fixture {
    let api = ApiStandIn::new();
    Fixture::new(Arc::new(store(&api, settings)), ()).with_fault(Refusing(api))
}

/// The same, with keys as resources have them.
fn fixture_of_resources(settings: StoreSettings) -> Fixture {
    let api = ApiStandIn::new();
    Fixture::new(Arc::new(OfResources(store(&api, settings))), ()).with_fault(Refusing(api))
}

struct Here(ApiStandIn);

#[async_trait]
impl Place for Here {
    fn lease(&self) -> Arc<dyn Lease> {
        Arc::new(KubernetesLease::new(ApiClient::of(self.0.client()), Some("default".to_owned()), "here"))
    }

    fn elsewhere(&self) -> Arc<dyn Lease> {
        Arc::new(KubernetesLease::new(ApiClient::of(self.0.client()), Some("default".to_owned()), "there"))
    }

    fn name(&self) -> String {
        "default/here".to_owned()
    }

    async fn disturb(&self) {
        self.0.answer_next("PUT", "leases", 503);
    }
}

fn fenced(interval: Duration) -> Fenced {
    let api = ApiStandIn::new();
    let lease = KubernetesLease::new(ApiClient::of(api.client()), Some("default".to_owned()), "here");
    let store = store(&api, settings().with_observations_interval(interval)).under(lease.clone());
    Fenced::new(Arc::new(store), Arc::new(lease), ())
}

fn main() {
    const HOUR: Duration = Duration::from_secs(3600);
    let deferring = || settings().with_observations_interval(HOUR);
    let mut all = testkit::store::trials("kubernetes", Saves::CanFail, || async { fixture(settings()) });
    all.extend(testkit::store::trials("deferring", Saves::CanFail, move || async move { fixture(deferring()) }));
    all.extend(testkit::store::trials("resources", Saves::CanFail, || async {
        let namespaces = Some(vec!["a".to_owned(), "b".to_owned()]);
        fixture_of_resources(settings().in_namespaces(namespaces))
    }));
    all.extend(testkit::lease::trials("kubernetes", Lasts::UntilItExpires, || async {
        let place: Arc<dyn Place> = Arc::new(Here(ApiStandIn::new()));
        (place, ())
    }));
    all.extend(testkit::fenced::trials("kubernetes", || async { fenced(Duration::ZERO) }));
    all.extend(testkit::fenced::trials("deferring", || async { fenced(HOUR) }));
    testkit::suite::run(all);
}
