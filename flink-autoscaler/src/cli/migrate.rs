//! `flink-autoscaler migrate`: the database's schema.

use std::io::Write;

use anyhow::Result;
use autoscaler::autoscaler_core::options::Configuration;
use autoscaler::autoscaler_core::{ErrorKind, PortError};
use autoscaler::autoscaler_runtime::RuntimeOptions;
use autoscaler::sql_database::register::open_databases;
use autoscaler::sql_database::schema::{alterations, migrate, pending};
use autoscaler::sql_database::{Database, SqlDatabase};

use super::program::{Program, block_on};

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Show the statements that would be run, and run none.
    #[arg(long, conflicts_with = "status")]
    dry_run: bool,
    /// Show which versions the schema has and lacks.
    #[arg(long)]
    status: bool,
    /// Options, as those of `run`.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "--key value")]
    options: Vec<String>,
}

impl Arguments {
    fn only_reads(&self) -> bool {
        self.dry_run || self.status
    }
}

pub(super) fn run(mut program: Program, arguments: &Arguments) -> Result<()> {
    let configuration = program.load_aloud(&arguments.options)?;
    if arguments.only_reads() {
        program.only_read();
    }
    block_on(async {
        let ended = all(&mut program, &configuration, arguments).await;
        program.close().await;
        ended
    })
}

async fn all(program: &mut Program, configuration: &Configuration, arguments: &Arguments) -> Result<()> {
    let databases = databases_in_use(program, configuration)?;
    if databases.is_empty() {
        writeln!(
            std::io::stdout(),
            "no database is in use: set autoscaler.standalone.state-store.type to SQLITE or JDBC"
        )?;
    }
    for database in &databases {
        one(arguments, database.as_it_is().as_ref()).await?;
    }
    Ok(())
}

/// The databases that a process with these options would use, for state and for events.
fn databases_in_use(program: &mut Program, configuration: &Configuration) -> Result<Vec<Database>> {
    program.open_store(configuration)?;
    for name in RuntimeOptions::from_configuration(configuration)?.event_handlers.0 {
        let handler =
            program.backends.handlers.named_in(configuration, "autoscaler.standalone.event-handler.type", &name)?;
        program.open(configuration, handler.open)?;
    }
    Ok(open_databases(&mut program.backends.extensions).databases())
}

async fn one(arguments: &Arguments, database: &dyn SqlDatabase) -> Result<()> {
    let missing = if arguments.only_reads() { pending(database).await } else { migrate(database).await };
    let missing = missing.map_err(PortError::from)?;
    let mut out = std::io::stdout();
    if arguments.status {
        let version = match database.version().await {
            Err(absent) if absent.kind() == ErrorKind::NotFound => "no such file yet".to_owned(),
            version => version.map_err(PortError::from)?,
        };
        writeln!(out, "{} ({version})", database.name())?;
        for migration in database.known_migrations() {
            let state = if missing.contains(&migration) { "missing" } else { "there" };
            writeln!(out, "  {} {}: {state}", migration.version, migration.description)?;
        }
        for alteration in alterations(database).await.map_err(PortError::from)? {
            writeln!(out, "  altered: {alteration}")?;
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
    Ok(())
}
