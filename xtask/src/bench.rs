//! `cargo xtask bench`: measurements.

mod core;
mod fleet;
mod idle_save;

use anyhow::Result;
use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// One cycle of the decision core, for 5, 50 and 1,000 vertices.
    Core(core::Arguments),
    /// The process against a stand-in with many jobs: CPU time and calls of a cycle, resident memory.
    Fleet(fleet::Arguments),
    /// Saving one new observation, for windows of 2, 90 and 900 observations, in each store.
    IdleSave(idle_save::Arguments),
}

pub(crate) fn run(command: &Command) -> Result<()> {
    match command {
        Command::Core(arguments) => core::run(arguments),
        Command::Fleet(arguments) => fleet::run(arguments),
        Command::IdleSave(arguments) => idle_save::run(arguments),
    }
}
