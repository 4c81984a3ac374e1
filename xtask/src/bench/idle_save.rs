//! `cargo xtask bench idle-save`: what saving one new observation costs, in each store.

use anyhow::Result;
use clap::ValueEnum;
use xshell::Shell;

use crate::cargo::cargo;
use crate::{lab, paths};

/// A store, or every one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Store {
    Memory,
    Sqlite,
    Postgres,
    Mysql,
    Mariadb,
    All,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The store to measure.
    #[arg(long, value_enum, default_value_t = Store::All)]
    store: Store,
    /// Install nothing on this machine; say what is missing instead.
    #[arg(long)]
    no_install: bool,
    /// Print one JSON object for each line of the table instead.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<()> {
    let stores: &[&str] = match arguments.store {
        Store::Memory => &["memory"],
        Store::Sqlite => &["sqlite"],
        Store::Postgres => &["postgres"],
        Store::Mysql => &["mysql"],
        Store::Mariadb => &["mariadb"],
        Store::All => &["memory", "sqlite", "postgres", "mysql", "mariadb"],
    };
    if !matches!(arguments.store, Store::Memory | Store::Sqlite) {
        let no_install = arguments.no_install.then_some("--no-install");
        lab::run("provision", &["--databases"].into_iter().chain(no_install).collect::<Vec<_>>())?;
    }
    let shell = Shell::new()?;
    shell.change_dir(paths::root());
    let json = arguments.json.then_some("--json");
    let run = cargo(&shell).args(["run", "--release", "--package", "servers", "--example", "idle_save", "--"]);
    Ok(run.args(json).args(stores).run()?)
}
