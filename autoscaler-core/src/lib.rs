#![doc = include_str!("../README.md")]
//!
//! # Modules
//!
//! Start reading at [`Autoscaler::cycle`].
//!
//! - [`mod@options`]: the option table, parsed and validated once per configuration
//! - [`topology`], [`observation`]: what one observation of a job saw
//! - [`window`], [`metric`]: the history of observations
//! - [`evaluate`], [`evaluation`]: what each vertex can process, and what it has to
//! - [`policy`]: the parallelism of each vertex, with the chain of reasons
//! - [`state`]: what is remembered, and its rows in the reference's formats
//! - [`event`], [`scaling_report`], [`CycleReport`]: what happened, and why
//! - [`ports`]: the traits to implement for a backend; [`registry`]: how options pick one; [`plugin`]: traits that take
//!   part in a decision
//!
//! The formulas are those of the Java `flink-autoscaler`; `docs/algorithm.md` explains them with worked examples, and its
//! sections are what `(algorithm 3)` in the docs of this crate refers to. Recordings of it are run against this crate in
//! `testing/conformance`.

mod autoscaler;
mod collect;
mod context;
mod cycle;
mod cycle_memory;
pub mod decimal;
mod error;
pub mod evaluate;
pub mod evaluation;
pub mod event;
mod execute;
mod health;
mod ids;
mod labels;
mod listed_job;
mod memory;
pub mod metric;
pub mod observation;
pub mod options;
pub mod plugin;
pub mod policy;
pub mod ports;
mod proposed;
pub mod registry;
mod report;
pub mod scaling_report;
mod slots;
pub mod state;
mod status;
pub mod time;
pub mod topology;
pub mod window;

pub use autoscaler::Autoscaler;
pub use context::{JobAutoScalerContext, ParsedConfiguration};
pub use cycle::{Stage, looks_after, stage};
pub use cycle_memory::CycleMemory;
pub use error::{ErrorChain, ErrorKind, PortError};
pub use event::{Event, EventDetail, EventType};
pub use health::{Checkpoints, JobHealth, TaskFailure};
pub use ids::{ClusterName, InvalidId, JobId, JobKey, VertexId};
pub use labels::Labels;
pub use listed_job::ListedJob;
pub use observation::{Observation, ObserveError};
pub use ports::{
    Acquired, AutoScalerEventHandler, AutoScalerStateStore, Cluster, ClusterList, ClusterSnapshot, ClusterSource,
    Expiry, Fence, Fingerprint, HeldLease, JobConfiguration, JobKeys, JobList, JobListFetcher, Lease, LeaseTerms,
    LeaseToken, LoadedState, MetricsCollector, Occupied, Revision, ScalingRealizer, UnknownJob,
};
pub use proposed::Changes;
pub use report::{CycleReport, Explanation, Filling, Outcome, Realization, Shadow};
pub use slots::SlotSharing;
pub use state::JobState;
pub use status::{JobStatus, UnknownStatus};

/// Runs the worked examples of `docs/algorithm.md`.
#[cfg(doctest)]
#[doc = include_str!("../../docs/algorithm.md")]
struct WorkedExamples;
