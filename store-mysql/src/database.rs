//! [`SqlDatabase`] over MySQL and MariaDB.

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
use sqlx::mysql::{MySqlConnectOptions, MySqlPoolOptions};
use sqlx::{AssertSqlSafe, Executor, MySql};

use crate::config::Config;
use crate::error::kind;
use crate::schema::{COLUMNS, UNIQUE_KEYS, migrator};

/// sqlx's driver, as ours is built on it.
#[derive(Debug)]
pub(crate) struct MySqlDriver;

impl Driver for MySqlDriver {
    type Database = MySql;

    const BEGIN: &'static str = "BEGIN";

    fn text(sql: &Sql) -> &Arc<str> {
        sql.text()
    }

    fn kind(error: &dyn DatabaseError) -> ErrorKind {
        kind(error)
    }

    fn changed(result: &<MySql as sqlx::Database>::QueryResult) -> u64 {
        result.rows_affected()
    }
}

/// InnoDB's default locks the gaps between rows, too: the first writes of a hundred new jobs would all be deadlocks.
const NO_GAP_LOCKS: &str = "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED";

/// What a session begins with. The server ends one that is idle for longer than any call of ours may take: rows locked by
/// a process that was suspended, or whose machine is gone, are free again then. MariaDB can do so for open transactions
/// alone, and reads what MySQL takes for a comment. It waits no longer for a lock, either: while it does, it does not
/// notice that nobody is there any more.
fn session_limits(timeout: Duration) -> String {
    let seconds = timeout.as_secs_f64().ceil().clamp(1.0, 86_400.0);
    let locks = locks_no_longer_than(timeout);
    format!(
        "SET SESSION /*M!100300 idle_transaction_timeout = {seconds}, */ \
         wait_timeout = CAST(IF(VERSION() LIKE '%MariaDB%', @@SESSION.wait_timeout, {seconds}) AS UNSIGNED), {locks}"
    )
}

/// Of rows, and of whole tables. In whole seconds, and the server should give up before we do.
fn locks_no_longer_than(timeout: Duration) -> String {
    let seconds = timeout.as_secs().clamp(1, 86_400);
    format!("innodb_lock_wait_timeout = {seconds}, lock_wait_timeout = {seconds}")
}

/// A MySQL or MariaDB database.
#[derive(Clone, Debug)]
pub struct MySqlDatabase {
    pub(crate) pooled: Pooled<MySqlDriver>,
}

impl MySqlDatabase {
    /// A database that is connected to when it is first used.
    pub fn new(config: Config, settings: &ConnectSettings) -> Self {
        let address = (config.options.get_host(), config.options.get_port());
        let is_socket = config.options.get_socket().is_some();
        let server = Server::new(Scheme::MySql, (!is_socket).then_some(address));
        let limits: Arc<str> = session_limits(settings.timeout).into();
        let pool = MySqlPoolOptions::new()
            .max_connections(settings.max_connections)
            .acquire_timeout(settings.timeout)
            .after_connect(move |connection, _| {
                let limits = Arc::clone(&limits);
                Box::pin(async move {
                    connection.execute(NO_GAP_LOCKS).await?;
                    sqlx::raw_sql(AssertSqlSafe(limits)).execute(connection).await.map(|_| ())
                })
            })
            .connect_lazy_with(config.options);
        let password = settings
            .password_file
            .clone()
            .map(|file| (Arc::new(file), MySqlConnectOptions::password as WithPassword<MySqlDriver>));
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

    /// Takes the lock that migrations are run under, one for each database of a server, or says who has it.
    async fn migration_lock(&self, connection: &mut Connection<MySqlDriver>) -> Result<Option<String>, SqlError> {
        let taken = sqlx::query_scalar::<_, Option<i64>>(
            "SELECT GET_LOCK(CONCAT('flink_autoscaler.', LEFT(DATABASE(), 40)), 0)",
        );
        if taken.fetch_one(&mut *connection).await.map_err(|error| self.pooled.failed(error))? == Some(1) {
            return Ok(None);
        }
        let holder = sqlx::query_scalar::<_, Option<i64>>(
            "SELECT CAST(IS_USED_LOCK(CONCAT('flink_autoscaler.', LEFT(DATABASE(), 40))) AS SIGNED)",
        );
        let holder = holder.fetch_one(&mut *connection).await.map_err(|error| self.pooled.failed(error))?;
        Ok(Some(holder.map_or("another process".to_owned(), |id| format!("the server's connection {id}"))))
    }
}

fn upsert(table: &str, columns: &[&str], key: &[&str]) -> Upsert {
    // `AS new` is MySQL's only; VALUES() both know.
    let updated = columns.iter().filter(|column| !key.contains(column));
    let updates: Vec<String> = updated.map(|column| format!("{column} = VALUES({column})")).collect();
    Upsert {
        head: format!("INSERT INTO {table} ({})", columns.join(", ")),
        tail: format!(" ON DUPLICATE KEY UPDATE {}", updates.join(", ")),
    }
}

#[async_trait]
impl SqlDatabase for MySqlDatabase {
    fn name(&self) -> &str {
        &self.pooled.name
    }

    fn dialect(&self) -> Dialect {
        // Instants of its columns are whole seconds, in which the Java process may write the same length again.
        Dialect {
            upsert,
            state_version: "SHA2(state_value, 256)",
            memory_version: "SHA2(memory, 256)",
            lock_rows: Some(" FOR UPDATE"),
            lease: Some(LeaseDialect {
                now: "CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS SIGNED)",
                insert_absent: ("INSERT IGNORE INTO", ""),
                // FOR SHARE is MySQL's only.
                share_lock: " LOCK IN SHARE MODE",
            }),
        }
    }

    async fn fetch(&self, statement: &Statement, columns: &'static [Column]) -> Result<Vec<Row>, SqlError> {
        self.pooled.fetch(statement, columns).await
    }

    async fn transact(&self, transaction: Transaction) -> Result<Done, SqlError> {
        self.pooled.transact(&transaction).await
    }

    async fn version(&self) -> Result<String, SqlError> {
        let query = Statement::new("SELECT CONCAT(VERSION(), ' ', @@version_comment)");
        let rows = self.fetch(&query, &[Column::Text]).await?;
        rows.first().map_or(Ok(String::new()), |row| Ok(row.text(0)?.to_owned()))
    }

    fn known_migrations(&self) -> Vec<KnownMigration> {
        sql_database::schema::known(&migrator())
    }

    async fn applied_migrations(&self) -> Result<Vec<AppliedMigration>, SqlError> {
        if self.shape().await?.iter().any(|table| table.name == TABLE) {
            applied(self, &format!("SELECT version, CAST(success AS SIGNED) FROM {TABLE}")).await
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
        let patient = format!("SET SESSION {}", locks_no_longer_than(wait.longest()));
        let run = async {
            sqlx::raw_sql(AssertSqlSafe(patient)).execute(&mut *connection).await?;
            // What a killed process left incomplete is run again: every statement can be.
            let migrator = migrator();
            sqlx::migrate::Migrate::ensure_migrations_table(&mut *connection, TABLE).await?;
            let clear = format!("DELETE FROM {TABLE} WHERE success = FALSE");
            sqlx::query(AssertSqlSafe(clear)).execute(&mut *connection).await?;
            migrator.run_direct(None, &mut *connection, false).await
        };
        let run = async {
            let run: Result<(), MigrateError> = run.await;
            run.map_err(|error| self.pooled.migration_failed(error))
        };
        wait.run(run).await
    }
}
