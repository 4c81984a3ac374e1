//! An autoscaler for Apache Flink: watches every job of a cluster, works out the parallelism each job vertex needs for
//! the load it has, and applies it in place.
//!
//! This crate puts the parts together. The decisions are made in [`autoscaler_core`]; backends are crates of their own,
//! each behind a Cargo feature:
//!
//! | feature | what it adds |
//! | --- | --- |
//! | `store-memory` | `AutoScalerStateStore` on the heap |
//! | `handler-logging` | `AutoScalerEventHandler` over `tracing` |
//! | `realizer-rest` | `ScalingRealizer` over Flink's REST API |
//!
//! To run it, use the `flink-autoscaler` binary. To embed it, build a [`ControlLoop`] from any implementations of the
//! core's traits; `examples/embed.rs` shows how. The other examples add plugins to the decision itself.

pub mod configuration;
mod control_loop;
mod job_cycle;
mod narrate;

pub use autoscaler_core as core;
pub use control_loop::{ControlLoop, Ports};
pub use flink_rest;
#[cfg(feature = "handler-logging")]
pub use handler_logging;
#[cfg(feature = "realizer-rest")]
pub use realizer_rest;
pub use replay;
#[cfg(feature = "store-memory")]
pub use store_memory;
