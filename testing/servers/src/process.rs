//! Programs that are run, and where what they need is kept.

use std::path::{Path, PathBuf};
#[cfg(any(feature = "database", feature = "flink"))]
use std::process::Command;

#[cfg(any(feature = "database", feature = "flink"))]
use anyhow::{Context, Result, bail};

/// Cargo's target directory of the workspace at `root`.
pub fn target_directory(root: &Path) -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |directory| root.join(directory))
}

/// Runs a command to its end; its last words are in the error.
#[cfg(any(feature = "database", feature = "flink"))]
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let output = command.output().with_context(|| format!("can't start {:?}", command.get_program()))?;
    if !output.status.success() {
        let errors = String::from_utf8_lossy(&output.stderr);
        let last: Vec<&str> = errors.lines().rev().take(8).collect();
        bail!("{:?} failed: {}", command.get_program(), last.into_iter().rev().collect::<Vec<_>>().join("\n"));
    }
    Ok(())
}
