//! A SQL database as its users see it.

use std::fmt::Debug;

use async_trait::async_trait;

use crate::error::SqlError;
use crate::migration::{AppliedMigration, KnownMigration};
use crate::statement::{Column, Dialect, Row, Statement};
use crate::table_shape::TableShape;
use crate::transaction::{Done, Transaction};

/// A SQL database. Every call but migrating ends within the time it was opened with, waiting for a connection included.
#[async_trait]
pub trait SqlDatabase: Debug + Send + Sync + 'static {
    /// The database's name for messages, such as `PostgreSQL at localhost:5432/flink`; without secrets.
    fn name(&self) -> &str;

    /// What it spells its own way.
    fn dialect(&self) -> Dialect;

    /// Answers a query; each row has a value for each of `columns`.
    async fn fetch(&self, statement: &Statement, columns: &'static [Column]) -> Result<Vec<Row>, SqlError>;

    /// Runs a transaction. Where it collides with another it is tried again. A condition that does not hold is an
    /// error of kind Conflict, and nothing is written.
    async fn transact(&self, transaction: Transaction) -> Result<Done, SqlError>;

    /// The server's version in its own words.
    async fn version(&self) -> Result<String, SqlError>;

    /// The migrations that this build has.
    fn known_migrations(&self) -> Vec<KnownMigration>;

    /// The migrations that the database has; none where it has no table of ours.
    async fn applied_migrations(&self) -> Result<Vec<AppliedMigration>, SqlError>;

    /// The tables of ours that the database has.
    async fn shape(&self) -> Result<Vec<TableShape>, SqlError>;

    /// Runs the migrations that are missing, under a lock of the database: whoever comes second waits (not for ever)
    /// and finds nothing left to do.
    async fn run_migrations(&self) -> Result<(), SqlError>;

    /// Ends its connections, once they are idle. A file is left without a log beside it.
    async fn close(&self);
}

impl dyn SqlDatabase {
    /// Runs statements in one transaction, all of them or none; the rows each of them changed.
    ///
    /// # Errors
    /// The database can't do it; nothing was changed.
    pub async fn execute(&self, statements: Vec<Statement>) -> Result<Vec<u64>, SqlError> {
        Ok(self.transact(Transaction::of(statements)).await?.changed)
    }
}
