//! [`SqlDatabase`] over PostgreSQL.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use autoscaler_core::ErrorKind;
use sql_database::schema::{AppliedMigration, KnownMigration, MigrationWait, TABLE, TableShape, applied, tables};
use sql_database::{
    Column, ConnectSettings, Connection, Dialect, Done, Driver, LeaseDialect, Pooled, Row, Scheme, Server, Sql,
    SqlDatabase, SqlError, Statement, Transaction, Upsert, WithPassword,
};
use sqlx::error::DatabaseError;
use sqlx::migrate::MigrateError;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{AssertSqlSafe, Postgres};

use crate::config::Config;
use crate::error::kind;
use crate::schema::{COLUMNS, UNIQUE_KEYS, migrator};

/// sqlx's driver, as ours is built on it.
#[derive(Debug)]
pub(crate) struct PostgresDriver;

impl Driver for PostgresDriver {
    type Database = Postgres;

    // The server's default may be stricter, and then whoever waited for a row could only begin anew.
    const BEGIN: &'static str = "BEGIN ISOLATION LEVEL READ COMMITTED";

    fn text(sql: &Sql) -> &Arc<str> {
        sql.numbered()
    }

    fn kind(error: &dyn DatabaseError) -> ErrorKind {
        kind(error)
    }

    fn changed(result: &<Postgres as sqlx::Database>::QueryResult) -> u64 {
        result.rows_affected()
    }
}

/// Of the lock that migrations hold: any number, as long as it stays the same.
const MIGRATION_LOCK: i64 = 0x666c_696e_6b61;

/// What a session begins with. The server ends a transaction that is idle for longer than any call of ours may take: rows
/// locked by a process that was suspended, or whose machine is gone, are free again then. It waits no longer for a lock,
/// either: while it does, it does not notice that nobody is there any more.
fn session_limits(timeout: Duration) -> String {
    let (millis, locks) = (millis(timeout), locks_no_longer_than(timeout));
    format!("SET SESSION idle_in_transaction_session_timeout = {millis}; {locks}")
}

fn locks_no_longer_than(timeout: Duration) -> String {
    format!("SET SESSION lock_timeout = {}", millis(timeout))
}

/// 0 would be no limit.
fn millis(timeout: Duration) -> u128 {
    timeout.as_millis().clamp(1, 86_400_000)
}

/// A PostgreSQL database.
#[derive(Clone, Debug)]
pub struct PostgresDatabase {
    pub(crate) pooled: Pooled<PostgresDriver>,
}

impl PostgresDatabase {
    /// A database that is connected to when it is first used.
    pub fn new(config: Config, settings: &ConnectSettings) -> Self {
        let address = (config.options.get_host(), config.options.get_port());
        let is_socket = config.options.get_socket().is_some();
        let server = Server::new(Scheme::Postgres, (!is_socket).then_some(address));
        let limits: Arc<str> = session_limits(settings.timeout).into();
        let pool = PgPoolOptions::new()
            .max_connections(settings.max_connections)
            .acquire_timeout(settings.timeout)
            .after_connect(move |connection, _| {
                let limits = Arc::clone(&limits);
                Box::pin(async move { sqlx::raw_sql(AssertSqlSafe(limits)).execute(connection).await.map(|_| ()) })
            })
            .connect_lazy_with(config.options);
        let password = settings
            .password_file
            .clone()
            .map(|file| (Arc::new(file), PgConnectOptions::password as WithPassword<PostgresDriver>));
        Self {
            pooled: Pooled {
                pool,
                name: config.name.into(),
                timeout: settings.timeout,
                password,
                secrets: config.secrets,
                server: Some(Arc::new(server)),
            },
        }
    }

    /// Takes the lock that migrations are run under, or says who has it.
    async fn migration_lock(&self, connection: &mut Connection<PostgresDriver>) -> Result<Option<String>, SqlError> {
        let taken = sqlx::query_scalar::<_, bool>("SELECT pg_try_advisory_lock($1)").bind(MIGRATION_LOCK);
        if taken.fetch_one(&mut *connection).await.map_err(|error| self.pooled.failed(error))? {
            return Ok(None);
        }
        let holder = sqlx::query_scalar::<_, i32>(
            "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1 \
             AND ((CAST(classid AS BIGINT) << 32) | CAST(objid AS BIGINT)) = $1",
        );
        let holder = holder.bind(MIGRATION_LOCK).fetch_optional(&mut *connection).await;
        let holder = holder.map_err(|error| self.pooled.failed(error))?;
        Ok(Some(holder.map_or("another process".to_owned(), |pid| format!("the server's process {pid}"))))
    }
}

fn upsert(table: &str, columns: &[&str], key: &[&str]) -> Upsert {
    let updated = columns.iter().filter(|column| !key.contains(column));
    let updates: Vec<String> = updated.map(|column| format!("{column} = EXCLUDED.{column}")).collect();
    Upsert {
        head: format!("INSERT INTO {table} ({})", columns.join(", ")),
        tail: format!(" ON CONFLICT ({}) DO UPDATE SET {}", key.join(", "), updates.join(", ")),
    }
}

#[async_trait]
impl SqlDatabase for PostgresDatabase {
    fn name(&self) -> &str {
        &self.pooled.name
    }

    fn dialect(&self) -> Dialect {
        // xmin is the transaction that wrote a row, whoever's it was.
        let version = "CAST(xmin AS TEXT)";
        let lease = LeaseDialect {
            now: "CAST(EXTRACT(EPOCH FROM statement_timestamp()) * 1000 AS BIGINT)",
            insert_absent: ("INSERT INTO", " ON CONFLICT DO NOTHING"),
            // Not in the way of renewing, which changes no key; in the way of FOR UPDATE.
            share_lock: " FOR KEY SHARE",
        };
        Dialect {
            upsert,
            state_version: version,
            memory_version: version,
            lock_rows: Some(" FOR UPDATE"),
            lease: Some(lease),
        }
    }

    async fn fetch(&self, statement: &Statement, columns: &'static [Column]) -> Result<Vec<Row>, SqlError> {
        self.pooled.fetch(statement, columns).await
    }

    async fn transact(&self, transaction: Transaction) -> Result<Done, SqlError> {
        self.pooled.transact(&transaction).await
    }

    async fn version(&self) -> Result<String, SqlError> {
        let rows = self.fetch(&Statement::new("SELECT version()"), &[Column::Text]).await?;
        rows.first().map_or(Ok(String::new()), |row| Ok(row.text(0)?.to_owned()))
    }

    fn known_migrations(&self) -> Vec<KnownMigration> {
        sql_database::schema::known(&migrator())
    }

    async fn applied_migrations(&self) -> Result<Vec<AppliedMigration>, SqlError> {
        if self.shape().await?.iter().any(|table| table.name == TABLE) {
            applied(self, &format!("SELECT version, CAST(CASE WHEN success THEN 1 ELSE 0 END AS BIGINT) FROM {TABLE}"))
                .await
        } else {
            Ok(Vec::new())
        }
    }

    async fn shape(&self) -> Result<Vec<TableShape>, SqlError> {
        tables(self, COLUMNS, UNIQUE_KEYS).await
    }

    async fn close(&self) {
        self.pooled.pool.close().await;
    }

    async fn run_migrations(&self) -> Result<(), SqlError> {
        let mut connection = self.pooled.acquire().await.map_err(|error| self.pooled.failed(error))?;
        // Whatever happens, the connection is closed and the lock with it.
        connection.close_on_drop();
        let mut wait = MigrationWait::new(&self.pooled.name, self.pooled.timeout);
        while let Some(holder) = wait.asked(self.migration_lock(&mut connection)).await? {
            wait.step(&holder).await?;
        }
        let patient = locks_no_longer_than(wait.longest());
        let run = async {
            sqlx::raw_sql(AssertSqlSafe(patient))
                .execute(&mut *connection)
                .await
                .map_err(|error| self.pooled.failed(error))?;
            let run: Result<(), MigrateError> = migrator().run_direct(None, &mut *connection, false).await;
            run.map_err(|error| self.pooled.migration_failed(error))
        };
        wait.run(run).await
    }
}
