//! From evaluated metrics to a scaling: per vertex first, then for the job as a whole (algorithm 4 to 8).

pub mod alignment;
mod effectiveness;
mod executors;
mod explain;
mod hold;
mod job;
mod resources;
mod scalability;
mod vertex;

pub use explain::{Limit, Step, Verdict, VertexDecision};
pub use hold::Hold;
pub(crate) use job::{Inputs, decide};
