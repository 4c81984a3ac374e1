//! Apache Flink's REST API, and the ports over it: a cluster's job list, and the metrics of its jobs.
//!
//! - [`FlinkClient`]: requests with a deadline and a bounded answer
//! - [`FlinkJobs`]: which jobs a cluster has, and what each is configured with
//! - [`FlinkCollector`]: how jobs are observed; cluster-wide answers are asked for once for all jobs of a round
//! - [`FixedClusters`], [`cluster`]: both as a [`ClusterSource`](autoscaler_core::ClusterSource); [`register`] lets options name it

mod access;
mod client;
mod clusters;
mod collector;
mod error;
mod jobs;
mod options;
#[doc(hidden)]
pub mod wire;

pub use access::{AccessFile, ClusterAccess, Credentials, ProxyChoice, Secret, repeats_password};
pub use client::{AnswerRoom, Carrier, FlinkClient, Transport, TransportAnswer, TransportError, without_credentials};
pub use clusters::{FixedClusters, cluster, named_cluster, register};
pub use collector::FlinkCollector;
pub use error::{CertificateProblem, RestError, RestProblem};
pub use jobs::FlinkJobs;
pub use options::{ClusterAccessOptions, FlinkClusterOptions};

/// How answers are made use of, for recordings of them, and options, for fuzzing. No API for anybody else.
#[doc(hidden)]
pub mod recorded {
    pub use crate::clusters::read_addresses;
    pub use crate::collector::{
        Answers, ClusterApi, JobApi, MetricNames, Tape, Unobserved, VertexAnswers, cluster_answers, cluster_reading,
        observe,
    };
    pub use crate::jobs::read_job_list;
}
