//! The tests that bring up real clusters are programs named `real_…`. They wait most of the time, for Flink, YARN or the
//! operator, so they run one after the other beside all others, and what they print follows at the end.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::PathBuf;
use std::process::{Child, Command};

use anyhow::{Context, Result, ensure};
use xshell::Shell;

use crate::cargo::cargo;
use crate::{packages, paths};

const TEST: [&str; 4] = ["test", "--workspace", "--all-features", "--no-fail-fast"];

/// Runs every test; `arguments` are for every test program.
pub(super) fn run(shell: &Shell, arguments: &[String]) -> Result<()> {
    cargo(shell).args(TEST).arg("--no-run").run()?;
    let (real, others): (BTreeSet<_>, BTreeSet<_>) =
        packages::test_programs()?.into_iter().partition(|name| is_real(name));
    let test = || cargo(shell).args(TEST);
    let log = paths::target().join("real-clusters.log");
    println!("the tests on real clusters run beside the others, and say what they say at the end: {}", log.display());
    let real = Beside::start(test().args(named(&real)).arg("--").args(arguments).into(), log)?;
    let others = test().args(["--lib", "--bins"]).args(named(&others)).arg("--").args(arguments).run();
    let documentation = test().arg("--doc").arg("--").args(arguments).run();
    // Nothing that failed keeps the rest from being seen.
    real.end()?;
    others?;
    Ok(documentation?)
}

fn is_real(program: &str) -> bool {
    program.starts_with("real_")
}

fn named(programs: &BTreeSet<String>) -> impl Iterator<Item = &str> {
    programs.iter().flat_map(|name| ["--test", name])
}

/// A command whose output is kept until it has ended.
struct Beside {
    child: Child,
    log: PathBuf,
}

impl Beside {
    fn start(mut command: Command, log: PathBuf) -> Result<Self> {
        let output = File::create(&log).with_context(|| log.display().to_string())?;
        let child = command.stdout(output.try_clone()?).stderr(output).spawn().context("cargo")?;
        Ok(Self { child, log })
    }

    /// Waits for its end, and prints what it said.
    fn end(mut self) -> Result<()> {
        let status = self.child.wait()?;
        std::io::copy(&mut File::open(&self.log)?, &mut std::io::stdout())?;
        ensure!(status.success(), "tests on real clusters failed: {}", self.log.display());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fails_beside_is_told() {
        let directory = tempfile::tempdir().unwrap();
        let run = |script| {
            let mut command = Command::new("sh");
            command.args(["-c", script]);
            Beside::start(command, directory.path().join("beside.log"))?.end()
        };
        assert!(run("echo well").is_ok());
        assert!(run("exit 101").unwrap_err().to_string().contains("beside.log"));
    }
}
