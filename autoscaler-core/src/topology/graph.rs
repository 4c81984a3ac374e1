//! The graph of a job's vertices.

use std::sync::Arc;

use crate::ids::VertexId;

/// The largest parallelism Flink knows.
pub const MAX_PARALLELISM: i32 = 1 << 15;

/// How an edge distributes records over the subtasks behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ShipStrategy {
    /// By key group.
    Hash,
    /// Round robin over all subtasks.
    Rebalance,
    /// Round robin over a share of the subtasks.
    Rescale,
    /// To the subtask of the same index.
    Forward,
    /// By the user's own partitioner.
    Custom,
    /// To all subtasks.
    Broadcast,
    /// To the first subtask.
    Global,
    /// At random.
    Shuffle,
    /// A name this autoscaler does not know.
    Unknown,
}

impl ShipStrategy {
    /// Flink's name of it; `UNKNOWN` for one this autoscaler does not know.
    pub fn name(self) -> &'static str {
        match self {
            Self::Hash => "HASH",
            Self::Rebalance => "REBALANCE",
            Self::Rescale => "RESCALE",
            Self::Forward => "FORWARD",
            Self::Custom => "CUSTOM",
            Self::Broadcast => "BROADCAST",
            Self::Global => "GLOBAL",
            Self::Shuffle => "SHUFFLE",
            Self::Unknown => "UNKNOWN",
        }
    }
}

impl From<&str> for ShipStrategy {
    /// By Flink's name, in any case.
    fn from(text: &str) -> Self {
        match text.to_ascii_uppercase().as_str() {
            "HASH" => Self::Hash,
            "REBALANCE" => Self::Rebalance,
            "RESCALE" => Self::Rescale,
            "FORWARD" => Self::Forward,
            "CUSTOM" => Self::Custom,
            "BROADCAST" => Self::Broadcast,
            "GLOBAL" => Self::Global,
            "SHUFFLE" => Self::Shuffle,
            _ => Self::Unknown,
        }
    }
}

/// What a vertex has read, written and worked since it was deployed. All 0 for a vertex that has finished.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct IoMetrics {
    /// Records read.
    pub records_in: f64,
    /// Records written.
    pub records_out: f64,
    /// Milliseconds that its subtasks were busy, added up.
    pub accumulated_busy_ms: f64,
}

/// An edge, seen from one of its ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edge {
    /// Index of the vertex at the other end.
    pub vertex: usize,
    /// How records are distributed.
    pub ship_strategy: ShipStrategy,
}

/// One vertex of a job.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct VertexInfo {
    /// Its id.
    pub id: VertexId,
    /// The name Flink shows.
    pub name: Arc<str>,
    /// Edges into it; a vertex without is a source.
    pub inputs: Vec<Edge>,
    /// Edges out of it.
    pub outputs: Vec<Edge>,
    /// Its slot sharing group, where Flink tells it (1.20 and later).
    pub slot_sharing_group: Option<Arc<str>>,
    /// Subtasks it runs with.
    pub parallelism: i32,
    /// Subtasks it can have at most: its number of key groups.
    pub max_parallelism: i32,
    /// Whether all its subtasks have ended.
    pub finished: bool,
    /// Its counters.
    pub io: IoMetrics,
}

impl VertexInfo {
    /// Whether the vertex reads from outside.
    pub fn is_source(&self) -> bool {
        self.inputs.is_empty()
    }
}

/// A job's vertices, each behind all those it reads from.
#[derive(Clone, Debug, PartialEq)]
pub struct JobTopology {
    vertices: Vec<VertexInfo>,
    /// Where each vertex stands, in order of id.
    positions: Vec<(VertexId, usize)>,
}

impl JobTopology {
    /// Of vertices in topological order.
    pub(super) fn of_ordered(vertices: Vec<VertexInfo>) -> Self {
        let mut positions: Vec<_> = vertices.iter().enumerate().map(|(index, vertex)| (vertex.id, index)).collect();
        positions.sort_unstable();
        Self { vertices, positions }
    }

    /// The vertices in topological order.
    pub fn vertices(&self) -> &[VertexInfo] {
        &self.vertices
    }

    /// The vertex with this id.
    pub fn vertex(&self, id: VertexId) -> Option<&VertexInfo> {
        let found = self.positions.binary_search_by_key(&id, |(id, _)| *id).ok()?;
        self.vertices.get(self.positions.get(found)?.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_back() {
        use ShipStrategy as S;
        let known = [S::Hash, S::Rebalance, S::Rescale, S::Forward, S::Custom, S::Broadcast, S::Global, S::Shuffle];
        for strategy in known.into_iter().chain([S::Unknown]) {
            assert_eq!(S::from(strategy.name()), strategy);
        }
    }
}
