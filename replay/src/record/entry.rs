//! What is recorded of a cycle, and the lines that are made of it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use autoscaler_core::state::StatePart;
use autoscaler_core::state::codec::encode_whole;
use autoscaler_core::time::Instant;
use autoscaler_core::{CycleReport, JobAutoScalerContext, JobState, JobStatus};
use flink_rest::recorded::{Answers, Unobserved, cluster_answers};
use flink_rest::wire::MetricValue;
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::expect::decided;

/// A job as the recorder and the writer know it.
#[derive(Debug)]
pub(super) struct RecordedJob {
    id: u64,
    /// Whether the next cycle has to be told what it begins with: it is the first of a file, or one before it is missing.
    needs_beginning: AtomicBool,
    /// Whether cycles are missing at the end of what is written: none is added without being told what it begins with.
    has_gap: AtomicBool,
}

impl RecordedJob {
    pub(super) fn new(id: u64) -> Self {
        Self { id, needs_beginning: AtomicBool::new(true), has_gap: AtomicBool::new(true) }
    }

    /// Its number, by which it is told from others.
    pub(super) fn id(&self) -> u64 {
        self.id
    }

    /// Takes note that what was written last is not there, or a cycle behind it is not.
    pub(super) fn lose(&self) {
        self.has_gap.store(true, Ordering::Release);
        self.set_needs_beginning(true);
    }

    pub(super) fn has_gap(&self) -> bool {
        self.has_gap.load(Ordering::Acquire)
    }

    /// A cycle that is told what it begins with is about to be written.
    pub(super) fn begins(&self) {
        self.has_gap.store(false, Ordering::Release);
    }

    pub(super) fn needs_beginning(&self) -> bool {
        self.needs_beginning.load(Ordering::Acquire)
    }

    pub(super) fn set_needs_beginning(&self, needs: bool) {
        self.needs_beginning.store(needs, Ordering::Release);
    }
}

/// A cycle to be written.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) job: Arc<RecordedJob>,
    /// Name of the file that would begin with it, without its ending.
    pub(super) name: String,
    /// The `job` line, where it has one.
    pub(super) beginning: Option<String>,
    pub(super) now: Instant,
    pub(super) status: JobStatus,
    pub(super) answers: Answers,
    pub(super) report: Arc<CycleReport>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CycleLine<'a> {
    kind: &'static str,
    now: i64,
    #[serde(skip_serializing_if = "is_zero")]
    nanos: u32,
    status: &'static str,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    failed: BTreeMap<&'static str, &'a str>,
    job_details: &'a RawValue,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    vertex_metrics: BTreeMap<String, &'a [MetricValue]>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    metric_names: BTreeMap<String, Vec<&'a str>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    job_manager_metrics: Vec<MetricValue>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    task_manager_metrics: Vec<MetricValue>,
    expect: Value,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// The line that says which job it is, with what is stored of it and remembered.
pub(super) fn job_line(
    job: &JobAutoScalerContext,
    config: &BTreeMap<String, String>,
    state: &JobState,
) -> serde_json::Result<String> {
    let part = |part: StatePart| Some((part.name(), encode_whole(state, part).ok()??));
    let rows: BTreeMap<&str, String> = StatePart::ALL.into_iter().filter_map(part).collect();
    let mut line = json!({
        "kind": "job", "jobKey": job.key.as_str(), "jobId": job.id.to_string(), "jobName": &*job.name,
        "cluster": job.cluster.as_str(), "recordedBy": concat!("flink-autoscaler ", env!("CARGO_PKG_VERSION")),
        "config": config, "state": rows,
    });
    if let Some(cpu) = job.parsed.task_manager_cpu {
        line["taskManagerCpu"] = json!(cpu);
    }
    if let Some(memory) = job.parsed.task_manager_memory_bytes {
        line["taskManagerMemoryBytes"] = json!(memory);
    }
    serde_json::to_string(&line)
}

impl Entry {
    /// How many bytes it takes while it waits, about.
    pub(super) fn bytes(&self) -> usize {
        let details = self.answers.details.as_ref().map_or(0, |details| details.get().len());
        let vertices = self.answers.vertices.values().map(|vertex| {
            let names: usize = vertex.names.iter().map(|name| name.len() + 24).sum();
            names + vertex.values.iter().map(|value| value.id.len() + 80).sum::<usize>()
        });
        let beginning = self.beginning.as_ref().map_or(0, String::len);
        details + vertices.sum::<usize>() + beginning + 4096
    }

    /// Its lines, each with its end.
    pub(super) fn lines(&self) -> serde_json::Result<String> {
        let Answers { details, vertices, cluster, failure, .. } = &self.answers;
        let nothing = RawValue::from_string("{}".to_owned())?;
        let failed = match failure {
            Some(Unobserved::Details(why)) => [("details", why.as_str())].into(),
            Some(Unobserved::Metrics(why)) => [("metrics", why.as_str())].into(),
            None => BTreeMap::new(),
        };
        let (job_manager_metrics, task_manager_metrics) = cluster.as_ref().map(cluster_answers).unwrap_or_default();
        let values = vertices.iter().filter(|(_, vertex)| !vertex.values.is_empty());
        let names = vertices.iter().map(|(id, vertex)| {
            let has_value = |name: &&String| vertex.values.iter().any(|value| value.id == **name);
            (id.to_string(), vertex.names.iter().filter(|name| !has_value(name)).map(String::as_str).collect())
        });
        let line = CycleLine {
            kind: "cycle",
            now: self.now.timestamp_millis(),
            nanos: self.now.timestamp_subsec_nanos() % 1_000_000,
            status: self.status.name(),
            failed,
            job_details: details.as_deref().unwrap_or(&nothing),
            vertex_metrics: values.map(|(id, vertex)| (id.to_string(), vertex.values.as_slice())).collect(),
            metric_names: names.filter(|(_, names): &(_, Vec<&str>)| !names.is_empty()).collect(),
            job_manager_metrics,
            task_manager_metrics,
            expect: decided(&self.report),
        };
        let mut text = String::new();
        if let Some(beginning) = &self.beginning {
            text.push_str(beginning);
            text.push('\n');
        }
        text.push_str(&serde_json::to_string(&line)?);
        text.push('\n');
        Ok(text)
    }
}
