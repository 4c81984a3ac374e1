//! Schemathesis from PyPI, which asks an API what its description allows and what it does not, and compares the answers
//! with it.

use std::process::Command;

use anyhow::{Result, bail, ensure};

use crate::pypi::Tool;

/// Which one: another may ask other things.
const TOOL: Tool = Tool { name: "schemathesis", package: "schemathesis", version: "4.32.5" };

/// Whether it is there.
pub fn is_there() -> bool {
    TOOL.program().exists()
}

/// What installs it.
pub fn command() -> String {
    TOOL.command()
}

/// Installs it below the target directory, if it is not there.
///
/// # Errors
/// No Python with `venv`, or PyPI can't be reached.
pub fn obtain() -> Result<()> {
    TOOL.obtain()
}

/// Tries the API that is described at `url`; what it prints. `global` goes before the command `run`, `arguments` behind it.
///
/// # Errors
/// It is not there, or an answer is not as described: which, and how to ask for it again.
pub fn run_on(global: &[&str], url: &str, arguments: &[&str]) -> Result<String> {
    let program = TOOL.program();
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
