//! `cargo xtask bench quality`: how well policies do in simulations.

use anyhow::Result;
use xshell::Shell;

use crate::cargo::cargo;
use crate::paths;

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// How many scenarios are drawn, beside those that have a name.
    #[arg(long, default_value_t = 42)]
    drawn: u64,
    /// The number of the first one that is drawn.
    #[arg(long, default_value_t = 0)]
    first: u64,
    /// The responsive policy without each of its ideas, and with each of its options at half and double, instead of policies
    /// side by side.
    #[arg(long)]
    parameters: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<()> {
    let shell = Shell::new()?;
    shell.change_dir(paths::root());
    let (drawn, first) = (arguments.drawn.to_string(), arguments.first.to_string());
    let example = if arguments.parameters { "parameters" } else { "quality" };
    let simulate = ["run", "--release", "--package", "flink-autoscaler-simulate", "--example", example, "--"];
    Ok(cargo(&shell).args(simulate).args([drawn, first]).run()?)
}
