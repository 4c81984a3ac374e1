//! The processes that a NodeManager started, which outlive it.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The processes that work below a directory.
pub(super) fn below(directory: &Path) -> Vec<u32> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    pids.filter(|pid| works_in(*pid).is_some_and(|place| place.starts_with(directory))).collect()
}

/// Where a process works; one that has just ended works nowhere.
fn works_in(pid: u32) -> Option<PathBuf> {
    std::fs::read_link(format!("/proc/{pid}/cwd")).ok()
}

/// Ends the containers of a cluster whose NodeManager is gone, and removes its files.
///
/// # Errors
/// A file can't be removed.
pub fn clear(directory: &Path) -> std::io::Result<()> {
    for pid in below(&directory.join("local")) {
        // One that has ended can't be killed, which is as good.
        let _ended = Command::new("kill").args(["-KILL", &pid.to_string()]).status();
    }
    match std::fs::remove_dir_all(directory) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
