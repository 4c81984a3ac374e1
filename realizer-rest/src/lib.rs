#![doc = include_str!("../README.md")]
//!
//! Needs Flink 1.18 or later and its adaptive scheduler. Where a cluster can't, that is reported once for each job, and
//! decisions go on being reported.
//!
//! - [`RestScalingRealizer`]: the realizer of one cluster
//! - [`obstacle`]: whether a job could be rescaled, without doing it
//! - [`register`]: lets options name it, as `REST`

mod obstacle;
mod plan;
mod realizer;
mod refusal;
mod register;
mod reported;
mod tries;

pub use obstacle::obstacle;
pub use realizer::RestScalingRealizer;
pub use register::register;
