//! A SQL database as its users see it.

use std::fmt::Debug;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use crate::error::SqlError;
use crate::migrate::{AppliedMigration, KnownMigration};

/// A value that goes into a statement.
#[derive(Clone, Debug, PartialEq)]
pub enum Param {
    /// A text.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// An instant; stored in UTC.
    Instant(DateTime<Utc>),
}

impl From<&str> for Param {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Param {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Param {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl From<DateTime<Utc>> for Param {
    fn from(instant: DateTime<Utc>) -> Self {
        Self::Instant(instant)
    }
}

/// A statement with its parameters. Its text has a `?` for each of them, and no `?` besides.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// The text.
    pub sql: String,
    /// The parameters, in order.
    pub params: Vec<Param>,
}

impl Statement {
    /// A statement without parameters yet.
    pub fn new(sql: impl Into<String>) -> Self {
        Self { sql: sql.into(), params: Vec::new() }
    }

    /// Adds a parameter.
    #[must_use]
    pub fn with(mut self, param: impl Into<Param>) -> Self {
        self.params.push(param.into());
        self
    }
}

/// What a column of an answer is read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// A text.
    Text,
    /// A whole number.
    Integer,
    /// An instant, stored in UTC.
    Instant,
}

/// A row of an answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Row(pub Vec<Param>);

impl Row {
    /// The text in a column; empty if it is something else.
    pub fn text(&self, column: usize) -> &str {
        match self.0.get(column) {
            Some(Param::Text(text)) => text,
            _ => "",
        }
    }

    /// The number in a column; 0 if it is something else.
    pub fn integer(&self, column: usize) -> i64 {
        match self.0.get(column) {
            Some(Param::Integer(number)) => *number,
            _ => 0,
        }
    }

    /// The instant in a column; the epoch if it is something else.
    pub fn instant(&self, column: usize) -> DateTime<Utc> {
        match self.0.get(column) {
            Some(Param::Instant(instant)) => *instant,
            _ => DateTime::UNIX_EPOCH,
        }
    }
}

/// A SQL database. Every call ends within the deadline it was opened with.
#[async_trait]
pub trait SqlDatabase: Debug + Send + Sync + 'static {
    /// The database's name for messages, such as `PostgreSQL at localhost:5432/flink`; without secrets.
    fn name(&self) -> &str;

    /// What follows `INSERT … VALUES …` to update a row that is there by its unique key.
    fn upsert(&self, key: &[&str], updated: &[&str]) -> String;

    /// Answers a query; each row has a value for each of `columns`.
    async fn fetch(&self, statement: &Statement, columns: &[Column]) -> Result<Vec<Row>, SqlError>;

    /// Runs statements in one transaction, all of them or none; the rows each of them changed.
    async fn execute(&self, statements: &[Statement]) -> Result<Vec<u64>, SqlError>;

    /// The server's version, as it tells it.
    async fn version(&self) -> Result<String, SqlError>;

    /// The migrations that this build has.
    fn known_migrations(&self) -> Vec<KnownMigration>;

    /// The migrations that the database has; none where it has no table of ours.
    async fn applied_migrations(&self) -> Result<Vec<AppliedMigration>, SqlError>;

    /// Runs the migrations that are missing, under a lock of the database: whoever comes second waits and finds
    /// nothing left to do.
    async fn run_migrations(&self) -> Result<(), SqlError>;
}
