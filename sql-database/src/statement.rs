//! Statements and their parameters.

mod dialect;
mod row;

use std::sync::{Arc, OnceLock};

use chrono::{DateTime, Utc};

pub use dialect::{Dialect, LeaseDialect, Upsert};
pub use row::{Column, Row};

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_numbered() {
        let numbered = |text: &str| Sql::new(text).numbered().to_string();
        assert_eq!(numbered("SELECT a FROM b WHERE c = ? AND d = ?"), "SELECT a FROM b WHERE c = $1 AND d = $2");
        assert_eq!(numbered("SELECT 1"), "SELECT 1");
    }
}
