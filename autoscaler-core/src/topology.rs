//! The graph of a job's vertices.

mod build;
mod graph;

pub use build::{InvalidTopology, VertexParts};
pub use graph::{Edge, IoMetrics, JobTopology, MAX_PARALLELISM, ShipStrategy, VertexInfo};
