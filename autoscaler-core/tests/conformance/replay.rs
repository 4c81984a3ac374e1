//! Running a trace's cycles through the core.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use autoscaler_core::collect::RememberedNames;
use autoscaler_core::decimal::name_of_non_finite;
use autoscaler_core::metric::{EvaluatedMetrics, EvaluatedScalingMetric};
use autoscaler_core::observation::ClusterReading;
use autoscaler_core::options::{Configuration, JobOptions};
use autoscaler_core::state::codec::{StatePart, decode, encode};
use autoscaler_core::time::{Instant, from_epoch_millis};
use autoscaler_core::topology::JobTopology;
use autoscaler_core::{
    CycleReport, JobAutoScalerContext, JobKey, JobState, ObserveError, Outcome, Stage, VertexId, cycle, stage,
};
use flink_rest::wire::{InvalidDetails, JobDetails, MetricValue};
use flink_rest::{ClusterApi, JobApi, cluster_reading, observe};
use serde_json::{Map, Value, json};

/// One job as the autoscaler process holds it.
pub(crate) struct Replay {
    job: Value,
    config: Value,
    state: JobState,
    names: RememberedNames,
    /// What the database holds.
    rows: BTreeMap<StatePart, String>,
}

/// A cycle's recorded answers.
struct Recorded<'a>(&'a Value);

#[async_trait]
impl JobApi for Recorded<'_> {
    async fn details(&self) -> Result<(Instant, Result<JobTopology, InvalidDetails>), ObserveError> {
        let text = self.0["jobDetails"].to_string();
        let details: JobDetails<'_> = serde_json::from_str(&text).map_err(|e| ObserveError::Cluster(e.to_string()))?;
        Ok((details.running_since().expect("recorded"), details.topology()))
    }

    async fn metric_names(&self, vertex: VertexId) -> Result<Vec<String>, ObserveError> {
        Ok(values(&self.0["vertexMetrics"][vertex.to_string()]).into_iter().map(|value| value.id).collect())
    }

    async fn metric_values(&self, vertex: VertexId, names: &[&str]) -> Result<Vec<MetricValue>, ObserveError> {
        let all = values(&self.0["vertexMetrics"][vertex.to_string()]);
        Ok(all.into_iter().filter(|value| names.contains(&value.id.as_str())).collect())
    }

    async fn cluster(&self) -> Result<ClusterReading, ObserveError> {
        cluster_reading(self).await
    }
}

#[async_trait]
impl ClusterApi for Recorded<'_> {
    async fn task_manager_metrics(&self, names: &[&str]) -> Result<Vec<MetricValue>, ObserveError> {
        let mut found = values(&self.0["taskManagerMetrics"]);
        found.retain(|value| names.contains(&value.id.as_str()));
        Ok(if found.len() == names.len() { found } else { Vec::new() })
    }

    async fn job_manager_metrics(&self, names: &[&str]) -> Result<Vec<MetricValue>, ObserveError> {
        let mut found = values(&self.0["jobManagerMetrics"]);
        found.retain(|value| names.contains(&value.id.as_str()));
        Ok(found)
    }
}

fn values(recorded: &Value) -> Vec<MetricValue> {
    if recorded.is_null() { Vec::new() } else { serde_json::from_value(recorded.clone()).expect("recorded metrics") }
}

impl Replay {
    pub(crate) fn new(job: Value) -> Self {
        let config = job["config"].clone();
        Self { job, config, state: JobState::default(), names: RememberedNames::default(), rows: BTreeMap::new() }
    }

    /// The process restarts: memory is gone, the rows are not.
    pub(crate) fn restart(&mut self) {
        self.names = RememberedNames::default();
        self.state = JobState::default();
        for (part, text) in &self.rows {
            decode(&mut self.state, *part, text).expect("our own row");
        }
    }

    /// Runs a cycle; the result has the shape of `expect`.
    pub(crate) fn cycle(&mut self, line: &Value) -> Value {
        if let Some(config) = line.get("config") {
            self.config = config.clone();
        }
        let context = self.context(line);
        let now = from_epoch_millis(line["now"].as_i64().unwrap()).unwrap();
        let seen = (stage(&context) == Stage::Observing).then(|| {
            let start = self.state.collected_metrics.get().start();
            futures::executor::block_on(observe(&Recorded(line), &mut self.names, start))
        });
        let report = cycle(&context, seen, &mut self.state, &mut self.names, now);
        if report.store {
            for part in StatePart::ALL {
                match encode(&self.state, part) {
                    Some(text) => self.rows.insert(part, text),
                    None => self.rows.remove(&part),
                };
            }
        }
        self.expectation(&report)
    }

    fn context(&self, line: &Value) -> JobAutoScalerContext {
        let entries = self.config.as_object().unwrap().iter();
        let configuration: Configuration =
            entries.map(|(key, value)| (key.clone(), value.as_str().unwrap().to_owned())).collect();
        JobAutoScalerContext {
            key: JobKey::new(self.job["jobKey"].as_str().unwrap()),
            id: self.job["jobId"].as_str().unwrap().parse().unwrap(),
            name: "recorded".into(),
            status: line["status"].as_str().unwrap().parse().unwrap(),
            options: JobOptions::from_configuration(&configuration).map(Arc::new),
            configuration: Arc::new(configuration),
            task_manager_cpu: self.job["taskManagerCpu"].as_f64(),
            task_manager_memory_bytes: self.job["taskManagerMemoryBytes"].as_u64(),
            time_zone: chrono_tz::UTC,
        }
    }

    fn expectation(&self, report: &CycleReport) -> Value {
        let evaluated = report.evaluation.as_ref().map(|evaluation| {
            let topology = report.topology.as_ref().expect("evaluated without a topology");
            let vertices: Map<String, Value> = topology
                .vertices()
                .iter()
                .zip(&evaluation.vertices)
                .map(|(vertex, metrics)| {
                    let mut json = metrics_json(metrics);
                    // A recommendation that there is none yet is recorded as null.
                    json.as_object_mut().unwrap().entry("RECOMMENDED_PARALLELISM").or_insert(Value::Null);
                    (vertex.id.to_string(), json)
                })
                .collect();
            json!({ "vertices": vertices, "global": metrics_json(&evaluation.global) })
        });
        let events: Vec<Value> = report
            .events
            .iter()
            .map(|event| {
                json!({
                    "type": event.event_type.name(),
                    "reason": event.reason,
                    "messageKey": event.key,
                    "intervalMs": event.interval.map(|interval| i64::try_from(interval.as_millis()).unwrap()),
                    "message": event.message,
                })
            })
            .collect();
        let state: Map<String, Value> =
            self.rows.iter().map(|(part, text)| (part.name().to_owned(), json!(text))).collect();
        json!({
            "outcome": match report.outcome {
                Outcome::Scaled => "scaled",
                Outcome::Balanced => "balanced",
                Outcome::None => "none",
                Outcome::Error => "error",
                Outcome::Invalid => "invalid",
            },
            "evaluated": evaluated,
            "events": events,
            "realizedParallelism": report.realization.parallelism,
            "realizedConfig": report.realization.config.as_ref()
                .map(|config| json!({ "overrides": config.overrides, "removals": config.removals })),
            "state": state,
        })
    }
}

fn metrics_json(metrics: &EvaluatedMetrics) -> Value {
    let number = |value: f64| if value.is_finite() { json!(value) } else { json!(name_of_non_finite(value)) };
    let pair = |value: EvaluatedScalingMetric| json!([number(value.current), number(value.average)]);
    let entries: Map<String, Value> =
        metrics.iter().map(|(metric, value)| (metric.name().to_owned(), pair(value))).collect();
    Value::Object(entries)
}
