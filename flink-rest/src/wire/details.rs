//! `GET /jobs/:id`: the job's graph, its vertices' counters, and since when it runs.

use std::borrow::Cow;
use std::collections::HashMap;

use autoscaler_core::VertexId;
use autoscaler_core::time::{Instant, from_epoch_millis};
use autoscaler_core::topology::{InvalidTopology, IoMetrics, JobTopology, ShipStrategy, VertexParts};
use serde::{Deserialize, Serialize, Serializer};

use super::nullable::or_default;
use super::number::Lenient;

/// `GET /jobs/:id`, borrowing from the answer. Written, it has what is read of it and nothing else.
#[derive(Debug, Deserialize, Serialize)]
pub struct JobDetails<'a> {
    #[serde(borrow, serialize_with = "when_it_began_to_run")]
    timestamps: HashMap<Cow<'a, str>, Option<i64>>,
    #[serde(borrow, default, deserialize_with = "or_default")]
    vertices: Vec<Vertex<'a>>,
    #[serde(borrow, default)]
    plan: Option<Plan<'a>>,
    #[serde(borrow, rename = "job-type", default, skip_serializing_if = "Option::is_none")]
    job_type: Option<Cow<'a, str>>,
}

#[derive(Debug, Deserialize, Serialize)]
struct Vertex<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow, rename = "slotSharingGroupId", default)]
    slot_sharing_group: Option<Cow<'a, str>>,
    #[serde(borrow, default, deserialize_with = "or_default")]
    name: Cow<'a, str>,
    #[serde(rename = "maxParallelism", default, deserialize_with = "or_default")]
    max_parallelism: i64,
    #[serde(default, deserialize_with = "or_default")]
    parallelism: i64,
    #[serde(borrow, default, deserialize_with = "or_default")]
    status: Cow<'a, str>,
    #[serde(default, deserialize_with = "or_default")]
    metrics: Counters,
    #[serde(default, deserialize_with = "or_default")]
    tasks: Tasks,
}

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case", default)]
struct Counters {
    #[serde(skip_serializing_if = "Lenient::is_unknown")]
    read_records: Lenient,
    #[serde(skip_serializing_if = "Option::is_none")]
    read_records_complete: Option<bool>,
    #[serde(skip_serializing_if = "Lenient::is_unknown")]
    write_records: Lenient,
    #[serde(skip_serializing_if = "Option::is_none")]
    write_records_complete: Option<bool>,
    #[serde(skip_serializing_if = "Lenient::is_unknown")]
    accumulated_busy_time: Lenient,
}

/// How many subtasks are in a state.
#[derive(Debug, Default, Deserialize, Serialize)]
struct Tasks {
    #[serde(rename = "RUNNING", default, skip_serializing_if = "Option::is_none")]
    running: Option<u32>,
}

#[derive(Debug, Deserialize, Serialize)]
struct Plan<'a> {
    #[serde(borrow, default, deserialize_with = "or_default")]
    nodes: Vec<Node<'a>>,
    #[serde(borrow, rename = "type", default, skip_serializing_if = "Option::is_none")]
    job_type: Option<Cow<'a, str>>,
}

#[derive(Debug, Deserialize, Serialize)]
struct Node<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(default, deserialize_with = "or_default")]
    parallelism: i64,
    #[serde(borrow, default, deserialize_with = "or_default")]
    inputs: Vec<Input<'a>>,
}

#[derive(Debug, Deserialize, Serialize)]
struct Input<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow, default, deserialize_with = "or_default")]
    ship_strategy: Cow<'a, str>,
}

/// What an observation takes from a job's details.
#[derive(Debug)]
pub struct JobReading {
    /// Whether it is a batch job; none where Flink does not tell.
    pub is_batch: Option<bool>,
    /// When the job last began to run.
    pub running_since: Instant,
    /// Its graph, or why it can't be used.
    pub topology: Result<JobTopology, InvalidDetails>,
    /// What Flink says about how much of each vertex its metrics cover; nothing of those that have finished.
    pub coverage: HashMap<VertexId, Coverage>,
}

/// How much of a vertex its metrics cover, or have to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// The counter that leaves subtasks out, where Flink says that one does.
    pub incomplete: Option<&'static str>,
    /// Subtasks that run, and so have metrics; 0 where Flink does not tell.
    pub running: u32,
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
    /// All that an observation takes.
    ///
    /// # Errors
    /// The answer does not tell since when the job runs.
    pub fn reading(&self) -> Result<JobReading, InvalidDetails> {
        let (running_since, topology) = (self.running_since()?, self.topology());
        let job_type = self.job_type.as_deref().or(self.plan.as_ref().and_then(|plan| plan.job_type.as_deref()));
        let is_batch = job_type.map(|job_type| job_type.eq_ignore_ascii_case("BATCH"));
        Ok(JobReading { is_batch, running_since, topology, coverage: self.coverage() })
    }

    /// Says what kind of job it is where Flink does not.
    pub(crate) fn is_batch_unless_told(&mut self, is_batch: bool) {
        let told = self.job_type.is_some() || self.plan.as_ref().is_some_and(|plan| plan.job_type.is_some());
        if !told {
            self.job_type = Some(if is_batch { "BATCH" } else { "STREAMING" }.into());
        }
    }

    /// When the job last began to run.
    ///
    /// # Errors
    /// The answer does not tell.
    pub fn running_since(&self) -> Result<Instant, InvalidDetails> {
        let millis = self.timestamps.get("RUNNING").copied().flatten();
        millis.and_then(from_epoch_millis).ok_or(InvalidDetails::RunningSince)
    }

    /// How much of each vertex its metrics cover.
    fn coverage(&self) -> HashMap<VertexId, Coverage> {
        let of_vertex = |vertex: &Vertex<'_>| {
            let counters = [
                ("count of records read", vertex.metrics.read_records_complete),
                ("count of records written", vertex.metrics.write_records_complete),
            ];
            let incomplete = counters.iter().find(|(_, is_complete)| *is_complete == Some(false));
            Coverage { incomplete: incomplete.map(|(name, _)| *name), running: vertex.tasks.running.unwrap_or(0) }
        };
        let running = self.vertices.iter().filter(|vertex| vertex.status != "FINISHED");
        running.filter_map(|vertex| Some((vertex.id.parse().ok()?, of_vertex(vertex)))).collect()
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

fn when_it_began_to_run<S: Serializer>(
    timestamps: &HashMap<Cow<'_, str>, Option<i64>>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(timestamps.get_key_value("RUNNING"))
}

fn parts(node: &Node<'_>, vertex: &Vertex<'_>) -> VertexParts {
    let input = |input: &Input<'_>| {
        let strategy = ShipStrategy::from(&*input.ship_strategy);
        (input.id.clone().into_owned(), strategy)
    };
    // A vertex's own number is what runs; the plan's may lag behind a rescale.
    let parallelism = if vertex.parallelism > 0 { vertex.parallelism } else { node.parallelism };
    VertexParts::new(node.id.clone().into_owned(), vertex.name.as_ref(), parallelism, vertex.max_parallelism)
        .with_inputs(node.inputs.iter().map(input).collect())
        .with_slot_sharing_group(vertex.slot_sharing_group.as_deref().map(Into::into))
        .with_finished(vertex.status == "FINISHED")
        .with_io(IoMetrics {
            records_in: vertex.metrics.read_records.0,
            records_out: vertex.metrics.write_records.0,
            accumulated_busy_ms: vertex.metrics.accumulated_busy_time.0,
        })
}
