//! A real Flink cluster, anywhere with a JDK and pip: the jars come from PyPI, the processes are plain `java`.

use std::path::{Path, PathBuf};

mod autoscaler;
mod cluster;
mod distribution;
mod load;
mod processes;
mod sample_job;
mod snapshot;

pub use crate::process::target_directory;
pub use autoscaler::{AutoscalerProcess, QUICK_OPTIONS, endpoint};
pub use cluster::{Cluster, ClusterSpec, DetachedCluster};
pub use distribution::Distribution;
pub use load::LoadCurve;
pub use sample_job::SampleJob;
#[cfg(feature = "yarn")]
pub(crate) use sample_job::compile;
pub use snapshot::{JobSnapshot, Vertex};

/// The version that is brought up where none is named.
pub const DEFAULT_VERSION: &str = "1.20";

/// Where downloads are kept.
pub fn cache_directory(root: &Path) -> PathBuf {
    target_directory(root).join("flink")
}
