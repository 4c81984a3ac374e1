//! Several statements, all of them or none.

use crate::error::SqlError;
use crate::statement::{Column, Row, Statement};

/// A query, and what its answer has to stand for.
#[derive(Clone, Debug)]
pub struct Condition {
    /// The query.
    pub query: Statement,
    /// What its columns are read as.
    pub columns: &'static [Column],
    /// A number that stands for its answer.
    pub digest: fn(&[Row]) -> Result<u64, SqlError>,
    /// The number that it must be; none: any.
    pub expected: Option<u64>,
    /// Whether the query is asked again after the statements.
    pub ask_again: bool,
}

/// Statements that are run in one transaction, all of them or none.
#[derive(Clone, Debug, Default)]
pub struct Transaction {
    /// Locks rows against others before anything else is done.
    pub lock: Option<Statement>,
    /// On what condition the statements are run.
    pub condition: Option<Condition>,
    /// The statements, in order.
    pub statements: Vec<Statement>,
}

impl Transaction {
    /// These statements, in any case.
    pub fn of(statements: Vec<Statement>) -> Self {
        Self { lock: None, condition: None, statements }
    }
}

/// What a transaction came to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Done {
    /// The rows that each statement changed.
    pub changed: Vec<u64>,
    /// What the condition's query answered before the statements.
    pub before: Vec<Row>,
    /// What it answered after them, if it was asked again.
    pub after: Vec<Row>,
}

/// Why a transaction was not done.
#[derive(Debug)]
pub enum Failure {
    /// The database failed; nobody knows in the middle of what the connection is.
    Database(sqlx::Error),
    /// Its condition does not hold; nothing was written, and the connection is as good as it was.
    Condition,
    /// An answer can't be used.
    Answer(SqlError),
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
    }
}

impl From<SqlError> for Failure {
    fn from(error: SqlError) -> Self {
        Self::Answer(error)
    }
}
