//! What a job's latest cycle advises.

use std::time::Duration;

use autoscaler::autoscaler_core::ErrorChain;
use autoscaler::autoscaler_core::evaluation::Evaluation;
use autoscaler::autoscaler_core::metric::ScalingMetric as M;
use autoscaler::autoscaler_core::policy::{Hold, Verdict, VertexDecision};
use autoscaler::autoscaler_core::time::Instant;
use autoscaler::autoscaler_core::{ClusterName, CycleReport, JobStatus, ListedJob};
use autoscaler::autoscaler_runtime::CycleEnded;
use autoscaler::autoscaler_runtime::read_model::JobView;

/// What is advised of all jobs.
#[derive(Debug)]
pub(super) struct Advice {
    pub(super) jobs: Vec<JobAdvice>,
    /// How long they were watched.
    pub(super) watched: Duration,
    /// The longest window that fits into that.
    pub(super) window: Duration,
}

/// What is advised of a job.
#[derive(Debug, PartialEq)]
pub(super) struct JobAdvice {
    pub(super) cluster: String,
    pub(super) id: String,
    pub(super) name: String,
    pub(super) status: &'static str,
    /// What each vertex should have, or why nobody can tell.
    pub(super) vertices: Result<Vec<VertexAdvice>, String>,
    /// The time over which its metrics were observed.
    pub(super) observed: Duration,
    /// How long it had been running at the end, where it was judged by how it started as well.
    pub(super) running: Option<Duration>,
}

/// What is advised of a vertex.
#[derive(Debug, PartialEq)]
pub(super) struct VertexAdvice {
    pub(super) id: String,
    pub(super) name: String,
    /// Subtasks it has.
    pub(super) parallelism: i32,
    /// Subtasks it should have; none where its rates are not known.
    pub(super) recommended: Option<i32>,
    pub(super) why: String,
    /// Share of its time that it is busy, where known.
    pub(super) utilization: Option<f64>,
    /// Records that wait to be read, where known.
    pub(super) lag: Option<f64>,
}

impl JobAdvice {
    /// What is advised of a job that a cluster lists, from what was seen of it last.
    pub(super) fn of(cluster: &ClusterName, job: &ListedJob, seen: Option<&JobView>, started: Option<Instant>) -> Self {
        let status = seen.map_or(job.status, JobView::status);
        let cycle = seen.and_then(|seen| seen.cycle.as_deref());
        let window = cycle.map(|cycle| &cycle.window);
        let span = window.and_then(|window| window.start().zip(window.end()));
        Self {
            cluster: cluster.as_str().to_owned(),
            id: job.id.to_string(),
            name: job.name.to_string(),
            status: status.name(),
            vertices: vertices(status, seen, cycle),
            running: started.zip(cycle).and_then(|(started, cycle)| (cycle.at - started).to_std().ok()),
            observed: span.and_then(|(start, end)| (end - start).to_std().ok()).unwrap_or_default(),
        }
    }

    pub(super) fn is_judged(&self) -> bool {
        self.vertices.is_ok()
    }
}

fn vertices(
    status: JobStatus,
    seen: Option<&JobView>,
    cycle: Option<&CycleEnded>,
) -> Result<Vec<VertexAdvice>, String> {
    if let Some(skipped) = seen.and_then(|seen| seen.skipped.as_ref()) {
        return Err(skipped.why.clone());
    }
    let cycle = cycle.ok_or("there was no time for a look at it: give it more with --for")?;
    let failure = || cycle.failures.first().map(|failure| ErrorChain(&failure.error).to_string());
    let report =
        cycle.report.as_deref().ok_or_else(|| failure().unwrap_or_else(|| "it was not looked at".to_owned()))?;
    match (&report.topology, &report.evaluation) {
        (Some(topology), Some(evaluation)) if !report.decisions.is_empty() => {
            let told = topology.vertices().iter().zip(&report.decisions).enumerate();
            Ok(told
                .map(|(at, (vertex, decision))| vertex_advice(&vertex.name, decision, report, evaluation, at))
                .collect())
        }
        _ if status != JobStatus::Running => {
            Err(format!("it is {}, and only a running job can be judged", status.name()))
        }
        _ => Err(why_not(report)),
    }
}

/// Why a cycle came to no decision.
fn why_not(report: &CycleReport) -> String {
    let held = report.held.as_ref().map(ToString::to_string);
    let event = || report.events.last().map(|event| event.message.clone());
    let why = report.note.clone().or(held).or_else(event);
    why.unwrap_or_else(|| format!("its last cycle came to '{}'", report.outcome.name()))
}

fn vertex_advice(
    name: &str,
    decision: &VertexDecision,
    report: &CycleReport,
    evaluation: &Evaluation,
    at: usize,
) -> VertexAdvice {
    // Within its band a vertex is changed only together with one that is not.
    let stays = matches!(report.held, Some(Hold::AllWithinBounds));
    let recommended = match decision.verdict {
        Verdict::UnknownRate => None,
        Verdict::Change { .. } if stays => Some(decision.current),
        Verdict::Change { to, .. } | Verdict::Delayed { to, .. } => Some(to),
        _ => Some(decision.current),
    };
    let metric = |value: f64| value.is_finite().then_some(value);
    let metrics = evaluation.vertices.get(at);
    VertexAdvice {
        id: decision.vertex.to_string(),
        name: name.to_owned(),
        parallelism: decision.current,
        recommended,
        why: decision.to_string(),
        utilization: metrics.and_then(|metrics| metric(metrics.average(M::Load))),
        lag: metrics.and_then(|metrics| metric(metrics.current(M::Lag))),
    }
}
