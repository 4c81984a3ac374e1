//! The realizer on a real API server, with the stand-in for Flink: whose fields are whose, and what a patch leaves alone.
//! The operator's part is done by hand.

#![expect(clippy::unwrap_used, reason = "a test")]

use std::sync::Arc;
use std::time::Duration;

use autoscaler_core::ports::ListedJob;
use autoscaler_core::{
    ClusterName, Event, EventType, JobAutoScalerContext, JobStatus, Realization, ScalingRealizer, VertexId,
};
use flink_rest::FlinkClient;
use k8s_openapi::api::core::v1::ConfigMap;
use kube::Api;
use kube::api::{Patch, PatchParams, PostParams};
use kube::core::DynamicObject;
use kubernetes_api::{ApiClient, FlinkResource, Kind, KubernetesAccess, OVERRIDES, Overrides, Resources};
use realizer_kubernetes::{KubernetesRealizer, KubernetesRealizerOptions, Mode};
use serde_json::{Value, json};
use servers::kubernetes::{NOBODY, TestNamespace};
use servers::standin::StandIn;

const NAME: &str = "checkout";

struct Stage {
    realizer: KubernetesRealizer,
    access: KubernetesAccess,
    resources: Resources,
    flink: StandIn,
    deployments: Api<DynamicObject>,
    namespace: TestNamespace,
}

fn vertex(number: u32) -> VertexId {
    testkit::job::id(number).parse().unwrap()
}

fn text(subtasks: i32) -> String {
    format!("{}:{subtasks}", vertex(1))
}

fn applied(configuration: &Value) -> Patch<Value> {
    Patch::Apply(json!({
        "apiVersion": Kind::API_VERSION, "kind": "FlinkDeployment", "metadata": {"name": NAME},
        "spec": {"flinkVersion": "v1_20", "job": {"parallelism": 1}, "flinkConfiguration": configuration},
    }))
}

impl Stage {
    /// A FlinkDeployment that `git` has applied, with these keys besides the scheduler, and that runs; ours acts as the user of
    /// `context`.
    async fn new(context: Option<&str>, mut configuration: Value) -> Self {
        let namespace = TestNamespace::create().await;
        let flink = StandIn::start().await;
        flink.add_job(1, &[], None);
        let client = FlinkClient::new(&flink.url(), Duration::from_secs(20)).unwrap();
        let kind = Kind::FlinkDeployment.api_resource();
        let deployments = Api::namespaced_with(namespace.client().await, &namespace.name, &kind);
        configuration["jobmanager.scheduler"] = "adaptive".into();
        deployments.patch(NAME, &PatchParams::apply("git"), &applied(&configuration)).await.unwrap();
        let resources = Resources::default();
        let access = KubernetesAccess {
            api: ApiClient::of(namespace.server.client(context).await.unwrap()),
            resources: resources.clone(),
            flink: Arc::new(flink_rest::cluster(client)),
        };
        let options = KubernetesRealizerOptions { mode: Mode::Spec, full_upgrades: false };
        let realizer = KubernetesRealizer::new(access.clone(), options);
        let stage = Self { realizer, access, resources, flink, deployments, namespace };
        stage.reconcile().await;
        stage
    }

    async fn object(&self) -> DynamicObject {
        self.deployments.get(NAME).await.unwrap()
    }

    /// Has the resource as it is now seen by the realizer.
    async fn see(&self) {
        self.resources.put(FlinkResource::read(Kind::FlinkDeployment, self.object().await).unwrap());
    }

    /// Another process in the place of the one that scaled so far.
    fn replace(&mut self) {
        let options = KubernetesRealizerOptions { mode: Mode::Spec, full_upgrades: false };
        self.realizer = KubernetesRealizer::new(self.access.clone(), options);
    }

    /// What the operator tells of the job.
    async fn job_is(&self, state: &str) {
        let status = json!({"status": {"jobStatus": {"state": state}}});
        self.deployments.patch_status(NAME, &PatchParams::default(), &Patch::Merge(status)).await.unwrap();
        self.see().await;
    }

    /// What the operator does once a spec is deployed.
    async fn reconcile(&self) {
        let object = self.object().await;
        let status = json!({"status": {
            "observedGeneration": object.metadata.generation, "jobManagerDeploymentStatus": "READY",
            "jobStatus": {"state": "RUNNING", "jobId": testkit::job::id(1), "startTime": "7"},
            "reconciliationStatus": {
                "state": "DEPLOYED", "lastReconciledSpec": json!({"spec": object.data["spec"]}).to_string(),
            },
        }});
        self.deployments.patch_status(NAME, &PatchParams::default(), &Patch::Merge(status)).await.unwrap();
        self.see().await;
    }

    async fn realize(&self, subtasks: i32) -> Vec<Event> {
        self.cycle(subtasks, JobStatus::Running, false).await
    }

    async fn cycle(&self, subtasks: i32, status: JobStatus, while_restarting: bool) -> Vec<Event> {
        let key = self.resources.all()[0].reference.key();
        let context = testkit::job::context(1, &[]);
        let listed = ListedJob::new(context.id, NAME, status).with_key(key);
        let context = JobAutoScalerContext::new(ClusterName::new("kubernetes"), &listed, context.parsed);
        let mut realization = Realization::default();
        realization.parallelism = Some(Overrides::from([(vertex(1), subtasks)]));
        realization.while_restarting = while_restarting;
        self.realizer.realize(&context, &realization).await.unwrap()
    }

    /// The one event of a cycle.
    async fn told(&self, subtasks: i32) -> (EventType, String) {
        let [event] = <[Event; 1]>::try_from(self.realize(subtasks).await).unwrap();
        (event.event_type, event.message)
    }

    async fn configuration(&self) -> Value {
        self.object().await.data["spec"]["flinkConfiguration"].clone()
    }
}

#[tokio::test]
async fn a_rescale_changes_one_key_which_is_ours_from_then_on() {
    let stage = Stage::new(None, json!({"a": {"b": 1}, "job.autoscaler.external.enabled": true})).await;
    let before = stage.object().await;
    assert_eq!(stage.told(4).await.0, EventType::Normal);
    let after = stage.object().await;
    let mut expected = before.data["spec"].clone();
    expected["flinkConfiguration"][OVERRIDES] = text(4).into();
    assert_eq!(after.data["spec"], expected);
    assert_eq!(after.metadata.generation, before.metadata.generation.map(|generation| generation + 1));

    // Not seen yet, then seen and not yet carried out, then carried out.
    assert_eq!(stage.realize(4).await, []);
    stage.see().await;
    assert_eq!(stage.realize(4).await, []);
    assert_eq!(stage.flink.rescales(1), 0);
    stage.reconcile().await;
    assert_eq!(stage.resources.all()[0].override_managers, ["flink-autoscaler"]);
    // The job was submitted anew without overrides, and is put right.
    assert!(stage.told(4).await.1.starts_with("Rescaling in place"));
    assert_eq!(stage.told(2).await.0, EventType::Normal);
    assert_eq!(stage.configuration().await[OVERRIDES], text(2));

    // Whoever applies without the key takes nothing away.
    let theirs = json!({"jobmanager.scheduler": "adaptive", "job.autoscaler.external.enabled": true});
    stage.deployments.patch(NAME, &PatchParams::apply("git"), &applied(&theirs)).await.unwrap();
    assert_eq!(stage.configuration().await[OVERRIDES], text(2));
}

#[tokio::test]
async fn a_change_of_somebody_else_is_waited_for() {
    let stage = Stage::new(None, json!({})).await;
    let theirs = json!({"jobmanager.scheduler": "adaptive", "new": "key"});
    stage.deployments.patch(NAME, &PatchParams::apply("git"), &applied(&theirs)).await.unwrap();
    // On what was seen before it: the API server refuses, and nothing is said.
    assert_eq!(stage.realize(4).await, []);
    stage.see().await;
    let (kind, message) = stage.told(4).await;
    assert_eq!(kind, EventType::Normal);
    assert!(message.contains("has not taken in its last change (generation 2, observed 1)"), "{message}");
    assert_eq!(stage.configuration().await, theirs);
    stage.reconcile().await;
    assert!(stage.told(4).await.1.starts_with("Rescaling by FlinkDeployment"));
}

#[tokio::test]
async fn a_key_of_somebody_elses_stays_theirs_flat_or_nested() {
    for theirs in [json!({OVERRIDES: text(2)}), json!({"pipeline": {"jobvertex-parallelism-overrides": text(2)}})] {
        let stage = Stage::new(None, theirs).await;
        let before = stage.configuration().await;
        let (kind, message) = stage.told(4).await;
        assert_eq!(kind, EventType::Warning);
        assert!(message.contains("is managed by git, and it is not taken by force"), "{message}");
        assert_eq!(stage.realize(4).await, []);
        assert_eq!(stage.configuration().await, before);
    }
}

#[tokio::test]
async fn all_that_we_applied_stays() {
    let stage = Stage::new(None, json!({})).await;
    let ours = json!({
        "apiVersion": Kind::API_VERSION, "kind": "FlinkDeployment", "metadata": {"name": NAME},
        "spec": {"flinkConfiguration": {"job.autoscaler.enabled": "false", OVERRIDES: text(1)}},
    });
    stage.deployments.patch(NAME, &PatchParams::apply("flink-autoscaler"), &Patch::Apply(ours)).await.unwrap();
    stage.reconcile().await;
    assert_eq!(stage.told(4).await.0, EventType::Normal);
    let expected = json!({"jobmanager.scheduler": "adaptive", "job.autoscaler.enabled": "false", OVERRIDES: text(4)});
    assert_eq!(stage.configuration().await, expected);
}

#[tokio::test]
async fn without_rights_it_is_done_over_rest() {
    let stage = Stage::new(Some(NOBODY), json!({})).await;
    let (kind, message) = stage.told(4).await;
    assert_eq!(kind, EventType::Warning);
    assert!(message.contains("answered 403") && message.contains("From now on"), "{message}");
    assert!(stage.told(4).await.1.starts_with("Rescaling in place"));
    assert_eq!(stage.flink.parallelism(1, 1), 4);
    assert_eq!(stage.configuration().await, json!({"jobmanager.scheduler": "adaptive"}));
}

#[tokio::test]
async fn the_operators_state_is_a_conflict_until_it_is_emptied() {
    let stage = Stage::new(None, json!({})).await;
    let maps = Api::<ConfigMap>::namespaced(stage.namespace.client().await, &stage.namespace.name);
    let mut map = ConfigMap::default();
    map.metadata.name = Some(format!("autoscaler-{NAME}"));
    map.data = Some([("scalingHistory".to_owned(), "x".to_owned())].into());
    maps.create(&PostParams::default(), &map).await.unwrap();
    let [event] = <[Event; 1]>::try_from(stage.realize(4).await).unwrap();
    assert_eq!(event.reason, "AutoscalerConflict");
    assert_eq!(stage.configuration().await, json!({"jobmanager.scheduler": "adaptive"}));
    map.data = None;
    maps.replace(&format!("autoscaler-{NAME}"), &PostParams::default(), &map).await.unwrap();
    assert_eq!(stage.told(4).await.0, EventType::Normal);
}

/// The process that sends a patch is killed; the next notices that the job fails of it, and the one after that goes by what it
/// left in the resource. None of that changes the spec, or what is ours of it.
#[tokio::test]
async fn what_did_a_job_no_good_outlives_the_process() {
    let mut stage = Stage::new(None, json!({})).await;
    assert_eq!(stage.told(4).await.0, EventType::Normal);
    stage.reconcile().await;
    stage.replace();
    let patched = stage.object().await;
    stage.job_is("FAILED").await;
    let message = stage.told(4).await.1;
    assert!(message.contains("failed or was rolled back after it was rescaled"), "{message}");
    let object = stage.object().await;
    let note = object.metadata.annotations.as_ref().unwrap()["flink-autoscaler/not-again"].clone();
    assert!(note.contains(&text(4)), "{note}");
    assert_eq!(
        (object.metadata.generation, &object.data["spec"]),
        (patched.metadata.generation, &patched.data["spec"])
    );
    let resource = FlinkResource::read(Kind::FlinkDeployment, object).unwrap();
    assert!(resource.applied.configuration == [[OVERRIDES]] && !resource.applied.has_others, "{:?}", resource.applied);

    // The job is started again with what it had before, as its user had written it.
    stage.job_is("RUNNING").await;
    let ours = json!({
        "apiVersion": Kind::API_VERSION, "kind": "FlinkDeployment", "metadata": {"name": NAME},
        "spec": {"flinkConfiguration": {OVERRIDES: text(1)}},
    });
    stage.deployments.patch(NAME, &PatchParams::apply("flink-autoscaler"), &Patch::Apply(ours)).await.unwrap();
    stage.reconcile().await;
    stage.replace();
    let (kind, message) = stage.told(4).await;
    assert!(
        kind == EventType::Warning && message.contains("its annotation flink-autoscaler/not-again says"),
        "{message}"
    );
    assert_eq!((stage.realize(4).await, stage.configuration().await[OVERRIDES].clone()), (Vec::new(), json!(text(1))));
    assert_eq!(stage.told(3).await.0, EventType::Normal);
}

/// What a job restarts of again and again is put back while it does, where an operator may not rescale it in place, and its
/// resource follows once it runs. Each is done once.
#[tokio::test]
async fn what_is_put_back_while_a_job_restarts_is_put_back_once() {
    let stage = Stage::new(None, json!({})).await;
    assert_eq!(stage.told(4).await.0, EventType::Normal);
    stage.flink.rescale(1, &[(1, 4), (2, stage.flink.parallelism(1, 2))].into());
    stage.reconcile().await;
    stage.job_is("RESTARTING").await;
    let patched = stage.object().await.metadata.generation;
    assert_eq!(stage.cycle(1, JobStatus::Restarting, false).await, [], "it is not to be put back");
    let [event] = <[Event; 1]>::try_from(stage.cycle(1, JobStatus::Restarting, true).await).unwrap();
    assert!(event.message.starts_with("Rescaling in place: "), "{}", event.message);
    assert_eq!((stage.flink.parallelism(1, 1), stage.object().await.metadata.generation), (1, patched));
    assert_eq!(stage.cycle(1, JobStatus::Restarting, true).await, []);

    stage.job_is("RUNNING").await;
    let [event] = <[Event; 1]>::try_from(stage.cycle(1, JobStatus::Running, true).await).unwrap();
    assert!(event.message.starts_with("Rescaling by FlinkDeployment"), "{}", event.message);
    assert_eq!(stage.configuration().await[OVERRIDES], text(1));
    stage.reconcile().await;
    assert_eq!(stage.cycle(1, JobStatus::Running, true).await, []);
    let generation = stage.object().await.metadata.generation;
    assert_eq!((stage.flink.count("PUT", 1), generation), (1, patched.map(|patched| patched + 1)));
}
