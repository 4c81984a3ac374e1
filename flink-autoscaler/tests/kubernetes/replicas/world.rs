//! Two replicas, each with a way of its own to the API server, and one job.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use autoscaler_core::time::Instant as At;
use autoscaler_core::{AutoScalerStateStore, JobKey, JobState};
use kube::Api;
use kube::core::{ApiResource, DynamicObject, GroupVersionKind};
use serde_json::{Value, json};
use servers::fault_proxy::FaultProxy;
use servers::kubernetes::{FaultyApiServer, TestNamespace};
use servers::standin::StandIn;
use store_kubernetes::{KubernetesStateStore, StoreSettings};
use tempfile::NamedTempFile;
use tokio::sync::OwnedMutexGuard;

use super::operator::Operator;
use super::until;
use crate::support::{Deployment, Started, overrides_of, printed, with_rights};

/// How long the lease lasts here.
pub(super) const LEASE: Duration = Duration::from_secs(2);

pub(super) struct World {
    namespace: TestNamespace,
    pub(super) cluster: Arc<StandIn>,
    deployment: Arc<Deployment>,
    /// The only one to act on the resource's spec; none in mode REST.
    operator: Option<Operator>,
    mode: &'static str,
    store: KubernetesStateStore,
    key: JobKey,
    leases: Api<DynamicObject>,
    pub(super) proxies: Vec<FaultProxy>,
    kubeconfigs: Vec<NamedTempFile>,
    /// None: it was killed, and is to be started again.
    replicas: Vec<Option<(String, Started)>>,
    started: usize,
    first_generation: i64,
}

impl World {
    pub(super) async fn start(server: &FaultyApiServer, mode: &'static str) -> Self {
        let namespace = TestNamespace::create_on(server.server()).await;
        let cluster = Arc::new(StandIn::start().await);
        cluster.add_job(1, &[], None);
        // The job is scaled within half a second of a change of its load; every scaling stays in the records to be counted.
        let configuration = json!({
            "job.autoscaler.stabilization.interval": "0 s", "job.autoscaler.metrics.window": "400 ms",
            "job.autoscaler.scale-down.interval": "0 s", "job.autoscaler.utilization.max": "0.8",
            "job.autoscaler.utilization.min": "0.5", "job.autoscaler.history.max.count": "1000",
        });
        let deployment = Arc::new(Deployment::create(&namespace, "ours", 1, configuration).await);
        let object = deployment.get().await.unwrap();
        let client = namespace.client().await;
        let settings = StoreSettings::new("flink-autoscaler").in_namespaces(Some(vec![namespace.name.clone()]));
        let kind = ApiResource::from_gvk(&GroupVersionKind::gvk("coordination.k8s.io", "v1", "Lease"));
        let operator = (mode == "SPEC").then(|| Operator::start(Arc::clone(&deployment), Arc::clone(&cluster)));
        let name = namespace.name.as_str();
        let rights = printed(&["kubernetes", "rbac", "--namespace", name, "--watch", name, "--store", "kubernetes"]);
        let kubeconfig = with_rights(&namespace, &rights).await;
        let (mut proxies, mut kubeconfigs) = (Vec::new(), Vec::new());
        for _ in 0..2 {
            let proxy = FaultProxy::start(server.address()).await;
            kubeconfigs.push(through(&kubeconfig, &proxy));
            proxies.push(proxy);
        }
        let mut world = Self {
            store: KubernetesStateStore::new(kubernetes_api::ApiClient::of(client.clone()), settings),
            key: JobKey::new(format!("fd/{name}/ours/{}", object.metadata.uid.unwrap())),
            leases: Api::namespaced_with(client, name, &kind),
            first_generation: object.metadata.generation.unwrap(),
            replicas: vec![None, None],
            started: 0,
            namespace,
            cluster,
            deployment,
            operator,
            mode,
            proxies,
            kubeconfigs,
        };
        world.start_in_place_of(0);
        world.start_in_place_of(1);
        world
    }

    /// Starts another replica with the way to the API server of one that has ended.
    pub(super) fn start_in_place_of(&mut self, index: usize) {
        self.started += 1;
        let (name, flink, lease) = (&self.namespace.name, self.cluster.url(), format!("{} ms", LEASE.as_millis()));
        let replica = format!("replica-{}", self.started);
        let options = [
            ("autoscaler.standalone.fetcher.type", "KUBERNETES"),
            ("autoscaler.standalone.realizer.type", "KUBERNETES"),
            ("autoscaler.standalone.realizer.kubernetes.mode", self.mode),
            ("autoscaler.standalone.state-store.type", "KUBERNETES"),
            ("autoscaler.standalone.fetcher.kubernetes.namespaces", name),
            ("autoscaler.standalone.state-store.kubernetes.namespaces", name),
            ("autoscaler.standalone.state-store.kubernetes.namespace", name),
            ("autoscaler.standalone.high-availability.enabled", "true"),
            ("autoscaler.standalone.high-availability.lease-duration", &lease),
            ("autoscaler.standalone.high-availability.replica-id", &replica),
            ("autoscaler.standalone.control-loop.interval", "50 ms"),
            ("autoscaler.standalone.http.address", "off"),
            ("autoscaler.standalone.fetcher.kubernetes.rest-address", &flink),
        ];
        let started = Started::new(self.kubeconfigs[index].path(), &options);
        self.replicas[index] = Some((replica, started));
    }

    pub(super) fn kill(&mut self, index: usize) {
        self.replicas[index] = None;
    }

    /// SIGTERM, and waits until it has ended.
    pub(super) async fn end(&mut self, index: usize) {
        let (_, replica) = self.replicas[index].take().unwrap();
        replica.signal("TERM");
        let said = replica.ended().await;
        assert!(!said.contains("panicked"), "{said}");
    }

    pub(super) fn signal(&self, index: usize, signal: &str) {
        self.replicas[index].as_ref().unwrap().1.signal(signal);
    }

    async fn state(&self) -> JobState {
        let loaded = until("the state can be read", async || self.store.load(&self.key).await.ok()).await;
        assert!(loaded.unreadable.is_empty(), "{:?}", loaded.unreadable);
        loaded.state
    }

    /// The scalings that were decided, by their instant.
    pub(super) async fn decided(&self) -> Vec<At> {
        self.state().await.scaling_tracking.get().records.keys().copied().collect()
    }

    /// Has the operator, where there is one, do nothing until what is returned is dropped.
    pub(super) async fn pause_operator(&self) -> Option<OwnedMutexGuard<()>> {
        match &self.operator {
            Some(operator) => Some(operator.pause().await),
            None => None,
        }
    }

    /// How many were realized. In mode SPEC each is a change of the spec, and nobody else changes that.
    pub(super) async fn realized(&self) -> usize {
        if self.operator.is_none() {
            return self.cluster.rescales(1);
        }
        assert_eq!(self.cluster.count("PUT", 1), 0, "there is nothing to put right over REST");
        let object = until("the resource can be read", async || self.deployment.get().await.ok()).await;
        usize::try_from(object.metadata.generation.unwrap() - self.first_generation).unwrap()
    }

    /// The same and those that are held.
    pub(super) async fn tried_to_realize(&self) -> usize {
        if self.operator.is_none() { self.cluster.count("PUT", 1) } else { self.realized().await }
    }

    /// Has realizations be held where they can be: Flink's REST API can; whether they are.
    pub(super) fn holds_realizations(&self, holds: bool) -> bool {
        self.cluster.hold_rescales(holds);
        holds
    }

    /// Whether the job is as it is stored.
    pub(super) async fn is_realized(&self) -> bool {
        let state = self.state().await;
        let overrides = state.parallelism_overrides.get();
        let stored = |vertex: u32| overrides.get(&testkit::job::id(vertex).parse().unwrap()).copied();
        let object = self.deployment.get().await.unwrap();
        let in_spec = overrides_of(&object);
        [1, 2].into_iter().all(|vertex| {
            stored(vertex).is_none_or(|stored| {
                let is_there = self.cluster.parallelism(1, vertex) == i64::from(stored);
                is_there && (self.operator.is_none() || in_spec.get(&testkit::job::id(vertex)) == Some(&stored))
            })
        })
    }

    /// What the job runs with, by its vertices.
    pub(super) fn parallelism(&self) -> BTreeMap<u32, i64> {
        [1, 2].map(|vertex| (vertex, self.cluster.parallelism(1, vertex))).into()
    }

    /// Has the load be such that the job has to be scaled.
    pub(super) fn change_load(&self, random: &mut fastrand::Rng) {
        let is_wide = self.cluster.parallelism(1, 2) >= 3;
        self.cluster.set_load(1, if is_wide { 0.4 + random.f64() * 0.2 } else { 3.2 + random.f64() * 2.0 });
    }

    /// The Lease's holder and token; none while there is none or the API server is away.
    async fn leader(&self) -> Option<(String, i64)> {
        let lease = self.leases.get("flink-autoscaler").await.ok()?;
        let token = lease.metadata.annotations?.get("flink-autoscaler/token")?.parse().unwrap();
        Some((lease.data["spec"]["holderIdentity"].as_str()?.to_owned(), token))
    }

    /// Which of the replicas leads, and under which token.
    pub(super) async fn leading(&self) -> (usize, i64) {
        until("somebody leads", async || {
            let (holder, token) = self.leader().await?;
            let is_holder = |replica: &Option<(String, Started)>| {
                replica.as_ref().is_some_and(|(name, _)| holder.starts_with(&format!("{name} ")))
            };
            Some((self.replicas.iter().position(is_holder)?, token))
        })
        .await
    }

    /// Waits until somebody else has taken the lease than who had it under `token`; how long after `since` that was.
    pub(super) async fn taken_over(&self, token: i64, since: Instant) -> Duration {
        let is_taken = async || self.leader().await.is_some_and(|(_, now)| now > token).then(|| since.elapsed());
        until("somebody takes over", is_taken).await
    }

    /// Waits until so many cycles of the job have begun since.
    pub(super) async fn cycles(&self, count: usize) {
        let before = self.cluster.count("GET", 1);
        // A cycle asks for more than two things.
        until("there are cycles", async || (self.cluster.count("GET", 1) > before + 4 * count).then_some(())).await;
    }

    pub(super) fn end_all(self) {
        for (_, replica) in self.replicas.into_iter().flatten() {
            let said = replica.said();
            assert!(!said.contains("panicked") && !said.contains("a bug ended"), "{said}");
        }
    }
}

/// A kubeconfig of the same user by way of a proxy.
fn through(kubeconfig: &NamedTempFile, proxy: &FaultProxy) -> NamedTempFile {
    let mut object: Value = serde_json::from_str(&std::fs::read_to_string(kubeconfig.path()).unwrap()).unwrap();
    object["clusters"][0]["cluster"]["server"] = format!("https://{}", proxy.address()).into();
    let file = NamedTempFile::new().unwrap();
    std::fs::write(file.path(), object.to_string()).unwrap();
    file
}
