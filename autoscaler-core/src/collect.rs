//! What Flink's metrics say (algorithm 2).

mod continuity;
mod sample;

pub(crate) use continuity::fallen;
pub(crate) use sample::{global_sample, vertex_sample};
