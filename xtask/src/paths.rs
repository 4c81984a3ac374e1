//! Where things are.

use std::path::PathBuf;

/// The workspace's root.
pub(crate) fn root() -> PathBuf {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    here.parent().map_or(here.clone(), std::path::Path::to_owned)
}

/// Cargo's target directory.
pub(crate) fn target() -> PathBuf {
    servers::flink::target_directory(&root())
}

/// Downloads and clusters that stay.
pub(crate) fn flink_cache() -> PathBuf {
    servers::flink::cache_directory(&root())
}
