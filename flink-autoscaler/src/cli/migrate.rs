//! `flink-autoscaler migrate`: the database's schema.

use std::io::Write;

use anyhow::Result;
use autoscaler::sql_database::migrate::{migrate, pending};

use crate::backends;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Show the statements that would be run, and run none.
    #[arg(long, conflicts_with = "status")]
    dry_run: bool,
    /// Show which versions the schema has and lacks.
    #[arg(long)]
    status: bool,
    /// Options, as those of `run`; they come last.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "--key value")]
    options: Vec<String>,
}

pub(super) fn run(arguments: &Arguments) -> Result<()> {
    let (_, options) = super::load(&arguments.options)?;
    super::block_on(async {
        let backends = backends::open(&options)?;
        let mut out = std::io::stdout().lock();
        let mut any = false;
        for database in backends.databases.all() {
            any = true;
            let database = database.as_it_is();
            let missing = if arguments.dry_run || arguments.status {
                pending(database).await?
            } else {
                migrate(database).await?
            };
            if arguments.status {
                writeln!(out, "{} ({})", database.name(), database.version().await?)?;
                for migration in database.known_migrations() {
                    let state = if missing.contains(&migration) { "missing" } else { "there" };
                    writeln!(out, "  {} {}: {state}", migration.version, migration.description)?;
                }
            } else if arguments.dry_run {
                writeln!(out, "-- {}: {} of its versions are missing", database.name(), missing.len())?;
                for migration in &missing {
                    writeln!(out, "-- {} {}\n{}", migration.version, migration.description, migration.sql)?;
                }
            } else if missing.is_empty() {
                writeln!(out, "{}: the schema is up to date", database.name())?;
            } else {
                let versions: Vec<String> = missing.iter().map(|migration| migration.version.to_string()).collect();
                writeln!(out, "{}: brought up to date (versions {})", database.name(), versions.join(", "))?;
            }
        }
        if !any {
            writeln!(out, "no database is in use: set autoscaler.standalone.state-store.type to SQLITE or JDBC")?;
        }
        Ok(())
    })
}
