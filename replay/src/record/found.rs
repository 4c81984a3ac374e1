//! Recordings that are there.

use std::cmp::Reverse;
use std::path::{Path, PathBuf};

use autoscaler_core::time::Instant;
use autoscaler_core::{ClusterName, JobKey};

use super::file_name::{began, instant, may_be_of};
use crate::trace::{TraceError, trace_files};

/// The files of a directory that may be recordings of a job, each with the instant at which it began, the latest first. What a file says
/// itself counts: names that differ in odd characters alone can't be told apart by it.
///
/// # Errors
/// The directory can't be read.
pub fn recordings(
    directory: &Path,
    cluster: &ClusterName,
    job: &JobKey,
) -> Result<Vec<(Instant, PathBuf)>, TraceError> {
    let files = match trace_files(directory) {
        Err(TraceError::Empty(_)) => Vec::new(),
        files => files?,
    };
    let recording = |path: PathBuf| {
        let name = path.file_name()?.to_str()?;
        let began = instant(began(name).filter(|_| may_be_of(name, cluster, job))?)?;
        Some((began, path))
    };
    let mut found: Vec<_> = files.into_iter().filter_map(recording).collect();
    found.sort_unstable_by_key(|(began, _)| Reverse(*began));
    Ok(found.into_iter().map(|((at, _), path)| (at, path)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_of_a_job_are_found_the_latest_first_whatever_it_was_called() {
        let directory = tempfile::tempdir().unwrap();
        let names = [
            "c_orders_k_20261126T101500Z.jsonl.gz",
            "c_orders_k_20261126T101500Z-10.jsonl.gz",
            "c_orders_k_20261126T101500Z-9.jsonl",
            "c_renamed_k_20261127T000000Z.jsonl",
            "c_orders_other_20261127T000000Z.jsonl",
            "d_orders_k_20261127T000000Z.jsonl",
            "c_orders_k_20261127T000000Z.jsonl.gz.tmp",
            "c_orders_k.jsonl",
        ];
        let (cluster, job) = (ClusterName::new("c"), JobKey::new("k"));
        assert_eq!(recordings(directory.path(), &cluster, &job).unwrap(), []);
        for name in names {
            std::fs::write(directory.path().join(name), "").unwrap();
        }
        let found = recordings(directory.path(), &cluster, &job).unwrap();
        let found: Vec<_> = found.iter().map(|(_, path)| path.file_name().unwrap().to_str().unwrap()).collect();
        assert_eq!(found, [names[3], names[1], names[2], names[0]]);
    }
}
