//! A scaling that is proposed.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use autoscaler_core::time::Instant;
use autoscaler_core::{Changes, CycleReport, JobAutoScalerContext, JobId, Outcome, Stage, VertexId, stage};

use super::approver::Approver;

/// A scaling that is proposed: what was decided again and again since it was first proposed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Proposal {
    /// Names it: what was seen is what is approved.
    pub id: String,
    /// When it was first proposed.
    pub since: Instant,
    /// When it can no longer be approved.
    pub until: Instant,
    /// The vertices that change.
    pub vertices: Vec<Change>,
    /// Who approved it; none yet.
    pub approved: Option<Approver>,
    /// Flink's id of the job that it was made for.
    job: JobId,
    /// When that had begun to run.
    running_since: Option<Instant>,
}

/// What becomes of a vertex.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Change {
    /// The vertex.
    pub vertex: VertexId,
    /// The name that Flink shows.
    pub name: Arc<str>,
    /// Subtasks now.
    pub from: i32,
    /// Subtasks then.
    pub to: i32,
    /// Why, as it was first decided.
    pub why: String,
}

impl Proposal {
    pub(super) fn new(
        context: &JobAutoScalerContext,
        report: &CycleReport,
        changes: &Changes,
        since: Instant,
        until: Instant,
    ) -> Self {
        let mut hasher = DefaultHasher::new();
        (since.timestamp_micros(), context.id.to_string(), changes).hash(&mut hasher);
        let name = |vertex| {
            let found = report.topology.as_ref().and_then(|topology| topology.vertex(vertex));
            found.map_or_else(|| Arc::from(vertex.to_string()), |info| Arc::clone(&info.name))
        };
        let why = |vertex| {
            let decision = report.decisions.iter().find(|decision| decision.vertex == vertex);
            decision.map(ToString::to_string).unwrap_or_default()
        };
        let change = |(vertex, (from, to)): (&VertexId, &(i32, i32))| Change {
            vertex: *vertex,
            name: name(*vertex),
            from: *from,
            to: *to,
            why: why(*vertex),
        };
        Self {
            id: format!("{:016x}", hasher.finish()),
            since,
            until,
            vertices: changes.iter().map(change).collect(),
            approved: None,
            job: context.id,
            running_since: report.running_since,
        }
    }

    /// Why it is not what is proposed any more, by a cycle that proposes this; none where it is, or where the cycle decided
    /// nothing about the job that it was made for.
    pub(super) fn gone(
        &self,
        context: &JobAutoScalerContext,
        report: &CycleReport,
        proposed: Option<&Changes>,
    ) -> Option<String> {
        let has_restarted = report.running_since.is_some_and(|since| Some(since) != self.running_since);
        if stage(context) != Stage::Observing {
            return Some("the job is not running, or not to be scaled at the moment".to_owned());
        }
        if context.id != self.job || has_restarted {
            return Some("the job has restarted since".to_owned());
        }
        match (&report.held, proposed) {
            _ if !matches!(report.outcome, Outcome::Scaled | Outcome::Balanced) => None,
            (_, Some(changes)) if *changes == self.changes() => None,
            (_, Some(_)) => Some("another scaling is proposed since: look at what is".to_owned()),
            (Some(hold), None) => Some(hold.to_string()),
            (None, None) => Some("the job is scaled without being asked".to_owned()),
        }
    }

    pub(super) fn changes(&self) -> Changes {
        self.vertices.iter().map(|change| (change.vertex, (change.from, change.to))).collect()
    }
}
