//! From what Flink answers to what is decided on: which metrics to ask for, and what they say (algorithm 2).

mod names;
mod partitions;
mod sample;

pub use names::{NamesInProgress, RememberedNames, VertexNames};
pub(crate) use sample::{global_sample, vertex_sample};
