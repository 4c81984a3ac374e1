//! What is said of an option that can't be used.

use std::fmt;

use crate::error::{ErrorKind, PortError};

/// An option that can't be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidOption {
    key: String,
    message: String,
}

impl InvalidOption {
    /// The option `key` and what is wrong with it, to follow the key: `has the value '7': expected 0 to 1`.
    pub fn new(key: &str, problem: impl fmt::Display) -> Self {
        Self { key: key.to_owned(), message: format!("option {key} {problem}") }
    }

    /// With a message of its own, which names the key.
    pub(super) fn with_message(key: &str, message: String) -> Self {
        Self { key: key.to_owned(), message }
    }

    /// The option's key.
    pub fn key(&self) -> &str {
        &self.key
    }
}

impl fmt::Display for InvalidOption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for InvalidOption {}

/// For backends that are opened by options.
impl From<InvalidOption> for PortError {
    fn from(invalid: InvalidOption) -> Self {
        Self::new(ErrorKind::Invalid, invalid.message)
    }
}
