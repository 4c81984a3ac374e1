//! The load of the sample job, steered while it runs.

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};

/// A file with the load over time, which the sample job reads.
#[derive(Debug)]
pub struct LoadCurve {
    path: PathBuf,
    lines: String,
}

impl LoadCurve {
    /// A load that begins now, in records per second.
    ///
    /// # Errors
    /// The file can't be written.
    pub fn begin(directory: &Path, rate: u32) -> Result<Self> {
        let mut curve = Self { path: directory.join("load-curve"), lines: String::new() };
        curve.step(rate)?;
        Ok(curve)
    }

    /// Changes the load from now on.
    ///
    /// # Errors
    /// The file can't be written.
    pub fn step(&mut self, rate: u32) -> Result<()> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).context("the clock is before 1970")?.as_millis();
        self.lines.push_str(&format!("{now} {rate}\n"));
        // Written beside and moved, so that the job never reads half a file.
        let fresh = self.path.with_extension("new");
        std::fs::write(&fresh, &self.lines)?;
        std::fs::rename(&fresh, &self.path)?;
        Ok(())
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }
}
