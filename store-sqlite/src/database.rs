//! [`SqlDatabase`] over a SQLite file.

mod log;
mod writer;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use autoscaler_core::{ErrorKind, Lease};
use sql_database::schema::{AppliedMigration, KnownMigration, MigrationWait, TABLE, TableShape, applied, tables};
use sql_database::{
    Access, Column, ConnectSettings, Dialect, Done, Driver, Pooled, Row, Sql, SqlDatabase, SqlError, Statement,
    Transaction, Upsert,
};
use sqlx::Sqlite;
use sqlx::error::DatabaseError;
use sqlx::sqlite::SqlitePoolOptions;

use self::writer::Writer;
use crate::config::Config;
use crate::error::kind;
use crate::files;
use crate::lease::SqliteLease;
use crate::schema::{COLUMNS, UNIQUE_KEYS, migrator};

/// sqlx's driver, as ours is built on it.
#[derive(Debug)]
pub(crate) struct SqliteDriver;

impl Driver for SqliteDriver {
    type Database = Sqlite;

    // A transaction that begins by reading could not always go on to write.
    const BEGIN: &'static str = "BEGIN IMMEDIATE";

    fn text(sql: &Sql) -> &Arc<str> {
        sql.text()
    }

    fn kind(error: &dyn DatabaseError) -> ErrorKind {
        kind(error)
    }

    fn changed(result: &<Sqlite as sqlx::Database>::QueryResult) -> u64 {
        result.rows_affected()
    }
}

/// A SQLite file.
#[derive(Clone, Debug)]
pub struct SqliteDatabase {
    readers: Pooled<SqliteDriver>,
    writer: Writer,
    path: PathBuf,
    access: Access,
}

impl SqliteDatabase {
    /// A file that is opened when it is first used.
    pub fn new(config: Config, settings: &ConnectSettings) -> Self {
        let name: Arc<str> = config.name.into();
        let (access, busy) = (config.access, crate::config::busy_timeout(settings));
        let pooled = |connections: u32| Pooled {
            pool: SqlitePoolOptions::new()
                .max_connections(connections)
                .acquire_timeout(settings.timeout)
                .after_connect(move |connection, _| Box::pin(log::ahead(connection, access, busy)))
                .connect_lazy_with(config.options.clone().busy_timeout(busy)),
            name: Arc::clone(&name),
            timeout: settings.timeout,
            password: None,
            secrets: sql_database::Secrets::default(),
            server: None,
        };
        let (readers, writer) = (pooled(settings.max_connections), Writer::new(pooled(1)));
        Self { readers, writer, path: config.path, access: config.access }
    }

    /// Takes the lock that migrations are run under, or says who has it.
    async fn migration_lock(&self, path: &Path) -> Result<Result<File, String>, SqlError> {
        let file = path.to_owned();
        let locked = files::aside(self.readers.timeout, move || files::try_migration_lock(&file)).await;
        locked.map_err(|error| {
            let message = format!("it can't be locked for migrating (file {})", path.display());
            SqlError::new(self.name(), ErrorKind::Unavailable, message).caused_by(error)
        })
    }

    /// Whether there is nothing to read, and nothing may be created.
    fn is_absent(&self) -> bool {
        self.access != Access::ReadWrite && !self.path.exists()
    }

    /// The right to act on it: one for each file, however it is named.
    pub fn lease(&self) -> Arc<dyn Lease> {
        Arc::new(SqliteLease::new(Arc::new(self.clone()), self.path.clone(), self.readers.timeout))
    }
}

fn upsert(table: &str, columns: &[&str], _key: &[&str]) -> Upsert {
    // A row that is replaced has another id, which tells its versions apart.
    Upsert { head: format!("REPLACE INTO {table} ({})", columns.join(", ")), tail: String::new() }
}

#[async_trait]
impl SqlDatabase for SqliteDatabase {
    fn name(&self) -> &str {
        &self.readers.name
    }

    fn dialect(&self) -> Dialect {
        Dialect {
            upsert,
            state_version: "id || ' ' || update_time || ' ' || LENGTH(state_value)",
            memory_version: "memory",
            lock_rows: None,
            lease: None,
        }
    }

    async fn fetch(&self, statement: &Statement, columns: &'static [Column]) -> Result<Vec<Row>, SqlError> {
        if self.is_absent() {
            return Err(SqlError::new(self.name(), ErrorKind::NotFound, "there is no such file"));
        }
        self.readers.fetch(statement, columns).await
    }

    async fn transact(&self, transaction: Transaction) -> Result<Done, SqlError> {
        self.writer.transact(transaction).await
    }

    async fn version(&self) -> Result<String, SqlError> {
        let rows = self.fetch(&Statement::new("SELECT 'SQLite ' || sqlite_version()"), &[Column::Text]).await?;
        rows.first().map_or(Ok(String::new()), |row| Ok(row.text(0)?.to_owned()))
    }

    fn known_migrations(&self) -> Vec<KnownMigration> {
        sql_database::schema::known(&migrator())
    }

    async fn applied_migrations(&self) -> Result<Vec<AppliedMigration>, SqlError> {
        if self.shape().await?.iter().any(|table| table.name == TABLE) {
            applied(self, &format!("SELECT version, CAST(success AS INTEGER) FROM {TABLE}")).await
        } else {
            Ok(Vec::new())
        }
    }

    async fn shape(&self) -> Result<Vec<TableShape>, SqlError> {
        if self.is_absent() { Ok(Vec::new()) } else { tables(self, COLUMNS, UNIQUE_KEYS).await }
    }

    async fn close(&self) {
        self.readers.pool.close().await;
        self.writer.close().await;
    }

    async fn run_migrations(&self) -> Result<(), SqlError> {
        let mut path = self.path.clone().into_os_string();
        path.push(".migration");
        let path = PathBuf::from(path);
        let mut wait = MigrationWait::new(self.name(), self.readers.timeout);
        let _lock = loop {
            match wait.asked(self.migration_lock(&path)).await? {
                Ok(lock) => break lock,
                Err(holder) => wait.step(&holder).await?,
            }
        };
        wait.run(self.writer.migrate(&migrator())).await
    }
}
