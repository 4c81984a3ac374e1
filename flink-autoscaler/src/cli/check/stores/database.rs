//! A database: whether it answers, and whether its schema is what it has to be.

use std::path::{Path, PathBuf};

use autoscaler::autoscaler_core::options::Configuration;
use autoscaler::autoscaler_core::{ErrorKind, PortError};
use autoscaler::sql_database::register::{JdbcOptions, MigrateMode, open_databases};
use autoscaler::sql_database::schema::{alterations, missing_rights, pending};
use autoscaler::sql_database::{SqlDatabase, SqlError};
use tokio::time::{Instant, timeout_at};

use super::{Finding, Section, failure, late};
use crate::cli::program::Program;

/// Checks the databases that were opened.
pub(super) async fn check(
    section: &mut Section,
    program: &mut Program,
    configuration: &Configuration,
    deadline: Option<Instant>,
) {
    let databases = open_databases(&mut program.backends.extensions).databases();
    for database in databases {
        let Some(deadline) = deadline else {
            section.ok(format!("{}: not asked (--offline)", database.name()));
            continue;
        };
        let asked = one(database.as_it_is().as_ref(), configuration);
        match timeout_at(deadline, asked).await {
            Ok(Ok(findings)) => section.extend(findings),
            Ok(Err(error)) => section.add(failure(&PortError::from(error).into())),
            Err(_) => section.add(late(database.name())),
        }
    }
}

async fn one(database: &dyn SqlDatabase, configuration: &Configuration) -> Result<Vec<Finding>, SqlError> {
    let name = database.name();
    let version = match database.version().await {
        Err(absent) if absent.kind() == ErrorKind::NotFound => return Ok(vec![absent_file(name, configuration)]),
        version => version?,
    };
    // PostgreSQL goes on with its compiler.
    let version = version.split(" on ").next().unwrap_or_default();
    let mut found = vec![Finding::ok(format!("{name} answers ({version})"))];
    found.push(schema(database, by_hand(configuration)).await?);
    for alteration in alterations(database).await? {
        found.push(Finding::error(
            format!("{name}: the schema was altered: {alteration}"),
            "change that back, or drop or rename the table: migrate makes an empty one",
        ));
    }
    let missing = missing_rights(database).await?;
    if !missing.is_empty() {
        found.push(Finding::error(
            format!("{name}: the user may not {}", missing.join(", ")),
            "grant SELECT, INSERT, UPDATE and DELETE on the tables t_flink_autoscaler_*",
        ));
    }
    found.extend(sqlite_file(configuration).and_then(|file| not_writable(name, &file)));
    Ok(found)
}

/// Whether everything is there that this build needs.
async fn schema(database: &dyn SqlDatabase, is_by_hand: bool) -> Result<Finding, SqlError> {
    let (name, missing) = (database.name(), pending(database).await?);
    if missing.is_empty() {
        return Ok(Finding::ok(format!("{name}: the schema is up to date")));
    }
    let (what, first) = if !database.applied_migrations().await?.is_empty() {
        ("the schema is older", "back it up; ")
    } else if database.shape().await?.is_empty() {
        ("it has no tables of ours", "")
    } else {
        ("it has tables as the Java process makes them, which stay", "back it up; ")
    };
    let versions: Vec<String> = missing.iter().map(|migration| migration.version.to_string()).collect();
    let text = format!("{name}: {what}; versions {} are missing", versions.join(", "));
    Ok(match is_by_hand {
        true => Finding::error(
            text,
            format!("{first}run flink-autoscaler migrate with the same options: jdbc.migrate is MANUAL"),
        ),
        false => Finding::warning(
            text,
            format!("{first}`run` adds them at its start; flink-autoscaler migrate --dry-run shows the statements"),
        ),
    })
}

fn by_hand(configuration: &Configuration) -> bool {
    JdbcOptions::read(configuration).is_ok_and(|options| options.jdbc_migrate == MigrateMode::Manual)
}

/// A SQLite file that is not there yet.
fn absent_file(name: &str, configuration: &Configuration) -> Finding {
    let file = sqlite_file(configuration).unwrap_or_default();
    let directory = file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if !directory.is_dir() {
        return Finding::error(
            format!("{name}: neither the file nor its directory is there"),
            "make the directory, or correct the path",
        );
    }
    if by_hand(configuration) {
        return Finding::error(
            format!("{name}: there is no such file"),
            "run flink-autoscaler migrate with the same options: jdbc.migrate is MANUAL",
        );
    }
    Finding::ok(format!("{name}: there is no such file yet; `run` makes it"))
}

fn not_writable(name: &str, file: &Path) -> Option<Finding> {
    // Opening changes nothing.
    let error = std::fs::OpenOptions::new().write(true).open(file).err()?;
    Some(Finding::error(
        format!("{name}: the file can't be written: {error}"),
        "let the user that `run` runs as write it",
    ))
}

/// The SQLite file that options name.
fn sqlite_file(configuration: &Configuration) -> Option<PathBuf> {
    let is_sqlite = configuration
        .get("autoscaler.standalone.state-store.type")
        .is_some_and(|store| store.trim().eq_ignore_ascii_case("SQLITE"));
    if is_sqlite {
        let file = configuration.get("autoscaler.standalone.state-store.sqlite.file");
        return Some(file.unwrap_or("flink-autoscaler.db").into());
    }
    let url = configuration.get("autoscaler.standalone.jdbc.url")?.trim();
    let file = url.strip_prefix("jdbc:").unwrap_or(url).strip_prefix("sqlite:")?;
    Some(file.strip_prefix("//").unwrap_or(file).split('?').next().unwrap_or_default().into())
}
