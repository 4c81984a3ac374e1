//! A typed client of Flink's REST API, and what is built on it: the list of a cluster's jobs and the look at a job.
//!
//! - [`FlinkClient`]: requests with a deadline and a bounded answer
//! - [`wire`]: the JSON of Flink's answers, as the core's types
//! - [`FlinkJobs`]: which jobs a cluster has, each with its effective configuration
//! - [`FlinkCollector`]: how a job is looked at; cluster-wide answers are asked once for all jobs
//!
//! [`observe`] is written against [`JobApi`], so that a recording can be looked at as a cluster is.

mod client;
mod cluster;
mod collector;
mod error;
mod jobs;
mod observe;
pub mod wire;

pub use client::{FlinkClient, MAX_BODY_BYTES};
pub use cluster::{ClusterApi, cluster_reading};
pub use collector::FlinkCollector;
pub use error::{RestError, RestProblem};
pub use jobs::FlinkJobs;
pub use observe::{JobApi, observe};
