//! Rows that statements answer with.

use std::sync::Arc;

use autoscaler_core::ErrorKind;
use chrono::{DateTime, Utc};

use super::Param;
use crate::error::SqlError;

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

#[cfg(test)]
mod tests {
    use super::*;

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
