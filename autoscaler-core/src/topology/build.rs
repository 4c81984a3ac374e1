//! Building a job's graph from its parts, and ordering it.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use super::graph::{Edge, IoMetrics, JobTopology, MAX_PARALLELISM, ShipStrategy, VertexInfo};
use crate::ids::{InvalidId, VertexId};

/// A vertex as it is told before the graph is put together.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct VertexParts {
    /// Its id in hex.
    pub id: String,
    /// The name Flink shows.
    pub name: Arc<str>,
    /// Ids of the vertices before it, each with how records get here.
    pub inputs: Vec<(String, ShipStrategy)>,
    /// Its slot sharing group.
    pub slot_sharing_group: Option<Arc<str>>,
    /// Subtasks.
    pub parallelism: i64,
    /// Most subtasks.
    pub max_parallelism: i64,
    /// Whether all its subtasks have ended.
    pub finished: bool,
    /// Its counters.
    pub io: IoMetrics,
}

impl VertexParts {
    /// A vertex without inputs, with nothing counted yet; its id is in hex.
    pub fn new(id: String, name: impl Into<Arc<str>>, parallelism: i64, max_parallelism: i64) -> Self {
        Self {
            id,
            name: name.into(),
            inputs: Vec::new(),
            slot_sharing_group: None,
            parallelism,
            max_parallelism,
            finished: false,
            io: IoMetrics::default(),
        }
    }

    /// With the vertices before it, by id, each with how records get here.
    #[must_use]
    pub fn with_inputs(mut self, inputs: Vec<(String, ShipStrategy)>) -> Self {
        self.inputs = inputs;
        self
    }

    /// With a slot sharing group.
    #[must_use]
    pub fn with_slot_sharing_group(mut self, group: Option<Arc<str>>) -> Self {
        self.slot_sharing_group = group;
        self
    }

    /// With whether all its subtasks have ended.
    #[must_use]
    pub fn with_finished(mut self, finished: bool) -> Self {
        self.finished = finished;
        self
    }

    /// With its counters.
    #[must_use]
    pub fn with_io(mut self, io: IoMetrics) -> Self {
        self.io = io;
        self
    }
}

/// Why a job's graph can't be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidTopology {
    /// Flink has not planned the job yet.
    #[error("the job has no plan yet")]
    NotReady,
    /// An id is not one.
    #[error("a vertex of the job's plan has an unusable id")]
    Id(#[source] InvalidId),
    /// One id stands for two vertices.
    #[error("vertex {0} is in the job's plan twice")]
    Repeated(VertexId),
    /// An edge comes from nowhere.
    #[error("vertex {vertex} reads from {input}, which is not in the job's plan")]
    DanglingInput {
        /// The vertex.
        vertex: VertexId,
        /// What it says it reads from.
        input: String,
    },
    /// The edges form a cycle.
    #[error("the job's plan has a cycle through vertex {0}")]
    Cycle(VertexId),
    /// A parallelism is not within Flink's limits.
    #[error(
        "vertex {vertex} has a parallelism of {parallelism} and a maximum of {max_parallelism}: expected 1 to 32768"
    )]
    Parallelism {
        /// The vertex.
        vertex: VertexId,
        /// Its parallelism.
        parallelism: i64,
        /// Its maximum parallelism.
        max_parallelism: i64,
    },
}

impl JobTopology {
    /// Puts the graph together and orders it.
    ///
    /// # Errors
    /// No vertices, an id that is none or is repeated, an edge from nowhere, a cycle, a parallelism out of range.
    pub fn new(parts: Vec<VertexParts>) -> Result<Self, InvalidTopology> {
        if parts.is_empty() {
            return Err(InvalidTopology::NotReady);
        }
        let mut index = HashMap::with_capacity(parts.len());
        let mut ids = Vec::with_capacity(parts.len());
        for (position, part) in parts.iter().enumerate() {
            let id: VertexId = part.id.parse().map_err(InvalidTopology::Id)?;
            if index.insert(id, position).is_some() {
                return Err(InvalidTopology::Repeated(id));
            }
            ids.push(id);
        }
        let mut vertices: Vec<VertexInfo> = Vec::with_capacity(parts.len());
        for (id, part) in ids.iter().zip(parts) {
            vertices.push(vertex(*id, part, &index)?);
        }
        link_outputs(&mut vertices);
        let order = topological_order(&vertices)?;
        Ok(Self::of_ordered(reordered(vertices, &order)))
    }
}

fn vertex(id: VertexId, part: VertexParts, index: &HashMap<VertexId, usize>) -> Result<VertexInfo, InvalidTopology> {
    let limit = |value: i64| i32::try_from(value).ok().filter(|value| (1..=MAX_PARALLELISM).contains(value));
    let (Some(parallelism), Some(max_parallelism)) = (limit(part.parallelism), limit(part.max_parallelism)) else {
        return Err(InvalidTopology::Parallelism {
            vertex: id,
            parallelism: part.parallelism,
            max_parallelism: part.max_parallelism,
        });
    };
    let mut inputs: Vec<Edge> = Vec::with_capacity(part.inputs.len());
    for (input, ship_strategy) in part.inputs {
        let found = input.parse().ok().and_then(|id: VertexId| index.get(&id).copied());
        let from = found.ok_or(InvalidTopology::DanglingInput { vertex: id, input })?;
        // Two edges between the same vertices count as one, the later one's strategy holding, as in the reference.
        match inputs.iter_mut().find(|edge| edge.vertex == from) {
            Some(edge) => edge.ship_strategy = ship_strategy,
            None => inputs.push(Edge { vertex: from, ship_strategy }),
        }
    }
    Ok(VertexInfo {
        id,
        name: part.name,
        inputs,
        outputs: Vec::new(),
        slot_sharing_group: part.slot_sharing_group,
        parallelism,
        max_parallelism,
        finished: part.finished,
        io: if part.finished { IoMetrics::default() } else { part.io },
    })
}

fn link_outputs(vertices: &mut [VertexInfo]) {
    for to in 0..vertices.len() {
        for edge in vertices[to].inputs.clone() {
            vertices[edge.vertex].outputs.push(Edge { vertex: to, ship_strategy: edge.ship_strategy });
        }
    }
}

/// Kahn's algorithm: old indices in their new order.
fn topological_order(vertices: &[VertexInfo]) -> Result<Vec<usize>, InvalidTopology> {
    let mut missing: Vec<usize> = vertices.iter().map(|vertex| vertex.inputs.len()).collect();
    let mut ready: VecDeque<usize> = (0..vertices.len()).filter(|index| missing[*index] == 0).collect();
    let mut order = Vec::with_capacity(vertices.len());
    while let Some(next) = ready.pop_front() {
        order.push(next);
        for edge in &vertices[next].outputs {
            missing[edge.vertex] -= 1;
            if missing[edge.vertex] == 0 {
                ready.push_back(edge.vertex);
            }
        }
    }
    match missing.iter().position(|count| *count > 0) {
        Some(stuck) => Err(InvalidTopology::Cycle(vertices[stuck].id)),
        None => Ok(order),
    }
}

fn reordered(vertices: Vec<VertexInfo>, order: &[usize]) -> Vec<VertexInfo> {
    let mut new_index = vec![0; order.len()];
    for (new, old) in order.iter().enumerate() {
        new_index[*old] = new;
    }
    let mut slots: Vec<Option<VertexInfo>> = vertices.into_iter().map(Some).collect();
    let mut ordered = Vec::with_capacity(order.len());
    for old in order {
        if let Some(mut vertex) = slots[*old].take() {
            for edge in vertex.inputs.iter_mut().chain(&mut vertex.outputs) {
                edge.vertex = new_index[edge.vertex];
            }
            ordered.push(vertex);
        }
    }
    ordered
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(id: u8, inputs: &[u8]) -> VertexParts {
        let inputs = inputs.iter().map(|input| (format!("{input:032x}"), ShipStrategy::Hash));
        VertexParts::new(format!("{id:032x}"), "v", 1, 128).with_inputs(inputs.collect())
    }

    #[test]
    fn every_vertex_is_behind_its_inputs() {
        let topology = JobTopology::new(vec![part(3, &[2, 1]), part(2, &[1]), part(1, &[])]).unwrap();
        let ids: Vec<String> = topology.vertices().iter().map(|v| v.id.to_string()).collect();
        assert_eq!(ids, [1, 2, 3].map(|id| format!("{id:032x}")));
        assert_eq!(topology.vertices()[0].outputs.iter().map(|e| e.vertex).collect::<Vec<_>>(), [2, 1]);
    }

    #[test]
    fn hostile_graphs_are_refused() {
        assert_eq!(JobTopology::new(vec![]), Err(InvalidTopology::NotReady));
        assert!(matches!(JobTopology::new(vec![part(1, &[2]), part(2, &[1])]), Err(InvalidTopology::Cycle(_))));
        assert!(matches!(JobTopology::new(vec![part(1, &[1])]), Err(InvalidTopology::Cycle(_))));
        assert!(matches!(JobTopology::new(vec![part(1, &[9])]), Err(InvalidTopology::DanglingInput { .. })));
        assert!(matches!(JobTopology::new(vec![part(1, &[]), part(1, &[])]), Err(InvalidTopology::Repeated(_))));
        for parallelism in [0, -1, 1 << 40] {
            let absurd = VertexParts { parallelism, ..part(1, &[]) };
            assert!(matches!(JobTopology::new(vec![absurd]), Err(InvalidTopology::Parallelism { .. })));
        }
    }
}
