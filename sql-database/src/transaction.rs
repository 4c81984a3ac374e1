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

/// How a transaction keeps others out before it does anything else.
#[derive(Clone, Debug)]
pub struct Lock {
    /// A query that locks the rows it finds.
    pub rows: Statement,
    /// What is run where it finds none: rows that are not there yet can't be locked.
    pub absence: Vec<Statement>,
}

/// Statements that are run in one transaction, all of them or none.
#[derive(Clone, Debug, Default)]
pub struct Transaction {
    /// Keeps others out.
    pub lock: Option<Lock>,
    /// A query that answers nothing once the right to act has passed to somebody else: then nothing is done. It comes
    /// after the lock, which may have to be waited for, and keeps the right where it is until the transaction ends.
    pub fence: Option<Statement>,
    /// On what condition the statements are run.
    pub condition: Option<Condition>,
    /// The statements, in order.
    pub statements: Vec<Statement>,
}

impl Transaction {
    /// These statements, in any case.
    pub fn of(statements: Vec<Statement>) -> Self {
        Self { statements, ..Self::default() }
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
    /// The right to act has passed to somebody else; nothing stays written, and the connection is as good as it was.
    Fence,
    /// Its condition does not hold; nothing stays written, and the connection is as good as it was.
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
