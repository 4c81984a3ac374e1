//! axe-core, which finds what keeps people from using a page. PyPI has it, beside a wrapper that is not needed.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::process::{run, target_directory};

/// Which one: another may find other things. It holds axe-core 4.12.
const PACKAGE: &str = "axe-playwright-python==0.1.8";

fn place() -> PathBuf {
    target_directory(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")).join("tools").join(PACKAGE)
}

fn file() -> PathBuf {
    place().join("axe_playwright_python").join("axe.min.js")
}

/// Whether it is there.
pub fn is_there() -> bool {
    file().exists()
}

/// What installs it.
pub fn command() -> String {
    format!("python3 -m pip install --no-deps --target {} {PACKAGE}", place().display())
}

/// Installs it below the target directory, if it is not there.
///
/// # Errors
/// There is no pip, or PyPI can't be reached.
pub fn obtain() -> Result<()> {
    if is_there() {
        return Ok(());
    }
    let mut pip = Command::new("python3");
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--target"]);
    run(pip.arg(place()).arg(PACKAGE)).context("axe-core can't be had from PyPI")
}

/// Its text.
///
/// # Errors
/// It is not there.
pub fn script() -> Result<String> {
    let missing = || format!("there is no axe-core: cargo xtask test installs it, or: {}", command());
    std::fs::read_to_string(file()).with_context(missing)
}
