//! Past scalings.

use std::collections::BTreeMap;

use crate::ids::VertexId;
use crate::metric::EvaluatedMetrics;
use crate::options::JobOptions;
use crate::time::{self, Instant};

/// One past scaling of one vertex.
#[derive(Clone, Debug, PartialEq)]
pub struct ScalingSummary {
    /// Parallelism before.
    pub current_parallelism: i32,
    /// Parallelism after.
    pub new_parallelism: i32,
    /// What it was decided on.
    pub metrics: EvaluatedMetrics,
}

/// Past scalings of every vertex.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ScalingHistory {
    /// By vertex, oldest first.
    pub vertices: BTreeMap<VertexId, Vec<(Instant, ScalingSummary)>>,
}

impl ScalingHistory {
    /// A vertex's scalings that still count: not older than `history.max.age`, and of those the last
    /// `history.max.count` (algorithm 8). Trimming is a way of reading: what is stored stays until the next scaling.
    pub fn recent(&self, vertex: VertexId, now: Instant, options: &JobOptions) -> &[(Instant, ScalingSummary)] {
        let Some(entries) = self.vertices.get(&vertex) else { return &[] };
        let oldest = time::before(now, options.history_max_age);
        let young = &entries[entries.partition_point(|(at, _)| *at < oldest)..];
        let keep = usize::try_from(options.history_max_count).unwrap_or(0);
        &young[young.len().saturating_sub(keep)..]
    }

    /// Each vertex with its scalings that still count.
    pub fn all_recent(
        &self,
        now: Instant,
        options: &JobOptions,
    ) -> impl Iterator<Item = (VertexId, &[(Instant, ScalingSummary)])> {
        self.vertices.keys().map(move |vertex| (*vertex, self.recent(*vertex, now, options)))
    }

    /// The history with only what still counts.
    #[must_use]
    pub fn trimmed(&self, now: Instant, options: &JobOptions) -> Self {
        let recent = self.all_recent(now, options).filter(|(_, entries)| !entries.is_empty());
        Self { vertices: recent.map(|(vertex, entries)| (vertex, entries.to_vec())).collect() }
    }

    /// Adds a scaling.
    pub fn add(&mut self, vertex: VertexId, at: Instant, summary: ScalingSummary) {
        let entries = self.vertices.entry(vertex).or_default();
        let position = entries.partition_point(|(there, _)| *there < at);
        match entries.get_mut(position) {
            Some(entry) if entry.0 == at => entry.1 = summary,
            _ => entries.insert(position, (at, summary)),
        }
    }
}
