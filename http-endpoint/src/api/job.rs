//! One job, with its graph and the latest decision.

use std::collections::BTreeMap;
use std::sync::Arc;

use autoscaler_core::policy::Outlook;
use autoscaler_core::topology::{Edge, JobTopology, VertexInfo};
use autoscaler_core::{CycleReport, Realization};
use autoscaler_runtime::read_model::FailureView;
use autoscaler_runtime::{Approvals, CycleEnded, Step};
use axum::{Extension, Json};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::approve::Proposed;
use super::clusters::Failure;
use super::jobs::Job;
use super::number::{Metrics, metrics, number, seconds};
use super::path::{JobPath, Named, NoAnswer};

/// A job.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct WholeJob {
    /// The job in a line.
    #[serde(flatten)]
    job: Job,
    /// Its latest cycle; none before the first.
    cycle: Option<Cycle>,
    /// The scaling that is carried out only if somebody approves it; none where nothing is proposed.
    proposal: Option<Proposed>,
}

/// A cycle.
#[derive(Debug, Serialize, ToSchema)]
struct Cycle {
    /// Why it came to what it came to, in words: a line for the job, then one for each vertex.
    explanation: Option<String>,
    /// Which rules of its schedule hold, where it has one.
    schedule: Option<Schedule>,
    /// The vertices in topological order.
    vertices: Vec<Vertex>,
    /// The cluster's metrics.
    #[schema(value_type = BTreeMap<String, super::number::Metric>)]
    cluster_metrics: Metrics,
    /// Observations in the metric window.
    observations: usize,
    /// The subtasks that vertices are to have, by vertex.
    overrides: BTreeMap<String, i32>,
    /// Whether the state store holds what is to be realized.
    is_stored: bool,
    /// Whether the realizer was asked and did not fail.
    is_realized: bool,
    /// How long each step took, in seconds.
    #[schema(value_type = BTreeMap<String, f64>)]
    durations: BTreeMap<&'static str, f64>,
    /// Steps that failed.
    failures: Vec<Failure>,
    /// What somebody should know about the job's options.
    warnings: Vec<String>,
}

/// Which rules of a schedule hold, and when others do.
#[derive(Debug, Serialize, ToSchema)]
struct Schedule {
    /// The rules that hold and what they ask for, in words.
    holds: Vec<String>,
    /// When others do; none where that is not within eight days.
    changes_at: Option<DateTime<Utc>>,
    /// The rules that hold then.
    then: Vec<String>,
}

/// A vertex.
#[derive(Debug, Serialize, ToSchema)]
struct Vertex {
    /// Its id.
    id: String,
    /// The name Flink shows.
    name: String,
    /// Subtasks it runs with.
    parallelism: i32,
    /// Subtasks it should have; none where that was not decided.
    recommended: Option<i32>,
    /// Why.
    why: Option<String>,
    /// True processing rate below which it is scaled up.
    scale_up_below: Option<f64>,
    /// True processing rate above which it is scaled down.
    scale_down_above: Option<f64>,
    /// Subtasks it can have at most.
    max_parallelism: i32,
    /// Whether all its subtasks have ended.
    is_finished: bool,
    /// Its slot sharing group, where Flink tells it.
    slot_sharing_group: Option<String>,
    /// The vertices it reads from.
    inputs: Vec<Input>,
    /// Its metrics.
    #[schema(value_type = BTreeMap<String, super::number::Metric>)]
    metrics: Metrics,
}

/// An edge into a vertex.
#[derive(Debug, Serialize, ToSchema)]
struct Input {
    /// The vertex at the other end.
    vertex: String,
    /// How records are distributed.
    ship_strategy: &'static str,
}

/// A job with its graph, the metrics of its vertices, and why each gets the parallelism it gets.
#[utoipa::path(
    get, path = "/api/v1/clusters/{cluster}/jobs/{job}", tag = "jobs",
    params(JobPath),
    responses((status = 200, body = WholeJob), NoAnswer)
)]
pub(super) async fn job(Named(view): Named, Extension(approvals): Extension<Arc<Approvals>>) -> Json<WholeJob> {
    let proposal = approvals.proposal(&view.cluster, &view.job.key).as_ref().map(Proposed::from);
    Json(WholeJob { job: Job::from(view.as_ref()), cycle: view.cycle.as_deref().map(Cycle::from), proposal })
}

impl From<&CycleEnded> for Cycle {
    fn from(cycle: &CycleEnded) -> Self {
        let report = cycle.report.as_deref();
        let evaluation = report.and_then(|report| report.evaluation.as_ref());
        let took = Step::ALL.iter().map(|step| (step.name(), seconds(cycle.durations.of(*step))));
        Self {
            explanation: report.map(|report| report.explanation().to_string()),
            schedule: report.and_then(|report| report.schedule.as_ref()).map(Schedule::from),
            vertices: report.map(vertices).unwrap_or_default(),
            cluster_metrics: evaluation.map(|evaluation| metrics(&evaluation.global)).unwrap_or_default(),
            observations: cycle.window.len(),
            overrides: report.map(|report| overrides(&report.realization)).unwrap_or_default(),
            is_stored: cycle.is_stored,
            is_realized: cycle.is_realized,
            durations: took.collect(),
            failures: cycle.failures.iter().map(|failure| FailureView::from(failure).into()).collect(),
            warnings: report.map(|report| report.warnings.clone()).unwrap_or_default(),
        }
    }
}

impl From<&Outlook> for Schedule {
    fn from(outlook: &Outlook) -> Self {
        let (changes_at, then) = outlook.next.clone().unzip();
        Self { holds: outlook.holds.clone(), changes_at, then: then.unwrap_or_default() }
    }
}

fn overrides(realization: &Realization) -> BTreeMap<String, i32> {
    realization.parallelism.iter().flatten().map(|(vertex, parallelism)| (vertex.to_string(), *parallelism)).collect()
}

fn vertices(report: &CycleReport) -> Vec<Vertex> {
    let Some(topology) = &report.topology else { return Vec::new() };
    let vertices = topology.vertices().iter().enumerate();
    vertices.map(|(index, info)| vertex(report, topology, index, info)).collect()
}

fn vertex(report: &CycleReport, topology: &JobTopology, index: usize, info: &VertexInfo) -> Vertex {
    let decision = report.decisions.get(index);
    let evaluated = report.evaluation.as_ref().and_then(|evaluation| evaluation.vertices.get(index));
    let input = |edge: &Edge| {
        let other = topology.vertices().get(edge.vertex)?;
        Some(Input { vertex: other.id.to_string(), ship_strategy: edge.ship_strategy.name() })
    };
    Vertex {
        id: info.id.to_string(),
        name: info.name.to_string(),
        parallelism: info.parallelism,
        recommended: decision.map(|decision| decision.target()),
        why: decision.map(ToString::to_string),
        scale_up_below: decision.and_then(|decision| number(decision.band.scale_up_below)),
        scale_down_above: decision.and_then(|decision| number(decision.band.scale_down_above)),
        max_parallelism: info.max_parallelism,
        is_finished: info.finished,
        slot_sharing_group: info.slot_sharing_group.as_ref().map(ToString::to_string),
        inputs: info.inputs.iter().filter_map(input).collect(),
        metrics: evaluated.map(metrics).unwrap_or_default(),
    }
}
