//! `spec`, of a resource or as it was last reconciled.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use crate::flatten::flatten;

/// What is wanted.
#[derive(Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct FlinkSpec {
    /// `flinkConfiguration` as it is written.
    #[serde(deserialize_with = "nullable")]
    pub flink_configuration: Map<String, Value>,
    /// `v1_20`.
    pub flink_version: Option<String>,
    /// `native` (also when absent) or `standalone`.
    pub mode: Option<String>,
    /// The job; none of a session cluster.
    pub job: Option<JobSpec>,
    /// Of a session job: the FlinkDeployment it runs on.
    pub deployment_name: Option<String>,
    task_manager: Option<TaskManagerSpec>,
}

/// The job that is wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct JobSpec {
    /// The parallelism of vertices without an override.
    pub parallelism: Option<i64>,
    /// `running` (also when absent) or `suspended`.
    pub state: Option<String>,
    /// `stateless`, `savepoint` or `last-state`.
    pub upgrade_mode: Option<String>,
    /// Changed by a user to have the autoscaler's state cleared.
    pub autoscaler_reset_nonce: Option<i64>,
}

#[derive(Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
struct TaskManagerSpec {
    resource: Option<Map<String, Value>>,
    resources: Option<Resources>,
}

#[derive(Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
struct Resources {
    requests: Option<Map<String, Value>>,
    limits: Option<Map<String, Value>>,
}

impl FlinkSpec {
    /// `flinkConfiguration`, flat.
    pub fn entries(&self) -> BTreeMap<String, String> {
        flatten(&self.flink_configuration)
    }

    /// `flinkVersion` as numbers, which are in order; none where it is not there or not one such as `v1_20`.
    pub fn version(&self) -> Option<(u32, u32)> {
        Self::read_version(self.flink_version.as_deref()?)
    }

    pub(crate) fn read_version(text: &str) -> Option<(u32, u32)> {
        let (major, minor) = text.strip_prefix('v')?.split_once('_')?;
        Some((major.parse().ok()?, minor.parse().ok()?))
    }

    /// Whether the operator runs Flink natively on Kubernetes.
    pub fn is_native(&self) -> bool {
        self.mode.as_deref().is_none_or(|mode| mode.eq_ignore_ascii_case("native"))
    }

    /// What one TaskManager is given of `cpu` or `memory`, as it is written: the request, else the limit, of `resources`, else
    /// of `resource`.
    pub fn task_manager(&self, of: &str) -> Option<String> {
        let manager = self.task_manager.as_ref()?;
        let resources = manager.resources.as_ref();
        let [requests, limits] =
            [resources.and_then(|both| both.requests.as_ref()), resources.and_then(|both| both.limits.as_ref())];
        let is_set = |map: &Option<&Map<String, Value>>| map.is_some_and(|map| !map.is_empty());
        let found = if is_set(&requests) || is_set(&limits) {
            requests.and_then(|map| map.get(of)).or_else(|| limits.and_then(|map| map.get(of)))
        } else {
            manager.resource.as_ref().and_then(|map| map.get(of))
        };
        match found? {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }
}

/// Without the values of `flinkConfiguration`, which may be secrets.
impl fmt::Debug for FlinkSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FlinkSpec")
            .field("flink_configuration", &self.flink_configuration.keys())
            .field("flink_version", &self.flink_version)
            .field("job", &self.job)
            .finish_non_exhaustive()
    }
}

fn nullable<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Map<String, Value>, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}
