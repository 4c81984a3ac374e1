//! Schemathesis from PyPI, which asks an API what its description allows and what it does not, and compares the answers
//! with it.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use crate::process::{run, target_directory};

/// Which one: another may ask other things.
const VERSION: &str = "4.32.5";

fn place() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    target_directory(&root).join("tools").join(format!("schemathesis-{VERSION}"))
}

fn program() -> PathBuf {
    place().join("bin").join("schemathesis")
}

/// Whether it is there.
pub fn is_there() -> bool {
    program().exists()
}

/// What installs it.
pub fn command() -> String {
    let place = place();
    let place = place.display();
    format!("python3 -m venv {place} && {place}/bin/pip install schemathesis=={VERSION}")
}

/// Installs it into a virtual environment below the target directory, if it is not there.
///
/// # Errors
/// No Python with `venv`, or PyPI can't be reached.
pub fn obtain() -> Result<()> {
    if is_there() {
        return Ok(());
    }
    let place = place();
    // What an interrupted installation left is no good.
    if place.exists() {
        std::fs::remove_dir_all(&place)?;
    }
    run(Command::new("python3").args(["-m", "venv"]).arg(&place))
        .context("python3 makes no virtual environment; on Debian or Ubuntu: apt-get install -y python3-venv")?;
    let mut pip = Command::new(place.join("bin").join("pip"));
    pip.args(["install", "--quiet", "--disable-pip-version-check", &format!("schemathesis=={VERSION}")]);
    run(&mut pip).context("schemathesis can't be had from PyPI")
}

/// Tries the API that is described at `url`; what it prints. `global` goes before the command `run`, `arguments` behind it.
///
/// # Errors
/// It is not there, or an answer is not as described: which, and how to ask for it again.
pub fn run_on(global: &[&str], url: &str, arguments: &[&str]) -> Result<String> {
    let program = program();
    if !program.exists() {
        bail!("there is no {}: cargo xtask test installs it, or: {}", program.display(), command());
    }
    let directory = tempfile::tempdir()?;
    let mut command = Command::new(program);
    command.args(global).args(["run", url]).args(arguments).current_dir(directory.path());
    command.env("NO_COLOR", "1").env("PYTHONIOENCODING", "utf-8");
    ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"].iter().for_each(|name| _ = command.env_remove(name));
    let output = command.output()?;
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    ensure!(output.status.success(), "{said}");
    Ok(said)
}
