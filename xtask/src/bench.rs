//! `cargo xtask bench`: measurements.

mod core;
mod idle_save;
mod quality;

use anyhow::Result;
use clap::Subcommand;
use xshell::Shell;

use crate::{cargo, lab, paths};

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// One cycle of the decision core, for 5, 50 and 1,000 vertices.
    Core(core::Arguments),
    /// The process against a stand-in with many jobs: CPU time and calls of a cycle, resident memory.
    #[command(disable_help_flag = true)]
    Fleet(lab::Arguments),
    /// Saving one new observation, for windows of 2, 90 and 900 observations, in each store.
    IdleSave(idle_save::Arguments),
    /// How well policies do: the scenarios that have a name against their bars, then drawn ones, as tables.
    Quality(quality::Arguments),
    /// Both policies on a real Flink, side by side, under the same load: lag, rescales, subtask-seconds. 24 minutes.
    #[command(disable_help_flag = true)]
    Real(lab::Arguments),
}

pub(crate) fn run(command: &Command) -> Result<()> {
    match command {
        Command::Core(arguments) => core::run(arguments),
        Command::Fleet(arguments) => fleet(arguments),
        Command::IdleSave(arguments) => idle_save::run(arguments),
        Command::Quality(arguments) => quality::run(arguments),
        Command::Real(arguments) => lab::become_lab_with_program("bench-real", arguments),
    }
}

/// Measures the program that `--binary` names, or this tree's.
fn fleet(arguments: &lab::Arguments) -> Result<()> {
    let arguments = &arguments.arguments;
    let names = |name: &str| arguments.iter().any(|argument| argument.split('=').next() == Some(name));
    let mut all = Vec::new();
    if !["--binary", "--help", "-h"].into_iter().any(names) {
        let shell = Shell::new()?;
        shell.change_dir(paths::root());
        cargo::cargo(&shell).args(["build", "--release", "--package", "flink-autoscaler"]).run()?;
        let binary = paths::target().join("release").join("flink-autoscaler");
        all.extend(["--binary".to_owned(), binary.display().to_string()]);
    }
    all.extend(arguments.iter().cloned());
    lab::become_lab("bench-fleet", &lab::Arguments { arguments: all })
}
