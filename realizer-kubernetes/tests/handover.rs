//! Handing a job over, on a real API server: one change, and nothing of its user's is touched.

#![expect(clippy::unwrap_used, reason = "a test")]

use kube::Api;
use kube::api::{Patch, PatchParams};
use kube::core::DynamicObject;
use kubernetes_api::{ApiClient, FlinkResource, Kind, OVERRIDES, OperatorDefaults, SWITCH, applied_with, conflict};
use realizer_kubernetes::{Direction, Handover};
use serde_json::{Value, json};
use servers::kubernetes::TestNamespace;

const NAME: &str = "checkout";
const DEPLOYED: &str = "00000000000000000000000000000001:4";
/// What only kubectl's client-side apply has managed: an apply by kubectl itself would take it over, and away.
const BY_KUBECTL: &str = "kubectl-client-side-apply";

struct Stage {
    namespace: TestNamespace,
    deployments: Api<DynamicObject>,
}

impl Stage {
    async fn new() -> Self {
        let namespace = TestNamespace::create().await;
        let kind = Kind::FlinkDeployment.api_resource();
        let deployments = Api::namespaced_with(namespace.client().await, &namespace.name, &kind);
        let spec = json!({"image": "flink", "job": {}, "flinkConfiguration": {
            "jobmanager.scheduler": "adaptive", "job.autoscaler.enabled": "true",
        }});
        let object = json!({
            "apiVersion": Kind::API_VERSION, "kind": "FlinkDeployment", "metadata": {"name": NAME}, "spec": spec,
        });
        let parameters = kube::api::PostParams { field_manager: Some(BY_KUBECTL.to_owned()), ..Default::default() };
        deployments.create(&parameters, &serde_json::from_value(object).unwrap()).await.unwrap();
        let stage = Self { namespace, deployments };
        stage.reconcile(&json!(DEPLOYED)).await;
        stage
    }

    /// What the operator does once a spec is deployed, with the overrides that its own autoscaler puts on top.
    async fn reconcile(&self, overrides: &Value) {
        let object = self.deployments.get(NAME).await.unwrap();
        let mut spec = object.data["spec"].clone();
        spec["flinkConfiguration"][OVERRIDES] = overrides.clone();
        let status = json!({"status": {
            "observedGeneration": object.metadata.generation,
            "reconciliationStatus": {"state": "DEPLOYED", "lastReconciledSpec": json!({"spec": spec}).to_string()},
        }});
        self.deployments.patch_status(NAME, &PatchParams::default(), &Patch::Merge(status)).await.unwrap();
    }

    async fn hand_over(&self, direction: Direction, is_dry_run: bool) -> Result<(), String> {
        let api = ApiClient::of(self.namespace.client().await);
        let plan = Handover::plan(&api, Kind::FlinkDeployment, &self.namespace.name, NAME, direction).await;
        let plan = plan.map_err(|error| error.to_string())?;
        let done = if is_dry_run { plan.check().await } else { plan.apply().await };
        done.map_err(|error| error.to_string())
    }

    async fn resource(&self) -> FlinkResource {
        FlinkResource::read(Kind::FlinkDeployment, self.deployments.get(NAME).await.unwrap()).unwrap()
    }

    async fn spec(&self) -> Value {
        self.deployments.get(NAME).await.unwrap().data["spec"].clone()
    }
}

fn spec(is_operators: bool) -> Value {
    let (theirs, ours) = (is_operators.to_string(), (!is_operators).to_string());
    json!({"image": "flink", "job": {}, "flinkConfiguration": {
        "jobmanager.scheduler": "adaptive", "job.autoscaler.enabled": theirs, SWITCH: ours, OVERRIDES: DEPLOYED,
    }})
}

#[tokio::test]
async fn a_job_is_taken_over_and_given_back_and_its_users_part_stays() {
    let stage = Stage::new().await;
    assert!(conflict(&stage.resource().await, None, &OperatorDefaults::default()).is_some());
    let before = stage.spec().await;
    stage.hand_over(Direction::Takeover, true).await.unwrap();
    assert_eq!(stage.spec().await, before, "a dry run stores nothing");

    stage.hand_over(Direction::Takeover, false).await.unwrap();
    assert_eq!(stage.spec().await, spec(false));
    let problem = stage.hand_over(Direction::GiveBack, false).await.unwrap_err();
    assert!(problem.contains("a change of it is under way"), "{problem}");
    stage.reconcile(&json!(DEPLOYED)).await;
    let resource = stage.resource().await;
    assert_eq!(conflict(&resource, None, &OperatorDefaults::default()), None);
    assert_eq!(resource.override_managers, ["flink-autoscaler"]);

    // Again changes nothing.
    stage.hand_over(Direction::Takeover, false).await.unwrap();
    assert_eq!(stage.resource().await.generation, resource.generation);

    stage.hand_over(Direction::GiveBack, false).await.unwrap();
    assert_eq!(stage.spec().await, spec(true));
    stage.reconcile(&json!(DEPLOYED)).await;
    assert!(conflict(&stage.resource().await, None, &OperatorDefaults::default()).is_some());
}

/// Should the job fail, it does not fail of what ours has asked for.
#[tokio::test]
async fn what_a_job_is_taken_over_with_is_no_rescale_of_ours() {
    let stage = Stage::new().await;
    stage.hand_over(Direction::Takeover, false).await.unwrap();
    let taken = stage.resource().await;
    assert_eq!(taken.override_managers, ["flink-autoscaler"]);
    assert_eq!((taken.rescaled_at, taken.applied.has_others), (None, false));
    let rescale = applied_with(&taken, &[(OVERRIDES, "00000000000000000000000000000001:5")]);
    let parameters = PatchParams::apply("flink-autoscaler");
    stage.deployments.patch(NAME, &parameters, &Patch::Apply(rescale)).await.unwrap();
    assert!(stage.resource().await.rescaled_at.is_some());
    // Taken over once more, it stays that.
    stage.reconcile(&json!("00000000000000000000000000000001:5")).await;
    stage.hand_over(Direction::Takeover, false).await.unwrap();
    assert!(stage.resource().await.rescaled_at.is_some());
}

#[tokio::test]
async fn one_that_is_not_there_is_said() {
    let namespace = TestNamespace::create().await;
    let api = ApiClient::of(namespace.client().await);
    let none = Handover::plan(&api, Kind::FlinkSessionJob, &namespace.name, NAME, Direction::Takeover).await;
    let error = none.unwrap_err().to_string();
    assert!(error.starts_with(&format!("FlinkSessionJob {}/{NAME} can't be read", namespace.name)), "{error}");
}
