//! Where things are.

use std::path::{Path, PathBuf};

/// The workspace's root.
fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// Cargo's target directory.
pub(crate) fn target() -> PathBuf {
    servers::flink::target_directory(root())
}

/// Downloads and clusters that stay.
pub(crate) fn flink_cache() -> PathBuf {
    servers::flink::cache_directory(root())
}
