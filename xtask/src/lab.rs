//! The commands that need a real Flink, databases or the project's own crates: the program `lab`, which is built only for
//! them. What is left in xtask builds in seconds.

use std::path::PathBuf;
use std::process::{Command, ExitStatus};

use anyhow::{Context, Result, bail, ensure};
use xshell::{Cmd, Shell, cmd};

use crate::{cargo, paths};

const LAB: &str = "lab";
const PROGRAM: &str = "flink-autoscaler";

/// Arguments that are handed on as they are.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct Arguments {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    pub(crate) arguments: Vec<String>,
}

/// Becomes `lab COMMAND …`.
pub(crate) fn become_lab(command: &str, arguments: &Arguments) -> Result<()> {
    let [lab] = built([LAB])?;
    replaced_by(command_of(lab, command).args(&arguments.arguments))
}

/// As [`become_lab`], with a flink-autoscaler built from this tree.
pub(crate) fn become_lab_with_program(command: &str, arguments: &Arguments) -> Result<()> {
    // Nobody waits for minutes to be told of options.
    if arguments.arguments.iter().any(|argument| ["-h", "--help"].contains(&argument.as_str())) {
        return become_lab(command, arguments);
    }
    for_flink()?;
    let [lab, program] = built([LAB, PROGRAM])?;
    replaced_by(command_of(lab, command).arg("--binary").arg(program).args(&arguments.arguments))
}

/// Fails at once without what a real Flink needs, which would else be said after minutes of building.
fn for_flink() -> Result<()> {
    let shell = Shell::new()?;
    let runs = |command: Cmd<'_>| command.quiet().ignore_stdout().ignore_stderr().run().is_ok();
    let has_home = std::env::var_os("FLINK_HOME").is_some_and(|home| !home.is_empty());
    let problem = lacking(
        runs(cmd!(shell, "javac -version")),
        has_home || ["python3", "python"].iter().any(|python| runs(cmd!(shell, "{python} -m pip --version"))),
    );
    problem.map_or(Ok(()), |problem| bail!("{problem}"))
}

fn lacking(has_jdk: bool, has_pip: bool) -> Option<&'static str> {
    match (has_jdk, has_pip) {
        (true, true) => None,
        (false, _) => Some(
            "a real Flink needs a JDK 11 or later. On Debian or Ubuntu: apt-get install -y openjdk-17-jdk-headless; \
             on macOS: brew install openjdk@17",
        ),
        (true, false) => Some(
            "Flink's jars come from PyPI, and there is no pip. On Debian or Ubuntu: apt-get install -y python3-pip; \
             or set FLINK_HOME to an unpacked Flink distribution",
        ),
    }
}

/// Runs `lab COMMAND …` to its end.
pub(crate) fn run(command: &str, arguments: &[&str]) -> Result<()> {
    let [lab] = built([LAB])?;
    let status = command_of(lab, command).args(arguments).status().context("can't start lab")?;
    ended(command, status)
}

fn command_of(lab: PathBuf, name: &str) -> Command {
    let mut command = Command::new(lab);
    command.arg(name);
    cargo::variables().for_each(|variable| _ = command.env_remove(variable));
    command
}

fn ended(command: &str, status: ExitStatus) -> Result<()> {
    ensure!(status.success(), "lab {command}: {status}");
    Ok(())
}

/// A signal then reaches the one process that there is.
#[cfg(unix)]
fn replaced_by(command: &mut Command) -> Result<()> {
    let error = std::os::unix::process::CommandExt::exec(command);
    Err(error).context("can't start lab")
}

#[cfg(not(unix))]
fn replaced_by(command: &mut Command) -> Result<()> {
    let status = command.status().context("can't start lab")?;
    std::process::exit(status.code().unwrap_or(1))
}

/// Builds programs, and says so before it takes its time.
fn built<const N: usize>(names: [&str; N]) -> Result<[PathBuf; N]> {
    let shell = Shell::new()?;
    shell.change_dir(paths::root());
    eprintln!("{}", announcement(&names, names.iter().all(|name| paths::target().join("debug").join(name).exists())));
    let paths = cargo::programs(&shell, &names)?;
    paths.try_into().ok().context("cargo has not built all of them")
}

fn announcement(names: &[&str], are_there: bool) -> String {
    let names = names.join(" and ");
    if are_there {
        format!("cargo xtask: bringing {names} up to date")
    } else {
        format!("cargo xtask: building {names} with all they need, about 440 crates: 3 minutes on two free cores, once")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_takes_long_is_said_with_how_long() {
        let first = announcement(&["lab", "flink-autoscaler"], false);
        assert!(first.contains("lab and flink-autoscaler") && first.contains("minutes"), "{first}");
        assert!(!announcement(&["lab"], true).contains("minutes"));
    }

    #[test]
    fn what_is_lacking_is_said_with_how_to_get_it() {
        assert_eq!(lacking(true, true), None);
        assert!(lacking(false, false).unwrap().contains("openjdk-17"));
        assert!(lacking(true, false).unwrap().contains("python3-pip"));
    }
}
