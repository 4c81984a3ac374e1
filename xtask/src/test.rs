//! `cargo xtask test`: every test there is.

use anyhow::Result;
use xshell::{Shell, cmd};

use crate::{paths, provision};

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
    provision::flink(!arguments.no_install)?;
    provision::databases(!arguments.no_install)?;
    let shell = Shell::new()?;
    shell.change_dir(paths::root());
    let rest = &arguments.arguments;
    cmd!(shell, "cargo test --workspace --all-features --no-fail-fast -- {rest...}").run()?;
    Ok(())
}
