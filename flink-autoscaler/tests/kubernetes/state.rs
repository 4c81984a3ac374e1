//! State and the right to act on the API server itself.

use kube::Api;
use kube::core::{ApiResource, DynamicObject, GroupVersionKind};
use serde_json::json;
use servers::kubernetes::TestNamespace;
use servers::standin::StandIn;
use tempfile::NamedTempFile;

use crate::support::{Deployment, SHORT_WINDOWS, Started, printed, with_rights};

/// A namespace with a job, and somebody who may do what is printed for a store.
struct World {
    namespace: TestNamespace,
    flink: StandIn,
    job: Deployment,
    kubeconfig: NamedTempFile,
}

impl World {
    async fn with_rights_for(store: &str) -> Self {
        let namespace = TestNamespace::create().await;
        let flink = StandIn::start().await;
        flink.add_job(1, &[], None);
        let job = Deployment::create(&namespace, "ours", 1, json!({})).await;
        let name = namespace.name.as_str();
        let rights = printed(&["kubernetes", "rbac", "--namespace", name, "--watch", name, "--store", store]);
        let kubeconfig = with_rights(&namespace, &rights).await;
        Self { namespace, flink, job, kubeconfig }
    }

    /// One of the replicas.
    fn start(&self, replica: &str) -> Started {
        let (name, url) = (self.namespace.name.as_str(), self.flink.url());
        let mut options = vec![
            ("autoscaler.standalone.fetcher.type", "KUBERNETES"),
            ("autoscaler.standalone.realizer.type", "KUBERNETES"),
            ("autoscaler.standalone.state-store.type", "KUBERNETES"),
            ("autoscaler.standalone.fetcher.kubernetes.namespaces", name),
            ("autoscaler.standalone.state-store.kubernetes.namespaces", name),
            ("autoscaler.standalone.state-store.kubernetes.namespace", name),
            ("autoscaler.standalone.high-availability.enabled", "true"),
            ("autoscaler.standalone.high-availability.lease-duration", "3 s"),
            ("autoscaler.standalone.high-availability.replica-id", replica),
            ("autoscaler.standalone.control-loop.interval", "50 ms"),
            ("autoscaler.standalone.http.address", "off"),
            ("autoscaler.standalone.fetcher.kubernetes.rest-address", url.as_str()),
        ];
        options.extend(SHORT_WINDOWS);
        Started::new(self.kubeconfig.path(), &options)
    }

    /// An object of the namespace, if it is there.
    async fn object(&self, group: &str, kind: &str, name: &str) -> Option<DynamicObject> {
        let kind = ApiResource::from_gvk(&GroupVersionKind::gvk(group, "v1", kind));
        let api = Api::<DynamicObject>::namespaced_with(self.namespace.client().await, &self.namespace.name, &kind);
        api.get_opt(name).await.unwrap()
    }

    async fn is_led_by(&self, replica: &str) -> Option<()> {
        let lease = self.object("coordination.k8s.io", "Lease", "flink-autoscaler").await?;
        lease.data["spec"]["holderIdentity"].as_str()?.starts_with(replica).then_some(())
    }
}

/// With the rights that are printed for the store and no others, state is in a ConfigMap, and of two replicas the one that
/// follows goes on when the other is killed: with what was decided, not from the beginning.
#[tokio::test]
async fn a_follower_goes_on_with_the_rights_that_are_printed() {
    let world = World::with_rights_for("kubernetes").await;
    let mut first = world.start("first-replica");
    first.found("it leads", async |_| world.is_led_by("first-replica").await).await;
    let mut second = world.start("second-replica");
    second.found("it follows", async |said| said.contains("following: first-replica").then_some(())).await;

    let wanted = first.found("the resource is patched", async |_| world.job.override_of(2).await).await;
    let state = world.object("", "ConfigMap", "flink-autoscaler-fd-ours").await.unwrap();
    assert!(state.data["data"]["scalingHistory"].is_string(), "{state:?}");
    assert_eq!(world.flink.rescales(1), 0);

    let said = first.said();
    drop(first);
    // The operator says it has done it, and the job was submitted without: the second puts it right.
    world.job.reconcile(1).await;
    let is_right = async |_: &str| (world.flink.parallelism(1, 2) >= i64::from(wanted)).then_some(());
    second.found("the job is put right over REST", is_right).await;
    assert!(world.is_led_by("second-replica").await.is_some());
    for said in [said, second.said()] {
        assert!(!said.contains("answered 403") && !said.contains("has no effect"), "{said}");
    }
}

/// What only the store needs is not among the rights of an installation without it.
#[tokio::test]
async fn without_the_store_there_is_no_right_to_its_lease() {
    let world = World::with_rights_for("sqlite").await;
    let mut program = world.start("first-replica");
    let is_refused = |said: &str| said.contains("Lease") && said.contains("403");
    program.found("it may not act", async |said| is_refused(said).then_some(())).await;
    assert!(world.object("coordination.k8s.io", "Lease", "flink-autoscaler").await.is_none());
}
