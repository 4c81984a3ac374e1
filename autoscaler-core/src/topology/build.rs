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
    let mut inputs: Vec<(VertexId, Edge)> = Vec::with_capacity(part.inputs.len());
    for (input, ship_strategy) in part.inputs {
        let found = input.parse().ok().and_then(|id: VertexId| Some((id, *index.get(&id)?)));
        let (from, vertex) = found.ok_or(InvalidTopology::DanglingInput { vertex: id, input })?;
        // Two edges between the same vertices count as one, the later one's strategy holding, as in the reference.
        match inputs.iter_mut().find(|(_, edge)| edge.vertex == vertex) {
            Some((_, edge)) => edge.ship_strategy = ship_strategy,
            None => inputs.push((from, Edge { vertex, ship_strategy })),
        }
    }
    sort_as_summed(&mut inputs);
    let inputs = inputs.into_iter().map(|(_, edge)| edge).collect();
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

/// What comes in by several edges is added up in this order, on which the last digit of a sum of doubles depends. The
/// reference takes it from Java's `HashMap`: by the lowest bits of the hash, as many as the table has places for.
fn sort_as_summed(inputs: &mut [(VertexId, Edge)]) {
    let mut places = 16;
    while inputs.len() > places / 4 * 3 {
        places *= 2;
    }
    inputs.sort_by_key(|(id, _)| {
        let hash = id.folded();
        (hash ^ hash >> 16) as usize % places
    });
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

    #[test]
    fn inputs_are_in_the_order_of_javas_hash_map() {
        let order = |ids: &[&str]| {
            let index: HashMap<VertexId, usize> = ids.iter().map(|id| id.parse().unwrap()).zip(0..).collect();
            let inputs = ids.iter().map(|id| ((*id).to_owned(), ShipStrategy::Hash)).collect();
            let part = VertexParts::new("f".repeat(32), "v", 1, 128).with_inputs(inputs);
            let vertex = vertex("f".repeat(32).parse().unwrap(), part, &index).unwrap();
            vertex.inputs.iter().map(|edge| edge.vertex).collect::<Vec<_>>()
        };
        // From a HashMap of a JVM.
        assert_eq!(
            order(&[
                "e98ee81edf7fae40bfe793d9fced52b2",
                "02e34d15e5c4caaf166fc2edcea4fb1b",
                "65e240a4e944b31d0705e6c8b71cf8bd",
                "fc97c696693058b22edd1479f1953297",
                "e1c82141a6a46d99364cf461b317c99f",
            ]),
            [1, 4, 2, 3, 0]
        );
        assert_eq!(
            order(&[
                "ee614cc5a74b029f8f814e38d93995b6",
                "94aa2150847891d75da8ddddc46434af",
                "eb50781ae04364f9b3a3f3707eab7947",
                "0ba3c885b66c499800da641a22a420ee",
                "9989ec985901e416c9c38fbf7ae22a00",
                "a4174c64b5144dc69831c2d5e9f8c7dc",
                "b1c3a276da03c5c5347dd8728b234273",
                "149eb6e9bb0ff5f4111a021c9a0168a9",
                "81181c9a324f0aec09395a3213018ebd",
                "e232b69b463dffe94c73ba9c9960c80b",
                "6a214cc7b067f90295b0180a98eba8fc",
                "e9bf8a819b01f5529ebc20efacd4d95a",
                "6166595aac5e505cd63fcdf74452a17e",
                "daf2ce71419a6512500fcbc182e1ef30",
            ]),
            [5, 7, 0, 1, 6, 10, 2, 11, 13, 8, 3, 4, 9, 12]
        );
    }

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
