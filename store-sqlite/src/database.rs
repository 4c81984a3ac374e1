//! [`SqlDatabase`] over a SQLite file.

use std::borrow::Cow;
use std::fs::File;
use std::path::PathBuf;
use std::time::Duration;

use async_trait::async_trait;
use sql_database::migrate::{AppliedMigration, KnownMigration, TABLE, applied, has_table};
use sql_database::{Column, Row, Settings, SqlDatabase, SqlError, Statement};
use sqlx::Sqlite;
use sqlx::sqlite::{SqlitePool, SqlitePoolOptions};

use crate::config::Config;
use crate::error::refusal;
use crate::schema::migrator;

sql_database::driver!(Sqlite, refusal);

/// A SQLite file.
#[derive(Clone, Debug)]
pub struct SqliteDatabase {
    pool: SqlitePool,
    path: PathBuf,
    name: String,
    deadline: Duration,
}

impl SqliteDatabase {
    /// A file that is opened when it is first used.
    pub fn new(config: Config, settings: &Settings) -> Self {
        let pool = SqlitePoolOptions::new()
            .max_connections(settings.max_connections)
            .acquire_timeout(settings.timeout)
            .connect_lazy_with(config.options);
        Self { pool, path: config.path, name: config.name, deadline: settings.timeout }
    }

    /// SQLite itself has no lock that lasts over several transactions, so migrations hold one on a file beside it.
    async fn migration_lock(&self) -> Result<File, SqlError> {
        let mut path = self.path.clone().into_os_string();
        path.push(".migration");
        let locked = tokio::task::spawn_blocking(move || {
            let file = File::options().create(true).truncate(false).write(true).open(&path)?;
            file.lock()?;
            Ok::<_, std::io::Error>(file)
        });
        let failed = |what: String| SqlError::Database { database: self.name.clone(), what, transient: true };
        let locked = locked.await.map_err(|error| failed(error.to_string()))?;
        locked.map_err(|error| failed(format!("can't lock it for migrating: {error}")))
    }
}

#[async_trait]
impl SqlDatabase for SqliteDatabase {
    fn name(&self) -> &str {
        &self.name
    }

    fn upsert(&self, key: &[&str], updated: &[&str]) -> String {
        let updates: Vec<String> = updated.iter().map(|column| format!("{column} = excluded.{column}")).collect();
        format!("ON CONFLICT ({}) DO UPDATE SET {}", key.join(", "), updates.join(", "))
    }

    async fn fetch(&self, statement: &Statement, columns: &[Column]) -> Result<Vec<Row>, SqlError> {
        fetch_rows(&self.pool, &self.name, self.deadline, &statement.sql, statement, columns).await
    }

    async fn execute(&self, statements: &[Statement]) -> Result<Vec<u64>, SqlError> {
        let statements: Vec<_> = statements.iter().map(|statement| (Cow::from(&statement.sql), statement)).collect();
        // IMMEDIATE: a transaction that begins by reading could not always go on to write.
        execute_all(&self.pool, &self.name, self.deadline, "BEGIN IMMEDIATE", &statements).await
    }

    async fn version(&self) -> Result<String, SqlError> {
        let rows = self.fetch(&Statement::new("SELECT 'SQLite ' || sqlite_version()"), &[Column::Text]).await?;
        Ok(rows.first().map_or(String::new(), |row| row.text(0).to_owned()))
    }

    fn known_migrations(&self) -> Vec<KnownMigration> {
        sql_database::migrate::known(&migrator())
    }

    async fn applied_migrations(&self) -> Result<Vec<AppliedMigration>, SqlError> {
        const THERE: &str = "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = ?";
        if has_table(self, THERE).await? {
            applied(self, &format!("SELECT version, CAST(success AS INTEGER) FROM {TABLE}")).await
        } else {
            Ok(Vec::new())
        }
    }

    async fn run_migrations(&self) -> Result<(), SqlError> {
        let _lock = self.migration_lock().await?;
        let mut connection = acquire(&self.pool, &self.name, self.deadline).await?;
        let run = migrator().run_direct(None, &mut *connection, false).await;
        run.map_err(|error| SqlError::from_migration(&self.name, error, refusal))
    }
}
