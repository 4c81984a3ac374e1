//! `status`.

use k8s_openapi::jiff::Timestamp;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::spec::FlinkSpec;

/// What the operator last observed.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct FlinkStatus {
    /// The job.
    #[serde(deserialize_with = "nullable")]
    pub job_status: JobState,
    /// `STABLE`, `UPGRADING`, …
    pub lifecycle_state: Option<String>,
    /// What is deployed.
    #[serde(deserialize_with = "nullable")]
    pub reconciliation_status: ReconciliationState,
    /// `READY`: the cluster's REST API answers. Of a session job: look at its cluster's.
    pub job_manager_deployment_status: Option<String>,
    observed_generation: Option<i64>,
    /// What is wrong, as the operator says it.
    pub error: Option<String>,
}

/// The job as it was last observed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct JobState {
    /// Flink's name of its state.
    pub state: Option<String>,
    /// Flink's id of it.
    pub job_id: Option<String>,
    /// Its name.
    pub job_name: Option<String>,
    /// When it started, epoch milliseconds as text.
    pub start_time: Option<String>,
    update_time: Option<String>,
}

/// How far the spec is deployed.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(from = "Reported")]
pub struct ReconciliationState {
    /// `DEPLOYED`, `UPGRADING`, `ROLLING_BACK` or `ROLLED_BACK`.
    pub state: Option<String>,
    /// What is deployed; `Err` where it is there and can't be read.
    pub last_reconciled_spec: Option<Result<FlinkSpec, UnreadableSpec>>,
    generation: Option<i64>,
    at: Option<i64>,
}

/// The same as the operator writes it.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Reported {
    state: Option<String>,
    last_reconciled_spec: Option<String>,
    reconciliation_timestamp: Value,
}

/// `lastReconciledSpec` can't be read: what is deployed is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("status.reconciliationStatus.lastReconciledSpec can't be read, so that what is deployed is not known")]
pub struct UnreadableSpec;

impl FlinkStatus {
    /// Whether the cluster's REST API answers.
    pub fn is_ready(&self) -> bool {
        self.job_manager_deployment_status.as_deref() == Some("READY")
    }

    /// The generation that was reconciled last. Older operators, such as 1.7, write it only beside what is deployed.
    pub fn reconciled_generation(&self) -> Option<i64> {
        self.observed_generation.or(self.reconciliation_status.generation)
    }

    /// When the job's state or what is deployed changed last, by the operator's clock.
    pub fn changed_at(&self) -> Option<Timestamp> {
        let of_job = self.job_status.update_time.as_ref().and_then(|text| text.parse().ok());
        Timestamp::from_millisecond(of_job.max(self.reconciliation_status.at)?).ok()
    }
}

fn nullable<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(deserializer: D) -> Result<T, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

impl From<Reported> for ReconciliationState {
    fn from(Reported { state, last_reconciled_spec, reconciliation_timestamp }: Reported) -> Self {
        let at = reconciliation_timestamp.as_i64();
        let Some(text) = last_reconciled_spec.filter(|text| !text.is_empty()) else {
            return Self { state, at, ..Self::default() };
        };
        let read = deployed(&text);
        let generation = read.as_ref().and_then(|(_, generation)| *generation);
        Self { state, last_reconciled_spec: Some(read.map(|(spec, _)| spec).ok_or(UnreadableSpec)), generation, at }
    }
}

/// JSON in a text: `{"spec": …, "resource_metadata": {"metadata": {"generation": …}}}`, or from older operators the spec
/// itself.
fn deployed(text: &str) -> Option<(FlinkSpec, Option<i64>)> {
    let mut json: Value = serde_json::from_str(text).ok()?;
    let generation = json.pointer("/resource_metadata/metadata/generation").and_then(Value::as_i64);
    let spec = match json.get_mut("spec") {
        Some(spec) => spec.take(),
        None => json,
    };
    Some((serde_json::from_value(spec).ok()?, generation))
}
