//! Decides the parallelism of Apache Flink job vertices.
//!
//! This crate is the algorithm, the state it keeps and the traits through which it meets the world. It does no I/O
//! and reads no clock: [`cycle()`] takes what was observed of a job, the job's state and an instant, and returns what
//! was decided and why. Start reading there.
//!
//! - [`options`]: the option table, parsed and validated once per configuration
//! - [`topology`], [`observation`]: what one look at a job saw
//! - [`collect`]: which metrics to ask for, and what they say
//! - [`window`], [`metric`]: the history of observations
//! - [`evaluate`]: what each vertex can process, and what it has to
//! - [`decide`]: the parallelism of each vertex, with the chain of reasons
//! - [`state`]: what is remembered, and its rows in the reference's formats
//! - [`event`], [`scaling_report`], [`CycleReport`]: what happened, and why
//! - [`ports`]: the traits to implement for a backend; [`plugin`]: those to take part in a decision
//!
//! The formulas are those of the Java `flink-autoscaler`; `docs/algorithm.md` explains them with worked examples, and its
//! sections are what `(algorithm 3)` in the docs of this crate refers to. Recordings of it are run against this crate in
//! `tests/conformance`.

pub mod collect;
mod cycle;
pub mod decide;
pub mod decimal;
pub mod evaluate;
pub mod event;
mod job;
mod memory;
pub mod metric;
pub mod observation;
pub mod options;
pub mod plugin;
pub mod ports;
mod report;
pub mod scaling_report;
pub mod state;
pub mod time;
pub mod topology;
pub mod window;

pub use cycle::{Stage, cycle, stage};
pub use event::{Event, EventType};
pub use job::{InvalidId, JobAutoScalerContext, JobId, JobKey, JobStatus, VertexId};
pub use observation::{Observation, ObserveError};
pub use ports::{
    AutoScalerEventHandler, AutoScalerStateStore, JobListFetcher, ListedJob, LoadedState, MetricsCollector, PortError,
    Round, ScalingRealizer,
};
pub use report::{CycleReport, Explanation, Outcome, Realization};
pub use state::JobState;

/// Runs the worked examples of `docs/algorithm.md`.
#[cfg(doctest)]
#[doc = include_str!("../../docs/algorithm.md")]
struct WorkedExamples;
