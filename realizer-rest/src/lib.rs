#![doc = include_str!("../README.md")]
//!
//! Needs Flink 1.18 or later and its adaptive scheduler. Where a cluster can't, that is reported once for each job, and
//! decisions go on being reported.
//!
//! - [`RestScalingRealizer`]: the realizer of one cluster
//! - [`register`]: lets options name it, as `REST`

mod plan;
mod realizer;
mod refusal;
mod register;
mod reported;
mod tries;

pub use realizer::RestScalingRealizer;
pub use register::register;
