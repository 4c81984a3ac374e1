//! `GET /jobs/:id`: the job's graph, its vertices' counters, and since when it runs.

use std::borrow::Cow;
use std::collections::HashMap;

use autoscaler_core::time::{Instant, from_epoch_millis};
use autoscaler_core::topology::{InvalidTopology, IoMetrics, JobTopology, ShipStrategy, VertexParts};
use serde::Deserialize;

use super::number::Lenient;

/// `GET /jobs/:id`, borrowing from the answer.
#[derive(Debug, Deserialize)]
pub struct JobDetails<'a> {
    #[serde(borrow)]
    timestamps: HashMap<Cow<'a, str>, i64>,
    #[serde(borrow, default)]
    vertices: Vec<Vertex<'a>>,
    #[serde(borrow, default)]
    plan: Option<Plan<'a>>,
}

#[derive(Debug, Deserialize)]
struct Vertex<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow, rename = "slotSharingGroupId", default)]
    slot_sharing_group: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    name: Cow<'a, str>,
    #[serde(rename = "maxParallelism")]
    max_parallelism: i64,
    parallelism: i64,
    #[serde(borrow)]
    status: Cow<'a, str>,
    #[serde(default)]
    metrics: Counters,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
struct Counters {
    read_records: Lenient,
    write_records: Lenient,
    accumulated_busy_time: Lenient,
}

#[derive(Debug, Deserialize)]
struct Plan<'a> {
    #[serde(borrow, default)]
    nodes: Vec<Node<'a>>,
}

#[derive(Debug, Deserialize)]
struct Node<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    parallelism: i64,
    #[serde(borrow, default)]
    inputs: Vec<Input<'a>>,
}

#[derive(Debug, Deserialize)]
struct Input<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow, default)]
    ship_strategy: Cow<'a, str>,
}

/// Details that can't be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidDetails {
    /// The graph can't be used.
    #[error(transparent)]
    Topology(#[from] InvalidTopology),
    /// The time since when the job runs is missing or out of range.
    #[error("timestamps.RUNNING is missing or no instant")]
    RunningSince,
    /// A vertex of the plan is not among the job's vertices.
    #[error("vertex {0} of the plan is not among the job's vertices")]
    UnknownVertex(String),
}

impl JobDetails<'_> {
    /// When the job last began to run.
    ///
    /// # Errors
    /// The answer does not tell.
    pub fn running_since(&self) -> Result<Instant, InvalidDetails> {
        let millis = self.timestamps.get("RUNNING").copied();
        millis.and_then(from_epoch_millis).ok_or(InvalidDetails::RunningSince)
    }

    /// The job's graph: the plan's nodes with what is told of them as vertices.
    ///
    /// # Errors
    /// No nodes, or a graph that can't be.
    pub fn topology(&self) -> Result<JobTopology, InvalidDetails> {
        let vertices: HashMap<&str, &Vertex<'_>> =
            self.vertices.iter().map(|vertex| (vertex.id.as_ref(), vertex)).collect();
        let nodes = self.plan.iter().flat_map(|plan| &plan.nodes);
        let parts: Result<Vec<VertexParts>, InvalidDetails> = nodes
            .map(|node| {
                let vertex = vertices.get(node.id.as_ref());
                vertex
                    .map(|vertex| parts(node, vertex))
                    .ok_or_else(|| InvalidDetails::UnknownVertex(node.id.chars().take(64).collect()))
            })
            .collect();
        Ok(JobTopology::new(parts?)?)
    }
}

fn parts(node: &Node<'_>, vertex: &Vertex<'_>) -> VertexParts {
    let input = |input: &Input<'_>| {
        let strategy = input.ship_strategy.parse().unwrap_or(ShipStrategy::Unknown);
        (input.id.clone().into_owned(), strategy)
    };
    VertexParts {
        id: node.id.clone().into_owned(),
        name: vertex.name.as_ref().into(),
        inputs: node.inputs.iter().map(input).collect(),
        slot_sharing_group: vertex.slot_sharing_group.as_deref().map(Into::into),
        // A vertex's own number is what runs; the plan's may lag behind a rescale.
        parallelism: if vertex.parallelism > 0 { vertex.parallelism } else { node.parallelism },
        max_parallelism: vertex.max_parallelism,
        finished: vertex.status == "FINISHED",
        io: IoMetrics {
            records_in: vertex.metrics.read_records.0,
            records_out: vertex.metrics.write_records.0,
            accumulated_busy_ms: vertex.metrics.accumulated_busy_time.0,
        },
    }
}
