//! `status`.

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
    /// The generation that was reconciled last.
    pub observed_generation: Option<i64>,
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
}

/// How far the spec is deployed.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ReconciliationState {
    /// `DEPLOYED`, `UPGRADING`, `ROLLING_BACK` or `ROLLED_BACK`.
    pub state: Option<String>,
    /// What is deployed; `Err` where it is there and can't be read.
    #[serde(deserialize_with = "deployed")]
    pub last_reconciled_spec: Option<Result<FlinkSpec, UnreadableSpec>>,
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
}

fn nullable<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(deserializer: D) -> Result<T, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// JSON in a text: `{"spec": …, "resource_metadata": …}`, or from older operators the spec itself.
fn deployed<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Result<FlinkSpec, UnreadableSpec>>, D::Error> {
    let Some(text) = Option::<String>::deserialize(deserializer)?.filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let read = || {
        let mut json: Value = serde_json::from_str(&text).ok()?;
        let spec = match json.get_mut("spec") {
            Some(spec) => spec.take(),
            None => json,
        };
        serde_json::from_value(spec).ok()
    };
    Ok(Some(read().ok_or(UnreadableSpec)))
}
