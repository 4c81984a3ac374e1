//! [`SqlDatabase`] over PostgreSQL.

use std::borrow::Cow;
use std::time::Duration;

use async_trait::async_trait;
use sql_database::migrate::{AppliedMigration, KnownMigration, TABLE, applied, has_table};
use sql_database::{Column, Row, Settings, SqlDatabase, SqlError, Statement};
use sqlx::Postgres;
use sqlx::postgres::{PgPool, PgPoolOptions};

use crate::config::Config;
use crate::error::refusal;
use crate::schema::migrator;

sql_database::driver!(Postgres, refusal);

/// Of the lock that migrations hold: any number, as long as it stays the same.
const LOCK: i64 = 0x666c_696e_6b61;

/// A PostgreSQL database.
#[derive(Clone, Debug)]
pub struct PostgresDatabase {
    pool: PgPool,
    name: String,
    deadline: Duration,
}

impl PostgresDatabase {
    /// A database that is connected to when it is first used.
    pub fn new(config: Config, settings: &Settings) -> Self {
        let pool = PgPoolOptions::new()
            .max_connections(settings.max_connections)
            .acquire_timeout(settings.timeout)
            .connect_lazy_with(config.options);
        Self { pool, name: config.name, deadline: settings.timeout }
    }
}

/// The text with `$1`, `$2` … for each `?`.
fn numbered(sql: &str) -> String {
    let mut parts = sql.split('?');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for (index, part) in parts.enumerate() {
        text.push_str(&format!("${}{part}", index + 1));
    }
    text
}

#[async_trait]
impl SqlDatabase for PostgresDatabase {
    fn name(&self) -> &str {
        &self.name
    }

    fn upsert(&self, key: &[&str], updated: &[&str]) -> String {
        let updates: Vec<String> = updated.iter().map(|column| format!("{column} = EXCLUDED.{column}")).collect();
        format!("ON CONFLICT ({}) DO UPDATE SET {}", key.join(", "), updates.join(", "))
    }

    async fn fetch(&self, statement: &Statement, columns: &[Column]) -> Result<Vec<Row>, SqlError> {
        fetch_rows(&self.pool, &self.name, self.deadline, &numbered(&statement.sql), statement, columns).await
    }

    async fn execute(&self, statements: &[Statement]) -> Result<Vec<u64>, SqlError> {
        let statements: Vec<_> =
            statements.iter().map(|statement| (Cow::from(numbered(&statement.sql)), statement)).collect();
        execute_all(&self.pool, &self.name, self.deadline, "BEGIN", &statements).await
    }

    async fn version(&self) -> Result<String, SqlError> {
        let rows = self.fetch(&Statement::new("SELECT version()"), &[Column::Text]).await?;
        Ok(rows.first().map_or(String::new(), |row| row.text(0).to_owned()))
    }

    fn known_migrations(&self) -> Vec<KnownMigration> {
        sql_database::migrate::known(&migrator())
    }

    async fn applied_migrations(&self) -> Result<Vec<AppliedMigration>, SqlError> {
        const THERE: &str = "SELECT CAST(COUNT(*) AS BIGINT) FROM information_schema.tables WHERE table_schema = ANY (current_schemas(false)) AND table_name = ?";
        if has_table(self, THERE).await? {
            applied(self, &format!("SELECT version, CAST(CASE WHEN success THEN 1 ELSE 0 END AS BIGINT) FROM {TABLE}"))
                .await
        } else {
            Ok(Vec::new())
        }
    }

    async fn run_migrations(&self) -> Result<(), SqlError> {
        let mut connection = acquire(&self.pool, &self.name, self.deadline).await?;
        // Whatever happens, the connection is closed and the lock with it.
        connection.close_on_drop();
        let run = async {
            sqlx::query("SELECT pg_advisory_lock($1)").bind(LOCK).execute(&mut *connection).await?;
            migrator().run_direct(None, &mut *connection, false).await?;
            Ok(())
        };
        let run: Result<(), sqlx::migrate::MigrateError> = run.await;
        run.map_err(|error| SqlError::from_migration(&self.name, error, refusal))
    }
}

#[cfg(test)]
mod tests {
    use super::numbered;

    #[test]
    fn parameters_are_numbered() {
        assert_eq!(numbered("SELECT a FROM b WHERE c = ? AND d = ?"), "SELECT a FROM b WHERE c = $1 AND d = $2");
        assert_eq!(numbered("SELECT 1"), "SELECT 1");
    }
}
