//! [`SqlDatabase`] over MySQL and MariaDB.

use std::borrow::Cow;
use std::time::Duration;

use async_trait::async_trait;
use sql_database::migrate::{AppliedMigration, KnownMigration, TABLE, applied, has_table};
use sql_database::{Column, Row, Settings, SqlDatabase, SqlError, Statement};
use sqlx::mysql::{MySqlPool, MySqlPoolOptions};
use sqlx::{AssertSqlSafe, MySql};

use crate::config::Config;
use crate::error::refusal;
use crate::schema::migrator;

sql_database::driver!(MySql, refusal);

/// Seconds to wait for another process that migrates.
const LOCK_SECONDS: i64 = 300;

/// A MySQL or MariaDB database.
#[derive(Clone, Debug)]
pub struct MySqlDatabase {
    pool: MySqlPool,
    name: String,
    deadline: Duration,
}

impl MySqlDatabase {
    /// A database that is connected to when it is first used.
    pub fn new(config: Config, settings: &Settings) -> Self {
        let pool = MySqlPoolOptions::new()
            .max_connections(settings.max_connections)
            .acquire_timeout(settings.timeout)
            .connect_lazy_with(config.options);
        Self { pool, name: config.name, deadline: settings.timeout }
    }
}

#[async_trait]
impl SqlDatabase for MySqlDatabase {
    fn name(&self) -> &str {
        &self.name
    }

    fn upsert(&self, _key: &[&str], updated: &[&str]) -> String {
        // `AS new` is MySQL's only; VALUES() both know.
        let updates: Vec<String> = updated.iter().map(|column| format!("{column} = VALUES({column})")).collect();
        format!("ON DUPLICATE KEY UPDATE {}", updates.join(", "))
    }

    async fn fetch(&self, statement: &Statement, columns: &[Column]) -> Result<Vec<Row>, SqlError> {
        fetch_rows(&self.pool, &self.name, self.deadline, &statement.sql, statement, columns).await
    }

    async fn execute(&self, statements: &[Statement]) -> Result<Vec<u64>, SqlError> {
        let statements: Vec<_> = statements.iter().map(|statement| (Cow::from(&statement.sql), statement)).collect();
        execute_all(&self.pool, &self.name, self.deadline, "BEGIN", &statements).await
    }

    async fn version(&self) -> Result<String, SqlError> {
        let rows =
            self.fetch(&Statement::new("SELECT CONCAT(VERSION(), ' ', @@version_comment)"), &[Column::Text]).await?;
        Ok(rows.first().map_or(String::new(), |row| row.text(0).to_owned()))
    }

    fn known_migrations(&self) -> Vec<KnownMigration> {
        sql_database::migrate::known(&migrator())
    }

    async fn applied_migrations(&self) -> Result<Vec<AppliedMigration>, SqlError> {
        const THERE: &str =
            "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = ?";
        if has_table(self, THERE).await? {
            applied(self, &format!("SELECT version, CAST(success AS SIGNED) FROM {TABLE}")).await
        } else {
            Ok(Vec::new())
        }
    }

    async fn run_migrations(&self) -> Result<(), SqlError> {
        let mut connection = acquire(&self.pool, &self.name, self.deadline).await?;
        // Whatever happens, the connection is closed and the lock with it.
        connection.close_on_drop();
        // One lock for each database of a server. MariaDB's GET_LOCK takes no -1 as "for ever".
        let lock = sqlx::query_scalar::<_, Option<i64>>(
            "SELECT GET_LOCK(CONCAT('flink_autoscaler.', LEFT(DATABASE(), 40)), ?)",
        );
        let locked = lock.bind(LOCK_SECONDS).fetch_one(&mut *connection).await;
        if locked.map_err(|error| SqlError::from_sqlx(&self.name, &error, refusal))? != Some(1) {
            let what = format!("another process has been migrating it for {LOCK_SECONDS} s");
            return Err(SqlError::Database { database: self.name.clone(), what, transient: true });
        }
        let run = async {
            // What a killed process left incomplete is run again: every statement can be.
            let migrator = migrator();
            sqlx::migrate::Migrate::ensure_migrations_table(&mut *connection, TABLE).await?;
            let clear = format!("DELETE FROM {TABLE} WHERE success = FALSE");
            sqlx::query(AssertSqlSafe(clear)).execute(&mut *connection).await?;
            migrator.run_direct(None, &mut *connection, false).await
        };
        let run: Result<(), sqlx::migrate::MigrateError> = run.await;
        run.map_err(|error| SqlError::from_migration(&self.name, error, refusal))
    }
}
