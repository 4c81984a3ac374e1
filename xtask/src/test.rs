//! `cargo xtask test`: every test there is.

mod lanes;

use anyhow::Result;
use xshell::Shell;

use crate::{lab, paths};

#[derive(Debug, Default, clap::Args)]
pub(crate) struct Arguments {
    /// Install nothing on this machine; say what is missing instead.
    #[arg(long)]
    no_install: bool,
    /// Passed on to every test program, such as a filter.
    #[arg(last = true)]
    arguments: Vec<String>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let no_install = arguments.no_install.then_some("--no-install");
    let needs = ["--flink", "--databases", "--gateway", "--http", "--kubernetes", "--yarn", "--packaging"];
    lab::run("provision", &needs.into_iter().chain(no_install).collect::<Vec<_>>())?;
    let shell = Shell::new()?;
    shell.change_dir(paths::root());
    lanes::run(&shell, &arguments.arguments)
}
