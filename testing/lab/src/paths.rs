//! Where things are.

use std::path::{Path, PathBuf};

/// The workspace's root.
fn root() -> &'static Path {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    // Not `../..`: these paths are shown.
    folder.ancestors().nth(2).unwrap_or(folder)
}

/// Cargo's target directory.
pub(crate) fn target() -> PathBuf {
    servers::flink::target_directory(root())
}

/// Downloads and clusters that stay.
pub(crate) fn flink_cache() -> PathBuf {
    servers::flink::cache_directory(root())
}
