//! The program beside the real Flink Kubernetes Operator, on a real API server and a real Flink: what the operator does with our
//! patches is read from its own status and events, what came of it from Flink's REST answers.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a test that takes minutes and says how far it is")]

#[path = "kubernetes/support.rs"]
#[expect(dead_code, reason = "of what another test uses, too")]
mod support;

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

use support::{Started, create, overrides_of, printed, with_rights};

/// Records per second that one subtask just manages, and four times that.
const LOAD: u32 = 80;
const PEAK: u32 = 4 * LOAD;
const NAME: &str = "orders";

/// A job that the operator believes it has deployed, and what all is asked through.
struct World {
    namespace: TestNamespace,
    operator: Operator,
    cluster: Cluster,
    job: SampleJob,
    curve: LoadCurve,
    deployments: Api<DynamicObject>,
    events: Api<DynamicObject>,
    directory: tempfile::TempDir,
}

impl World {
    async fn new() -> Self {
        let cache = servers::flink::cache_directory(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/..")));
        let distribution = Distribution::obtain("1.20", &cache, &|line| println!("{line}")).unwrap();
        let namespace = TestNamespace::create().await;
        let cluster = Cluster::start(&distribution, &ClusterSpec::default()).await.unwrap();
        let curve = LoadCurve::begin(cluster.directory(), LOAD).unwrap();
        let job = SampleJob::submit(&cluster, &distribution, &curve, Duration::from_millis(10)).await.unwrap();
        let (server, of) = (&namespace.server, Some(namespace.name.as_str()));
        let operator = Operator::start(&distribution, server, of, &|line| println!("{line}")).unwrap();
        let client = namespace.client().await;
        let kind = GroupVersionKind::gvk("flink.apache.org", "v1beta1", "FlinkDeployment");
        let kind = ApiResource::from_gvk_with_plural(&kind, "flinkdeployments");
        let deployments = Api::namespaced_with(client.clone(), &namespace.name, &kind);
        let kind = ApiResource::from_gvk(&GroupVersionKind::gvk("", "v1", "Event"));
        let events = Api::namespaced_with(client, &namespace.name, &kind);
        let directory = tempfile::tempdir().unwrap();
        let world = Self { namespace, operator, cluster, job, curve, deployments, events, directory };
        world.deploy().await;
        world
    }

    /// Has the operator adopt the job that runs as that of a cluster it deploys.
    async fn deploy(&self) {
        create(&self.namespace, "ServiceAccount", "flink", json!({})).await;
        let configuration = json!({
            "rest.port": self.cluster.port.to_string(), "$internal.pipeline.job-id": self.job.id,
            "jobmanager.scheduler": "adaptive", "job.autoscaler.external.enabled": "true",
        });
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

    async fn resource(&self) -> DynamicObject {
        self.deployments.get(NAME).await.unwrap()
    }

    async fn status(&self) -> Value {
        self.resource().await.data["status"].clone()
    }

    /// What the operator says is deployed, and of which generation.
    async fn last_reconciled(&self) -> Value {
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
    async fn set(&self, key: &str, value: Value) {
        let patch = Patch::Merge(json!({"spec": {"flinkConfiguration": {key: value}}}));
        self.deployments.patch(NAME, &PatchParams::default(), &patch).await.unwrap();
    }

    /// Messages of the operator's own Events with a reason.
    async fn told_by_operator(&self, reason: &str) -> Vec<String> {
        let fields = format!("involvedObject.name={NAME},reason={reason}");
        let events = self.events.list(&ListParams::default().fields(&fields)).await.unwrap().items;
        let is_its = |event: &DynamicObject| event.data["source"]["component"] != "flink-autoscaler";
        events.iter().filter(|event| is_its(event)).map(|event| event.data["message"].to_string()).collect()
    }

    /// Waits until the slow vertex has as many subtasks, the operator says so, too, and all is at rest.
    async fn scaled(&self, program: &mut Started, what: &str, right: RangeInclusive<i64>) -> i64 {
        let begun = Instant::now();
        let subtasks = program
            .found(what, async |_| {
                let now = self.job.snapshot().await.ok()?;
                let (slow, subtasks) = (now.slow()?.id.clone(), now.slow_subtasks());
                let status = self.status().await;
                let is_at_rest =
                    status["lifecycleState"] == "STABLE" && status["reconciliationStatus"]["state"] == "DEPLOYED";
                let deployed = self.deployed().await.get(&slow).copied();
                (right.contains(&subtasks) && is_at_rest && deployed.map(i64::from) == Some(subtasks))
                    .then_some(subtasks)
            })
            .await;
        println!("{what}: {subtasks} subtasks after {:?}", begun.elapsed());
        subtasks
    }

    /// The job's id and when it started: a restart of the cluster would be another job, and one of the job another start.
    async fn identity(&self) -> (String, String) {
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

    fn start(&self, kubeconfig: &Path) -> Started {
        let options = self.options();
        let options: Vec<_> = options.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        Started::new(kubeconfig, &options)
    }

    /// Hands the job over; what is said of it.
    fn handed_over(&self, how: &str) -> String {
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
        assert!(output.status.success(), "{how}: {said}");
        said
    }
}

/// Load up four-fold and down again, a change of the user's in between, what would be an upgrade, and the operator's own autoscaler:
/// there and back. All on one job, which never restarts as a whole.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_operator_carries_out_in_place_what_we_decide() {
    let mut world = World::new().await;
    let identity = world.identity().await;
    let name = world.namespace.name.clone();
    let rights = ["kubernetes", "rbac", "--namespace", &name, "--watch", &name, "--events"];
    let kubeconfig = with_rights(&world.namespace, &printed(&rights)).await;
    let mut program = world.start(kubeconfig.path());

    world.curve.step(PEAK).unwrap();
    let up = world.scaled(&mut program, "load x4", 4..=24).await;
    let told = world.told_by_operator("Scaling").await;
    assert!(told.iter().any(|message| message.contains("In-place scaling triggered")), "{told:?}");
    assert_eq!(world.identity().await, identity);

    // While the operator does nothing, a user changes the spec and the load goes down: our change waits for theirs.
    world.operator.signal("STOP");
    let generation = world.resource().await.metadata.generation.unwrap();
    world.set("job.autoscaler.quota.cpu", json!("64")).await;
    world.curve.step(LOAD).unwrap();
    let is_held = async |said: &str| said.contains("the operator has not taken in its last change").then_some(());
    program.found("what is held", is_held).await;
    assert_eq!(world.resource().await.metadata.generation, Some(generation + 1), "a patch rode on a user's change");
    world.operator.signal("CONT");
    world.scaled(&mut program, "load back", 1..=up - 2).await;
    assert_eq!(world.identity().await, identity);

    // What the operator would answer with an upgrade is not sent.
    const IN_PLACE: &str = "kubernetes.operator.job.upgrade.inplace-scaling.enabled";
    world.set(IN_PLACE, json!("false")).await;
    let before = overrides_of(&world.resource().await);
    world.curve.step(PEAK).unwrap();
    let is_held = async |said: &str| said.contains(&format!("{IN_PLACE} is false")).then_some(());
    program.found("what would upgrade", is_held).await;
    assert_eq!(overrides_of(&world.resource().await), before);
    world.set(IN_PLACE, Value::Null).await;
    world.scaled(&mut program, "load x4 again", 4..=24).await;
    assert_eq!(world.identity().await, identity);

    // The operator's own, switched on beside us: we let go, and say so.
    world.set("job.autoscaler.enabled", json!("true")).await;
    let is_told = async |said: &str| said.contains("AutoscalerConflict").then_some(());
    program.found("the conflict", is_told).await;
    let sent = world.resource().await.metadata.generation;
    world.curve.step(LOAD).unwrap();
    tokio::time::sleep(Duration::from_secs(30)).await;
    assert_eq!(world.resource().await.metadata.generation, sent, "patched beside the operator's own autoscaler");
    drop(program);

    // From the operator's own to ours without a restart, and back.
    println!("{}", world.handed_over("takeover"));
    let mut program = world.start(kubeconfig.path());
    world.scaled(&mut program, "load back once more", 1..=up - 2).await;
    assert_eq!(world.identity().await, identity);
    drop(program);
    let there = world.job.snapshot().await.unwrap().slow_subtasks();
    println!("{}", world.handed_over("give-back"));
    assert_eq!(world.resource().await.data["spec"]["flinkConfiguration"]["job.autoscaler.enabled"], "true");
    until("the operator has taken it back", async || {
        let (resource, reconciled) = (world.resource().await, world.last_reconciled().await);
        let is_taken =
            reconciled["resource_metadata"]["metadata"]["generation"].as_i64() == resource.metadata.generation;
        (is_taken && resource.data["status"]["lifecycleState"] == "STABLE").then_some(())
    })
    .await;
    assert_eq!((world.identity().await, world.job.snapshot().await.unwrap().slow_subtasks()), (identity, there));
    let failures = world.job.failures().await.unwrap();
    assert!(failures.is_empty(), "the job failed: {failures:?}");
    let said = world.operator.said();
    assert!(!said.contains("Upgrading/Restarting running job"), "the operator has upgraded the job: {said}");
}
