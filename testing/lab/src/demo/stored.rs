//! What the autoscaler has stored of the job, as its own command tells it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use serde_json::Value;

use super::autoscaler::store_options;

#[derive(Debug, Deserialize)]
struct Export {
    state: BTreeMap<String, String>,
}

/// A job's stored state, as far as the demo compares it.
#[derive(Debug)]
pub(crate) struct Stored {
    /// Past scalings: vertex and instant.
    history: BTreeSet<(String, String)>,
    overrides: Option<String>,
    /// Instants of the observations, oldest first.
    observations: Vec<String>,
}

impl Stored {
    pub(crate) fn read(binary: &Path, directory: &Path, job: &str) -> Result<Self> {
        let output = Command::new(binary)
            .args(["state", "export", job])
            .args(store_options(directory))
            .env_remove("FLINK_CONF_DIR")
            .output()?;
        ensure!(output.status.success(), "flink-autoscaler state export: {}", String::from_utf8_lossy(&output.stderr));
        let Export { mut state } = serde_json::from_slice(&output.stdout).context("an export that is no JSON")?;
        let window: BTreeMap<String, Value> = match state.get("collectedMetrics") {
            Some(text) => serde_json::from_str(text)?,
            None => BTreeMap::new(),
        };
        let history: BTreeMap<String, BTreeMap<String, Value>> = match state.get("scalingHistory") {
            Some(text) => serde_json::from_str(text)?,
            None => BTreeMap::new(),
        };
        let scalings = |(vertex, entries): (String, BTreeMap<String, Value>)| {
            entries.into_keys().map(move |at| (vertex.clone(), at)).collect::<Vec<_>>()
        };
        Ok(Self {
            history: history.into_iter().flat_map(scalings).collect(),
            overrides: state.remove("parallelismOverrides"),
            observations: window.into_keys().collect(),
        })
    }

    /// What a restart between `self` and `later` kept; an error if it lost something.
    pub(crate) fn kept_in(&self, later: &Self) -> Result<String> {
        ensure!(later.history.is_superset(&self.history), "past scalings are lost over the restart");
        // A scaling since then has overrides of its own.
        let same = later.history != self.history || later.overrides == self.overrides;
        ensure!(same && later.overrides.is_some(), "the overrides are not those from before the restart");
        let kept = later.observations.iter().filter(|at| self.observations.contains(at)).count();
        ensure!(kept > 0, "no observation from before the restart is left: the window began anew");
        let fresh = later.observations.len() - kept;
        Ok(format!(
            "same history, overrides in place, {kept} observations from before it and {fresh} new ones: no new stabilization"
        ))
    }
}
