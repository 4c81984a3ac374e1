//! `cargo xtask deny`: what comes in through dependencies, by `deny.toml`.

use std::path::PathBuf;

use anyhow::{Context, Result};
use xshell::{Shell, cmd};

use crate::cargo::{cargo, variables};
use crate::paths;

/// Which cargo-deny checks; another version may know other rules.
const VERSION: &str = "0.20.2";

/// What a check came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Advisories {
    Checked,
    /// The database can't be had here.
    OutOfReach,
}

pub(crate) fn run() -> Result<Advisories> {
    let shell = Shell::new()?;
    shell.change_dir(paths::root());
    let deny = obtain(&shell)?;
    let deny = |arguments: &[&str]| {
        variables().fold(cmd!(shell, "{deny}").args(arguments), |deny, name| deny.env_remove(name))
    };
    deny(&["check", "--hide-inclusion-graph", "bans", "licenses", "sources"]).run()?;
    let fetched = deny(&["fetch", "db"]).quiet().ignore_status().ignore_stdout().output()?;
    if !fetched.status.success() {
        // Why not is in the last line.
        let said = String::from_utf8_lossy(&fetched.stderr).into_owned();
        eprintln!("{}", said.lines().rfind(|line| !line.trim().is_empty()).unwrap_or_default());
        return Ok(Advisories::OutOfReach);
    }
    deny(&["check", "--hide-inclusion-graph", "advisories"]).run()?;
    Ok(Advisories::Checked)
}

/// What is to be said at the end of a longer run.
pub(crate) fn told(advisories: Advisories) -> &'static str {
    match advisories {
        Advisories::Checked => "dependencies: licences, bans, sources and advisories checked",
        Advisories::OutOfReach => {
            "dependencies: licences, bans and sources checked; advisories NOT checked: \
             https://github.com/RustSec/advisory-db can't be had from here"
        }
    }
}

/// The program, built once from crates.io into the target directory.
fn obtain(shell: &Shell) -> Result<PathBuf> {
    let root = paths::target().join("tools").join(format!("cargo-deny-{VERSION}"));
    let program = root.join("bin").join("cargo-deny");
    if !program.exists() {
        println!("cargo xtask: building cargo-deny {VERSION} from crates.io: a minute on two cores, once");
        let install = cargo(shell).args(["install", "--locked", "--debug", "--version", VERSION, "--root"]);
        install
            .arg(&root)
            .args(["--target-dir"])
            .arg(root.join("build"))
            .arg("cargo-deny")
            .run()
            .context("cargo-deny can't be had")?;
        // What it was built from is of no more use.
        std::fs::remove_dir_all(root.join("build")).context("what cargo-deny was built from can't be removed")?;
    }
    Ok(program)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_left_out_is_said() {
        assert!(told(Advisories::OutOfReach).contains("advisories NOT checked"));
        assert!(!told(Advisories::Checked).contains("NOT"));
    }
}
