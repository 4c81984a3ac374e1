//! Statements, their parameters, and the rows they answer with.

use std::sync::{Arc, OnceLock};

use autoscaler_core::ErrorKind;
use chrono::{DateTime, Utc};

use crate::error::SqlError;

/// A value that goes into a statement, or comes out of a row.
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

/// The text of a statement, with a `?` for each parameter and no `?` besides.
#[derive(Debug)]
pub struct Sql {
    text: Arc<str>,
    numbered: OnceLock<Arc<str>>,
}

impl Sql {
    /// A text to be used again and again.
    pub fn new(text: impl Into<Arc<str>>) -> Arc<Self> {
        Arc::new(Self { text: text.into(), numbered: OnceLock::new() })
    }

    /// The text as it is.
    pub fn text(&self) -> &Arc<str> {
        &self.text
    }

    /// The text with `$1`, `$2` … for each `?`, as PostgreSQL has it; worked out once.
    pub fn numbered(&self) -> &Arc<str> {
        self.numbered.get_or_init(|| {
            let mut parts = self.text.split('?');
            let mut text = parts.next().unwrap_or_default().to_owned();
            for (index, part) in parts.enumerate() {
                text.push('$');
                text.push_str(&(index + 1).to_string());
                text.push_str(part);
            }
            text.into()
        })
    }
}

/// A statement with its parameters.
#[derive(Clone, Debug)]
pub struct Statement {
    /// The text.
    pub sql: Arc<Sql>,
    /// The parameters, in order.
    pub params: Vec<Param>,
}

impl Statement {
    /// A statement of its own, without parameters yet.
    pub fn new(sql: impl Into<Arc<str>>) -> Self {
        Self::of(&Sql::new(sql))
    }

    /// A statement of a text that is used again and again, without parameters yet.
    pub fn of(sql: &Arc<Sql>) -> Self {
        Self { sql: Arc::clone(sql), params: Vec::new() }
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
pub struct Row {
    database: Arc<str>,
    values: Vec<Param>,
}

impl Row {
    /// A row of these values; `database` is its name for messages.
    pub fn new(database: Arc<str>, values: Vec<Param>) -> Self {
        Self { database, values }
    }

    /// The text in a column.
    ///
    /// # Errors
    /// There is something else.
    pub fn text(&self, column: usize) -> Result<&str, SqlError> {
        match self.values.get(column) {
            Some(Param::Text(text)) => Ok(text),
            _ => Err(self.unexpected(column, "a text")),
        }
    }

    /// The number in a column.
    ///
    /// # Errors
    /// There is something else.
    pub fn integer(&self, column: usize) -> Result<i64, SqlError> {
        match self.values.get(column) {
            Some(Param::Integer(number)) => Ok(*number),
            _ => Err(self.unexpected(column, "a number")),
        }
    }

    /// The instant in a column.
    ///
    /// # Errors
    /// There is something else.
    pub fn instant(&self, column: usize) -> Result<DateTime<Utc>, SqlError> {
        match self.values.get(column) {
            Some(Param::Instant(instant)) => Ok(*instant),
            _ => Err(self.unexpected(column, "an instant")),
        }
    }

    fn unexpected(&self, column: usize, expected: &str) -> SqlError {
        let found = match self.values.get(column) {
            None => "nothing",
            Some(Param::Text(_)) => "a text",
            Some(Param::Integer(_)) => "a number",
            Some(Param::Instant(_)) => "an instant",
        };
        let message = format!("column {column} of an answer holds {found} where {expected} was expected");
        SqlError::new(&self.database, ErrorKind::Invalid, message)
    }
}

/// How a row is written whether or not its key is already in the table: `head VALUES … tail`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upsert {
    /// Up to the values.
    pub head: String,
    /// Behind them.
    pub tail: String,
}

/// What databases spell differently.
#[derive(Clone, Copy, Debug)]
pub struct Dialect {
    /// Writing a row of `columns` into a table; all of them but `key` are replaced where its key is already in it.
    pub upsert: fn(table: &str, columns: &[&str], key: &[&str]) -> Upsert,
    /// A text that changes whenever a row of the state table does, whoever changes it.
    pub state_version: &'static str,
    /// The same for a row of our table of policies' memory.
    pub memory_version: &'static str,
    /// Behind a query whose rows nobody else may change until the transaction ends; none where a transaction that
    /// writes is alone anyway.
    pub lock_rows: Option<&'static str>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_numbered() {
        let numbered = |text: &str| Sql::new(text).numbered().to_string();
        assert_eq!(numbered("SELECT a FROM b WHERE c = ? AND d = ?"), "SELECT a FROM b WHERE c = $1 AND d = $2");
        assert_eq!(numbered("SELECT 1"), "SELECT 1");
    }

    #[test]
    fn a_value_of_another_type_is_an_error() {
        let row = Row::new("a database".into(), vec![Param::Integer(7)]);
        assert_eq!(row.integer(0).unwrap(), 7);
        for error in [row.text(0).unwrap_err(), row.instant(0).unwrap_err(), row.integer(1).unwrap_err()] {
            assert_eq!(error.kind(), ErrorKind::Invalid);
            assert!(error.to_string().starts_with("a database: column "), "{error}");
        }
    }
}
