//! Bringing a schema up to date.

use std::sync::Arc;

use tokio::sync::OnceCell;

use crate::database::{Column, SqlDatabase, Statement};
use crate::error::SqlError;

/// The table that holds which migrations were run. Ours alone: another sqlx application may share the database.
pub const TABLE: &str = "t_flink_autoscaler_migrations";

/// A migration that this build has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownMigration {
    /// Its version.
    pub version: i64,
    /// What it does.
    pub description: String,
    /// Its statements.
    pub sql: String,
}

/// The migrations of a migrator.
pub fn known(migrator: &sqlx::migrate::Migrator) -> Vec<KnownMigration> {
    let migration = |migration: &sqlx::migrate::Migration| KnownMigration {
        version: migration.version,
        description: migration.description.to_string(),
        sql: migration.sql.as_str().to_owned(),
    };
    migrator.iter().map(migration).collect()
}

/// A migration that a database has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppliedMigration {
    /// Its version.
    pub version: i64,
    /// Whether it ran to its end.
    pub complete: bool,
}

/// The migrations that a database has, told by a query of versions and whether each is complete (as 0 or 1).
///
/// # Errors
/// The database can't be asked.
pub async fn applied(database: &dyn SqlDatabase, query: &str) -> Result<Vec<AppliedMigration>, SqlError> {
    let rows = database.fetch(&Statement::new(query), &[Column::Integer, Column::Integer]).await?;
    Ok(rows.iter().map(|row| AppliedMigration { version: row.integer(0), complete: row.integer(1) != 0 }).collect())
}

/// Whether a query that counts our table, with its name as the parameter, finds it.
///
/// # Errors
/// The database can't be asked.
pub async fn has_table(database: &dyn SqlDatabase, query: &str) -> Result<bool, SqlError> {
    let rows = database.fetch(&Statement::new(query).with(TABLE), &[Column::Integer]).await?;
    Ok(rows.first().is_some_and(|row| row.integer(0) > 0))
}

/// What a database's schema lacks.
///
/// # Errors
/// The database can't be asked, or its schema is newer than this build.
pub async fn pending(database: &dyn SqlDatabase) -> Result<Vec<KnownMigration>, SqlError> {
    let (known, applied) = (database.known_migrations(), database.applied_migrations().await?);
    let newest_known = known.iter().map(|migration| migration.version).max().unwrap_or(0);
    if let Some(newer) =
        applied.iter().map(|migration| migration.version).filter(|version| *version > newest_known).max()
    {
        return Err(SqlError::TooNew { database: database.name().to_owned(), found: newer, known: newest_known });
    }
    let is_complete = |version| applied.iter().any(|migration| migration.version == version && migration.complete);
    Ok(known.into_iter().filter(|migration| !is_complete(migration.version)).collect())
}

/// Runs what is pending; what that was. Where nothing is, nothing is written: a user without the right to change the
/// schema can start.
///
/// # Errors
/// As [`pending`], or a migration failed.
pub async fn migrate(database: &dyn SqlDatabase) -> Result<Vec<KnownMigration>, SqlError> {
    let missing = pending(database).await?;
    if !missing.is_empty() {
        database.run_migrations().await?;
    }
    Ok(missing)
}

/// A database whose schema is seen to before it is first used. As long as that fails, so does every use.
#[derive(Clone, Debug)]
pub struct Migrated {
    database: Arc<dyn SqlDatabase>,
    automatically: bool,
    done: Arc<OnceCell<()>>,
}

impl Migrated {
    /// A database to be migrated when it is first used, or only checked.
    pub fn new(database: Arc<dyn SqlDatabase>, automatically: bool) -> Self {
        Self { database, automatically, done: Arc::default() }
    }

    /// The database, its schema up to date.
    ///
    /// # Errors
    /// The schema can't be brought up to date, or is not and is to be left alone.
    pub async fn ready(&self) -> Result<&dyn SqlDatabase, SqlError> {
        let database = self.database.as_ref();
        self.done
            .get_or_try_init(|| async {
                let missing = if self.automatically { migrate(database).await? } else { pending(database).await? };
                if missing.is_empty() {
                    return Ok(());
                }
                let versions = missing.iter().map(|migration| migration.version).collect();
                if !self.automatically {
                    return Err(SqlError::NotMigrated { database: database.name().to_owned(), missing: versions });
                }
                tracing::info!(database = database.name(), ?versions, "the schema was brought up to date");
                Ok(())
            })
            .await?;
        Ok(database)
    }

    /// The database as it is.
    pub fn as_it_is(&self) -> &dyn SqlDatabase {
        self.database.as_ref()
    }
}
