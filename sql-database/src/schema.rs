//! Bringing a schema up to date.

mod rights;
mod wait;

use autoscaler_core::ErrorKind;

use crate::database::SqlDatabase;
use crate::error::SqlError;
pub use crate::migration::{AppliedMigration, KnownMigration, known};
pub use crate::shape::{alterations, tables};
use crate::shape::{explained, table_names, unaltered};
use crate::statement::{Column, Statement};
pub use crate::table_shape::{ColumnShape, TableShape};
pub use rights::missing_rights;
pub use wait::MigrationWait;

/// The table that holds which migrations were run. Ours alone: another sqlx application may share the database.
pub const TABLE: &str = "t_flink_autoscaler_migrations";

/// The migrations that a database has, by a query of versions and whether each is complete (as 0 or 1).
///
/// # Errors
/// The database can't be asked.
pub async fn applied(database: &dyn SqlDatabase, query: &str) -> Result<Vec<AppliedMigration>, SqlError> {
    let rows = database.fetch(&Statement::new(query), &[Column::Integer, Column::Integer]).await?;
    rows.iter().map(|row| Ok(AppliedMigration { version: row.integer(0)?, complete: row.integer(1)? != 0 })).collect()
}

/// What a database's schema lacks: migrations that were not run, and those whose tables somebody has dropped.
///
/// # Errors
/// The database can't be asked, or its schema is newer than this build.
pub async fn pending(database: &dyn SqlDatabase) -> Result<Vec<KnownMigration>, SqlError> {
    Ok(missing(database).await?.into_iter().map(|(migration, _)| migration).collect())
}

/// The same, each with whether it was run.
async fn missing(database: &dyn SqlDatabase) -> Result<Vec<(KnownMigration, bool)>, SqlError> {
    let (known, applied) = (database.known_migrations(), database.applied_migrations().await?);
    let newest_known = known.iter().map(|migration| migration.version).max().unwrap_or(0);
    let newest = applied.iter().map(|migration| migration.version).max().unwrap_or(0);
    if newest > newest_known {
        let message = format!(
            "its schema is of version {newest}, and this flink-autoscaler knows versions up to {newest_known}: use a newer flink-autoscaler"
        );
        return Err(SqlError::new(database.name(), ErrorKind::Unsupported, message));
    }
    let tables = if applied.is_empty() { Vec::new() } else { database.shape().await? };
    let dropped = |table: &&str| !tables.iter().any(|existing| existing.name == *table);
    let dropped: Vec<&str> = table_names().filter(dropped).collect();
    let is_complete = |version| applied.iter().any(|migration| migration.version == version && migration.complete);
    let state = |migration: KnownMigration| {
        let was_run = is_complete(migration.version);
        let is_missing = !was_run || dropped.iter().any(|table| migration.is_about(table));
        is_missing.then_some((migration, was_run))
    };
    Ok(known.into_iter().filter_map(state).collect())
}

/// Runs what is pending; what that was. Where nothing is, nothing is written: a user without the right to change the
/// schema can start.
///
/// # Errors
/// As [`pending`], a migration failed, or tables that are there have been altered.
pub async fn migrate(database: &dyn SqlDatabase) -> Result<Vec<KnownMigration>, SqlError> {
    match run_missing(database).await {
        Ok(done) => unaltered(database).await.map(|()| done),
        Err(error) => Err(explained(database, error).await),
    }
}

async fn run_missing(database: &dyn SqlDatabase) -> Result<Vec<KnownMigration>, SqlError> {
    let missing = missing(database).await?;
    let again: Vec<String> =
        missing.iter().filter(|(_, was_run)| *was_run).map(|(migration, _)| migration.version.to_string()).collect();
    if !again.is_empty() {
        // Every migration can be run again: what is left of its tables stays as it is.
        let forget = format!("DELETE FROM {TABLE} WHERE version IN ({})", again.join(", "));
        database.execute(vec![Statement::new(forget)]).await?;
    }
    if !missing.is_empty() {
        database.run_migrations().await?;
    }
    Ok(missing.into_iter().map(|(migration, _)| migration).collect())
}
