//! The contracts of a state store, of a lease, and of both together, held on a real API server.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use autoscaler_core::Lease;
use kubernetes_api::{ApiClient, KubernetesLease};
use servers::kubernetes::TestNamespace;
use store_kubernetes::{KubernetesStateStore, StoreSettings};
use testkit::fenced::Fenced;
use testkit::lease::{Lasts, Place};
use testkit::store::{Fixture, Saves};

const HOUR: Duration = Duration::from_secs(3600);

async fn client(namespace: &TestNamespace) -> ApiClient {
    ApiClient::of(namespace.client().await)
}

/// A store whose jobs are no resources: those of the suite have no owners, which a garbage collector would miss.
async fn store(namespace: &TestNamespace, interval: Duration) -> KubernetesStateStore {
    let here = Some(namespace.name.clone());
    let settings = StoreSettings::new("test").at(here).in_namespaces(Some(Vec::new()));
    KubernetesStateStore::new(client(namespace).await, settings.with_observations_interval(interval))
}

async fn fixture(interval: Duration) -> Fixture {
    let namespace = TestNamespace::create().await;
    Fixture::new(Arc::new(store(&namespace, interval).await), namespace)
}

struct Here {
    client: ApiClient,
    namespace: String,
}

#[async_trait]
impl Place for Here {
    fn lease(&self) -> Arc<dyn Lease> {
        Arc::new(KubernetesLease::new(self.client.clone(), Some(self.namespace.clone()), "here"))
    }

    fn elsewhere(&self) -> Arc<dyn Lease> {
        Arc::new(KubernetesLease::new(self.client.clone(), Some(self.namespace.clone()), "there"))
    }

    fn name(&self) -> String {
        format!("{}/here", self.namespace)
    }

    async fn disturb(&self) {
        // The client has one connection or another; a server that fails is the stand-in's.
    }
}

async fn place() -> (Arc<dyn Place>, TestNamespace) {
    let namespace = TestNamespace::create().await;
    (Arc::new(Here { client: client(&namespace).await, namespace: namespace.name.clone() }), namespace)
}

async fn fenced() -> Fenced {
    let namespace = TestNamespace::create().await;
    let lease = KubernetesLease::new(client(&namespace).await, Some(namespace.name.clone()), "here");
    let store = store(&namespace, Duration::ZERO).await.under(lease.clone());
    Fenced::new(Arc::new(store), Arc::new(lease), namespace)
}

fn main() {
    // That a refused save leaves everything is the stand-in's to show: it refuses when told to.
    let mut all = testkit::store::trials("api server", Saves::CannotFail, || fixture(Duration::ZERO));
    all.extend(testkit::store::trials("api server, deferring", Saves::CannotFail, || fixture(HOUR)));
    all.extend(testkit::lease::trials("api server", Lasts::UntilItExpires, place));
    all.extend(testkit::fenced::trials("api server", fenced));
    testkit::suite::run(all);
}
