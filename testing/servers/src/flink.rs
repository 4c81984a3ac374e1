//! A real Flink cluster, anywhere with a JDK and pip: the jars come from PyPI, the processes are plain `java`.

use std::path::{Path, PathBuf};

mod autoscaler;
mod cluster;
mod distribution;
mod load;
mod look;
mod processes;
mod sample_job;

pub use autoscaler::AutoscalerProcess;
pub use cluster::{Cluster, ClusterSpec, Record};
pub use distribution::Distribution;
pub(crate) use distribution::run;
pub use load::LoadCurve;
pub use look::{Look, Vertex};
pub use sample_job::SampleJob;

/// The version that is brought up where none is named.
pub const DEFAULT_VERSION: &str = "1.20";

/// Cargo's target directory of the workspace at `root`.
pub fn target_directory(root: &Path) -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |directory| root.join(directory))
}

/// Where downloads are kept.
pub fn cache_directory(root: &Path) -> PathBuf {
    target_directory(root).join("flink")
}
