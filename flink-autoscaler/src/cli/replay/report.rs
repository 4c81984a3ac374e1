//! Runs of traces as a file of charts.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use autoscaler::autoscaler_core::Autoscaler;
use autoscaler::autoscaler_core::options::Configuration;
use autoscaler::page::Run;
use replay::{Replay, Summary};

/// Runs the traces, and writes what was recorded and what is decided in each cycle, in the form that `made` gives it.
pub(super) fn write(out: &Path, made: fn(&[Run]) -> String, files: &[PathBuf], over: &Configuration) -> Result<()> {
    let mut runs = Vec::new();
    for file in files {
        let (mut run, mut summary) = (Run::new(file.display().to_string()), Summary::default());
        let is_whole = Replay::each_cycle(file, over, &Autoscaler::new(), |_, line, _, cycle| -> Result<()> {
            summary.add(line, &cycle);
            run.add(cycle.now, &cycle.report);
            Ok(())
        })?;
        if !is_whole {
            super::say_cut_off(file);
        }
        runs.push(run.with_summary(summary.to_string()));
    }
    std::fs::write(out, made(&runs)).with_context(|| format!("can't write {}", out.display()))
}
