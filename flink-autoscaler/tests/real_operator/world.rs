//! A job that the operator believes it has deployed, and what all is asked through.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use kube::Api;
use kube::api::{ListParams, Patch, PatchParams, PostParams};
use kube::core::{ApiResource, DynamicObject, GroupVersionKind};
use serde_json::{Value, json};
use servers::flink::{Cluster, ClusterSpec, Distribution, LoadCurve, QUICK_OPTIONS, SampleJob};
use servers::kubernetes::TestNamespace;
use servers::operator::{Operator, available};
use servers::waiting::until;
use tempfile::NamedTempFile;
use tokio::sync::{Mutex, MutexGuard};

use crate::support::{Started, create, overrides_of, printed, with_rights};

/// One at a time: each has a Flink, an operator and a load of its own.
static FREE: Mutex<()> = Mutex::const_new(());

/// Records per second that one subtask just manages, and four times that.
pub(super) const LOAD: u32 = 80;
pub(super) const PEAK: u32 = 4 * LOAD;
/// Subtasks that nobody decides at the peak, and with which the peak would have the job scaled up.
pub(super) const FEW: RangeInclusive<i64> = 1..=3;
/// How long the slow vertex takes for a record.
const WORK: Duration = Duration::from_millis(10);
const NAME: &str = "orders";

pub(super) struct World {
    pub(super) namespace: TestNamespace,
    pub(super) operator: Operator,
    cluster: Cluster,
    distribution: Distribution,
    pub(super) job: SampleJob,
    pub(super) curve: LoadCurve,
    deployments: Api<DynamicObject>,
    events: Api<DynamicObject>,
    directory: tempfile::TempDir,
    _free: MutexGuard<'static, ()>,
}

impl World {
    /// On a Flink of this version, of which the operator has the classes, too; with these entries in the resource's
    /// `flinkConfiguration`.
    pub(super) async fn new(version: &str, entries: &[(&str, &str)]) -> Self {
        Self::on(version, entries, ClusterSpec::default(), LOAD).await
    }

    /// The same with the load at its peak, and a job that whatever befalls it ends for good.
    pub(super) async fn fragile(version: &str, entries: &[(&str, &str)]) -> Self {
        let option = |(key, value): (&str, &str)| (key.to_owned(), value.to_owned());
        let options = [("restart-strategy.type", "none"), ("heartbeat.interval", "500")].map(option).into();
        Self::on(version, entries, ClusterSpec { options, ..ClusterSpec::default() }, PEAK).await
    }

    async fn on(version: &str, entries: &[(&str, &str)], spec: ClusterSpec, load: u32) -> Self {
        let _free = FREE.lock().await;
        let cache = servers::flink::cache_directory(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/..")));
        let distribution = Distribution::obtain(version, &cache, &|line| println!("{line}")).unwrap();
        let namespace = TestNamespace::create().await;
        let cluster = Cluster::start(&distribution, &spec).await.unwrap();
        let curve = LoadCurve::begin(cluster.directory(), load).unwrap();
        let job = SampleJob::submit(&cluster, &distribution, &curve, WORK).await.unwrap();
        let (server, of) = (&namespace.server, Some(namespace.name.as_str()));
        let operator = Operator::start(&distribution, server, of, &|line| println!("{line}")).unwrap();
        let client = namespace.client().await;
        let kind = GroupVersionKind::gvk("flink.apache.org", "v1beta1", "FlinkDeployment");
        let kind = ApiResource::from_gvk_with_plural(&kind, "flinkdeployments");
        let deployments = Api::namespaced_with(client.clone(), &namespace.name, &kind);
        let kind = ApiResource::from_gvk(&GroupVersionKind::gvk("", "v1", "Event"));
        let events = Api::namespaced_with(client, &namespace.name, &kind);
        let directory = tempfile::tempdir().unwrap();
        let world =
            Self { namespace, operator, cluster, distribution, job, curve, deployments, events, directory, _free };
        world.deploy(entries).await;
        world
    }

    /// Has the operator adopt the job that runs as that of a cluster it deploys.
    async fn deploy(&self, entries: &[(&str, &str)]) {
        create(&self.namespace, "ServiceAccount", "flink", json!({})).await;
        let mut configuration = json!({
            "rest.port": self.cluster.port.to_string(), "$internal.pipeline.job-id": self.job.id,
            "jobmanager.scheduler": "adaptive", "job.autoscaler.external.enabled": "true",
        });
        for (key, value) in entries {
            configuration[key] = (*value).into();
        }
        let resources = json!({"resource": {"memory": "1024m", "cpu": 1}});
        let object = json!({
            "apiVersion": "flink.apache.org/v1beta1", "kind": "FlinkDeployment", "metadata": {"name": NAME},
            "spec": {
                // The latest that this operator knows; for it, the cluster's REST API is the same.
                "image": "flink:1.18", "flinkVersion": "v1_18", "serviceAccount": "flink",
                "flinkConfiguration": configuration, "jobManager": resources, "taskManager": resources,
                "job": {"jarURI": "local:///opt/job.jar", "parallelism": 1, "upgradeMode": "stateless"},
            },
        });
        self.deployments.create(&PostParams::default(), &serde_json::from_value(object).unwrap()).await.unwrap();
        available(&self.namespace, NAME).await;
        until("the operator sees the job run", async || {
            let status = self.status().await;
            (status["lifecycleState"] == "STABLE" && status["jobStatus"]["state"] == "RUNNING").then_some(())
        })
        .await;
    }

    /// The job's TaskManager is lost.
    pub(super) fn lose_task_manager(&mut self) {
        self.cluster.kill_task_manager();
    }

    /// The cluster forgets its job, and has it submitted anew: what a redeploy comes to where no pods run. Meanwhile the operator
    /// stands still.
    pub(super) async fn redeploy(&mut self) {
        self.operator.signal("STOP");
        self.cluster.kill();
        self.cluster.bring_back(&self.distribution).await.unwrap();
        self.job.submit_again(&self.cluster, &self.distribution, &self.curve, WORK).await.unwrap();
        self.operator.signal("CONT");
    }

    /// Waits until the operator says so of the job.
    pub(super) async fn job_is(&self, state: &str) {
        let is_told = async || (self.status().await["jobStatus"]["state"] == state).then_some(());
        until(&format!("the operator sees the job {state}"), is_told).await;
    }

    /// What the operator has made for the cluster: another one after it has deployed it anew.
    pub(super) async fn deployment(&self) -> Option<String> {
        let kind = ApiResource::from_gvk(&GroupVersionKind::gvk("apps", "v1", "Deployment"));
        let client = self.namespace.client().await;
        let made = Api::<DynamicObject>::namespaced_with(client, &self.namespace.name, &kind).get(NAME).await;
        made.unwrap().metadata.uid
    }

    pub(super) async fn resource(&self) -> DynamicObject {
        self.deployments.get(NAME).await.unwrap()
    }

    async fn status(&self) -> Value {
        self.resource().await.data["status"].clone()
    }

    /// What the operator says is deployed, and of which generation.
    pub(super) async fn last_reconciled(&self) -> Value {
        let status = self.status().await;
        serde_json::from_str(status["reconciliationStatus"]["lastReconciledSpec"].as_str().unwrap()).unwrap()
    }

    /// The overrides that are deployed.
    async fn deployed(&self) -> BTreeMap<String, i32> {
        let mut resource = self.resource().await;
        resource.data["spec"] = self.last_reconciled().await["spec"].take();
        overrides_of(&resource)
    }

    /// What a user does with `kubectl`: sets one entry of flinkConfiguration.
    pub(super) async fn set(&self, key: &str, value: Value) {
        let patch = Patch::Merge(json!({"spec": {"flinkConfiguration": {key: value}}}));
        self.deployments.patch(NAME, &PatchParams::default(), &patch).await.unwrap();
    }

    /// Messages of the operator's own Events with a reason.
    pub(super) async fn told_by_operator(&self, reason: &str) -> Vec<String> {
        let fields = format!("involvedObject.name={NAME},reason={reason}");
        let events = self.events.list(&ListParams::default().fields(&fields)).await.unwrap().items;
        let is_its = |event: &DynamicObject| event.data["source"]["component"] != "flink-autoscaler";
        events.iter().filter(|event| is_its(event)).map(|event| event.data["message"].to_string()).collect()
    }

    /// Waits until the slow vertex has as many subtasks, the operator says so, too, and all is at rest.
    pub(super) async fn scaled(&self, program: &mut Started, what: &str, right: RangeInclusive<i64>) -> i64 {
        let begun = Instant::now();
        let subtasks = program.found(what, async |_| self.at_rest(&right).await).await;
        println!("{what}: {subtasks} subtasks after {:?}", begun.elapsed());
        subtasks
    }

    /// As many subtasks as the slow vertex has, if that is right, and the operator has nothing to do.
    pub(super) async fn at_rest(&self, right: &RangeInclusive<i64>) -> Option<i64> {
        let now = self.job.snapshot().await.ok()?;
        let (slow, subtasks) = (now.slow()?.id.clone(), now.slow_subtasks()?);
        let status = self.status().await;
        let is_at_rest = status["lifecycleState"] == "STABLE" && status["reconciliationStatus"]["state"] == "DEPLOYED";
        let deployed = self.deployed().await.get(&slow).copied();
        (right.contains(&subtasks) && is_at_rest && deployed.map(i64::from) == Some(subtasks)).then_some(subtasks)
    }

    /// The job's id and when it started: a restart of the cluster would be another job, and one of the job another start.
    pub(super) async fn identity(&self) -> (String, String) {
        let overview: Value = self.cluster.client().get("/jobs/overview").await.unwrap();
        let jobs = overview["jobs"].as_array().unwrap();
        assert_eq!(jobs.len(), 1, "{jobs:?}");
        assert_eq!(jobs[0]["jid"], self.job.id.as_str());
        let job = self.status().await["jobStatus"].clone();
        (job["jobId"].to_string(), jobs[0]["start-time"].to_string())
    }

    fn options(&self) -> Vec<(String, String)> {
        let (namespace, file) = (self.namespace.name.as_str(), self.directory.path().join("state.db"));
        let url = self.cluster.url();
        let file = file.display().to_string();
        let own = [
            ("autoscaler.standalone.fetcher.type", "KUBERNETES"),
            ("autoscaler.standalone.realizer.type", "KUBERNETES"),
            ("autoscaler.standalone.fetcher.kubernetes.namespaces", namespace),
            ("autoscaler.standalone.fetcher.kubernetes.rest-address", url.as_str()),
            ("autoscaler.standalone.event-handler.type", "logging,kubernetes"),
            ("autoscaler.standalone.state-store.type", "sqlite"),
            ("autoscaler.standalone.state-store.sqlite.file", &file),
            ("autoscaler.standalone.http.address", "off"),
        ];
        own.iter().chain(QUICK_OPTIONS).map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    /// A kubeconfig of somebody with the rights that are printed.
    pub(super) async fn kubeconfig(&self) -> NamedTempFile {
        let name = self.namespace.name.as_str();
        let rights = ["kubernetes", "rbac", "--namespace", name, "--watch", name, "--events"];
        with_rights(&self.namespace, &printed(&rights)).await
    }

    pub(super) fn start(&self, kubeconfig: &Path) -> Started {
        let options = self.options();
        let options: Vec<_> = options.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        Started::new(kubeconfig, &options)
    }

    /// Hands the job over; what is said of it, and whether it was done.
    pub(super) fn handed_over(&self, how: &str) -> (bool, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_flink-autoscaler"));
        command.args(["kubernetes", how, &format!("{}/{NAME}", self.namespace.name)]);
        let state = |(key, _): &(String, String)| key.starts_with("autoscaler.standalone.state-store");
        command.args(self.options().into_iter().filter(state).map(|(key, value)| format!("--{key}={value}")));
        command
            .env("KUBECONFIG", &self.namespace.server.kubeconfig)
            .env_remove("FLINK_CONF_DIR")
            .env_remove("RUST_LOG");
        let output = command.output().unwrap();
        let said = [output.stderr, output.stdout].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
        (output.status.success(), said)
    }
}
