//! A database that is used only with an up-to-date schema.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use autoscaler_core::ErrorKind;
use tokio::sync::Mutex;

use crate::config::{DatabaseOptions, Migrate};
use crate::database::SqlDatabase;
use crate::error::SqlError;
use crate::migration::{AppliedMigration, KnownMigration};
use crate::schema::{migrate, pending};
use crate::shape::{explained, may_be_of_schema, unaltered};
use crate::statement::{Column, Dialect, Row, Statement};
use crate::table_shape::TableShape;
use crate::transaction::{Done, Transaction};

/// A database whose schema is seen to before it is first used. As long as that fails, so does every use.
#[derive(Clone, Debug)]
pub struct Database {
    options: DatabaseOptions,
    watched: Arc<Watched>,
    /// Held by whoever sees to the schema.
    checking: Arc<Mutex<()>>,
}

impl Database {
    /// A database; nothing is asked of it yet.
    pub fn new(database: Arc<dyn SqlDatabase>, options: DatabaseOptions) -> Self {
        let watched = Arc::new(Watched { database, is_ready: AtomicBool::new(false) });
        Self { options, watched, checking: Arc::default() }
    }

    /// Its name for messages.
    pub fn name(&self) -> &str {
        self.watched.database.name()
    }

    /// The database, its schema up to date. Where a table turns out to have been dropped or altered since, the schema is
    /// seen to again before the next use.
    ///
    /// # Errors
    /// The schema can't be brought up to date, or is not and is to be left alone, or was altered.
    pub async fn ready(&self) -> Result<&dyn SqlDatabase, SqlError> {
        if !self.watched.is_ready.load(Ordering::Acquire) {
            let _checking = self.checking.lock().await;
            if !self.watched.is_ready.load(Ordering::Acquire) {
                self.check().await?;
                self.watched.is_ready.store(true, Ordering::Release);
            }
        }
        Ok(self.watched.as_ref())
    }

    async fn check(&self) -> Result<(), SqlError> {
        let database = self.as_it_is().as_ref();
        let missing = match self.options.migrate {
            Migrate::AtStart => migrate(database).await?,
            Migrate::Check | Migrate::Never => pending(database).await?,
        };
        if missing.is_empty() {
            return unaltered(database).await;
        }
        let versions: Vec<i64> = missing.iter().map(|migration| migration.version).collect();
        let why = match self.options.migrate {
            Migrate::AtStart => {
                tracing::info!(database = database.name(), ?versions, "the schema was brought up to date");
                return Ok(());
            }
            Migrate::Check => "is to be migrated by hand",
            Migrate::Never => {
                // A file that is not there says so itself.
                database.version().await?;
                "is only read here"
            }
        };
        let message = format!(
            "its schema lacks the versions {versions:?}, and {why}: run flink-autoscaler migrate with the same options"
        );
        Err(SqlError::new(database.name(), ErrorKind::Refused, message))
    }

    /// The database as it is, whatever its schema.
    pub fn as_it_is(&self) -> &Arc<dyn SqlDatabase> {
        &self.watched.database
    }
}

/// A database that notices when its schema is no longer what it was.
#[derive(Debug)]
struct Watched {
    database: Arc<dyn SqlDatabase>,
    is_ready: AtomicBool,
}

impl Watched {
    async fn noticed<T>(&self, answer: Result<T, SqlError>) -> Result<T, SqlError> {
        match answer {
            Err(error) if may_be_of_schema(&error) => {
                self.is_ready.store(false, Ordering::Release);
                Err(explained(self.database.as_ref(), error).await)
            }
            answer => answer,
        }
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl SqlDatabase for Watched {
    fn name(&self) -> &str {
        self.database.name()
    }

    fn dialect(&self) -> Dialect {
        self.database.dialect()
    }

    async fn fetch(&self, statement: &Statement, columns: &'static [Column]) -> Result<Vec<Row>, SqlError> {
        self.noticed(self.database.fetch(statement, columns).await).await
    }

    async fn transact(&self, transaction: Transaction) -> Result<Done, SqlError> {
        self.noticed(self.database.transact(transaction).await).await
    }

    async fn version(&self) -> Result<String, SqlError> {
        self.database.version().await
    }

    fn known_migrations(&self) -> Vec<KnownMigration> {
        self.database.known_migrations()
    }

    async fn applied_migrations(&self) -> Result<Vec<AppliedMigration>, SqlError> {
        self.database.applied_migrations().await
    }

    async fn shape(&self) -> Result<Vec<TableShape>, SqlError> {
        self.database.shape().await
    }

    async fn run_migrations(&self) -> Result<(), SqlError> {
        self.database.run_migrations().await
    }

    async fn close(&self) {
        self.database.close().await;
    }
}
