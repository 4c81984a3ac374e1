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
}

pub(super) fn run(arguments: &Arguments) -> Result<()> {
    let shell = Shell::new()?;
    shell.change_dir(paths::root());
    let (drawn, first) = (arguments.drawn.to_string(), arguments.first.to_string());
    let simulate = ["run", "--release", "--package", "flink-autoscaler-simulate", "--example", "quality", "--"];
    Ok(cargo(&shell).args(simulate).args([drawn, first]).run()?)
}
