//! How a database is opened.

use std::time::Duration;

use secrecy::SecretString;

/// What the options say besides the URL.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The user, over the URL's.
    pub username: Option<String>,
    /// The password, over the URL's.
    pub password: Option<SecretString>,
    /// Time within which every call must end.
    pub timeout: Duration,
    /// Connections at most.
    pub max_connections: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self { username: None, password: None, timeout: Duration::from_secs(10), max_connections: 10 }
    }
}
