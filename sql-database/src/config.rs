//! How a database is opened.

use std::time::Duration;

use secrecy::SecretString;

use crate::password::PasswordFile;

/// How to connect, besides the URL.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ConnectSettings {
    /// The user, over the URL's.
    pub username: Option<String>,
    /// The password, over the URL's.
    pub password: Option<SecretString>,
    /// The file of that password: it is read again when a server refuses what was in it.
    pub password_file: Option<PasswordFile>,
    /// Time within which every call ends, waiting for a connection included.
    pub timeout: Duration,
    /// Connections at most.
    pub max_connections: u32,
    /// Whether anything may be written.
    pub access: Access,
}

impl ConnectSettings {
    /// With a user, over the URL's.
    #[must_use]
    pub fn with_username(mut self, username: impl Into<String>) -> Self {
        self.username = Some(username.into());
        self
    }

    /// With a password, over the URL's.
    #[must_use]
    pub fn with_password(mut self, password: impl Into<SecretString>) -> Self {
        self.password = Some(password.into());
        self
    }

    /// With the password in a file, now and whenever the server refuses what was in it.
    #[must_use]
    pub fn with_password_file(mut self, file: PasswordFile) -> Self {
        (self.password, self.password_file) = (Some(file.password()), Some(file));
        self
    }

    /// With the time within which every call ends.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// With so many connections at most.
    #[must_use]
    pub fn with_max_connections(mut self, connections: u32) -> Self {
        self.max_connections = connections;
        self
    }

    /// With what the database is opened for.
    #[must_use]
    pub fn with_access(mut self, access: Access) -> Self {
        self.access = access;
        self
    }
}

/// What a database is opened for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Access {
    /// Reading and writing; a file that is not there is created.
    #[default]
    ReadWrite,
    /// Reading, and writing what is there: no file is created, no schema changed.
    Existing,
    /// Reading: no file is created, no schema changed.
    ReadOnly,
}

impl Default for ConnectSettings {
    fn default() -> Self {
        Self {
            username: None,
            password: None,
            password_file: None,
            timeout: Duration::from_secs(10),
            max_connections: 10,
            access: Access::ReadWrite,
        }
    }
}

/// What happens to a schema that is older than this build.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Migrate {
    /// It is brought up to date when the database is first used.
    #[default]
    AtStart,
    /// It is left alone: as long as it is too old, every use is refused.
    Check,
    /// The same where nothing is ever written.
    Never,
}

/// How a database is used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DatabaseOptions {
    /// What happens to an old schema.
    pub migrate: Migrate,
}

impl DatabaseOptions {
    /// With what happens to an old schema.
    pub fn new(migrate: Migrate) -> Self {
        Self { migrate }
    }
}
