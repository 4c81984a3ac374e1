//! A real Flink cluster, anywhere with a JDK and pip: the jars come from PyPI, the processes are plain `java`.

mod cluster;
mod distribution;
mod load;
mod processes;
mod sample_job;

pub use cluster::{Cluster, ClusterSpec, Record};
pub use distribution::Distribution;
pub use load::LoadCurve;
pub use sample_job::SampleJob;

/// The version that is brought up where none is named.
pub const DEFAULT_VERSION: &str = "1.20";

/// Where downloads are kept: `target/flink` of the workspace at `root`, or in `CARGO_TARGET_DIR`.
pub fn cache_directory(root: &std::path::Path) -> std::path::PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |directory| root.join(directory));
    target.join("flink")
}
