//! What can go wrong with a database.

use std::error::Error;
use std::time::Duration;

use autoscaler_core::{ErrorKind, PortError};
use sqlx::error::DatabaseError;

use crate::peer::OtherServer;

/// A database that did not do what it was asked for. `Display` names the database and leaves the source out.
#[derive(Debug, thiserror::Error)]
#[error("{database}: {message}")]
pub struct SqlError {
    kind: ErrorKind,
    database: String,
    message: String,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl SqlError {
    /// An error of a database, named as in messages.
    pub fn new(database: &str, kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, database: database.to_owned(), message: message.into(), source: None }
    }

    /// With what led to it.
    #[must_use]
    pub fn caused_by(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// No answer in time.
    pub fn timeout(database: &str, deadline: Duration) -> Self {
        Self::new(database, ErrorKind::Timeout, format!("no answer within {deadline:?}"))
    }

    /// No connection in time, and no reason why.
    pub fn unreached(database: &str, deadline: Duration) -> Self {
        let message = format!(
            "no connection within {deadline:?}: whatever is there, if anything, does not answer as such a database"
        );
        Self::new(database, ErrorKind::Timeout, message)
    }

    /// Somebody else wrote what a write was to replace.
    pub fn changed(database: &str) -> Self {
        Self::new(
            database,
            ErrorKind::Conflict,
            "somebody else has written the job's state since it was loaded; nothing was written over it",
        )
    }

    /// Somebody else has the right to act by now.
    pub fn passed_on(database: &str) -> Self {
        let message = "the right to act has passed to another process; nothing was written";
        Self::new(database, ErrorKind::Conflict, message)
    }

    /// A failure that sqlx reports; `kind_of` understands the database's own errors.
    pub fn from_sqlx(database: &str, error: sqlx::Error, kind_of: fn(&dyn DatabaseError) -> ErrorKind) -> Self {
        let (kind, message) = match &error {
            sqlx::Error::Database(refused) => {
                let code = refused.code().map_or(String::new(), |code| format!(" (code {code})"));
                let kind = kind_of(refused.as_ref());
                let what = match kind {
                    ErrorKind::Denied => "it does not let us in",
                    ErrorKind::Conflict => "others are writing the same rows",
                    ErrorKind::Unavailable => "it can't do that now",
                    ErrorKind::TooLarge => "something is too large for it",
                    _ => "it refuses",
                };
                (kind, format!("{what}{code}"))
            }
            sqlx::Error::PoolTimedOut => (ErrorKind::Timeout, "no connection could be had in time".to_owned()),
            sqlx::Error::Io(error) if error.get_ref().is_some_and(|error| error.is::<OtherServer>()) => {
                (ErrorKind::Unavailable, "it can't be used".to_owned())
            }
            sqlx::Error::Io(_) | sqlx::Error::Tls(_) => (ErrorKind::Unavailable, "can't talk to it".to_owned()),
            // PostgreSQL's driver asks for TLS first, and others answer that in their own way.
            sqlx::Error::Protocol(text) if text.contains("SSLRequest") => {
                (ErrorKind::Unavailable, "what answers there is a server of another kind".to_owned())
            }
            sqlx::Error::Protocol(_) | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => {
                (ErrorKind::Unavailable, "the connection broke".to_owned())
            }
            sqlx::Error::Configuration(_) => (ErrorKind::Invalid, "it can't be connected to like that".to_owned()),
            _ => (ErrorKind::Invalid, "an answer can't be used".to_owned()),
        };
        Self::new(database, kind, message).caused_by(error)
    }

    /// A migration that failed.
    pub fn from_migration(
        database: &str,
        error: sqlx::migrate::MigrateError,
        kind_of: fn(&dyn DatabaseError) -> ErrorKind,
    ) -> Self {
        use sqlx::migrate::MigrateError;
        match error {
            MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => {
                Self::from_sqlx(database, error, kind_of)
            }
            other => Self::new(database, ErrorKind::Invalid, "its schema can't be brought up to date").caused_by(other),
        }
    }

    /// What kind of failure it is.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// All that its sources say.
    pub(crate) fn source_text(&self) -> String {
        self.source.as_ref().map_or(String::new(), |source| autoscaler_core::ErrorChain(source.as_ref()).to_string())
    }

    /// Without what led to it, and with the reason for that.
    pub(crate) fn without_source(mut self, why: &str) -> Self {
        self.message = format!("{}; {why}", self.message);
        self.source = None;
        self
    }
}

impl From<SqlError> for PortError {
    fn from(error: SqlError) -> Self {
        let SqlError { kind, database, message, source } = error;
        let port = Self::new(kind, message).with("database", database);
        match source {
            Some(source) => port.caused_by(source),
            None => port,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_of_another_kind_is_told() {
        let answer = sqlx::Error::Protocol("unexpected response from SSLRequest: 0x4a".to_owned());
        let error = SqlError::from_sqlx("PostgreSQL at db:3306/flink", answer, |_| ErrorKind::Refused);
        assert_eq!(error.to_string(), "PostgreSQL at db:3306/flink: what answers there is a server of another kind");
        assert_eq!(error.kind(), ErrorKind::Unavailable);
    }

    #[test]
    fn a_port_s_error_keeps_kind_database_and_source() {
        let refused = std::io::Error::from(std::io::ErrorKind::ConnectionRefused);
        let error =
            SqlError::from_sqlx("PostgreSQL at db:5432/flink", sqlx::Error::Io(refused), |_| ErrorKind::Refused);
        assert_eq!(error.kind(), ErrorKind::Unavailable);
        assert_eq!(error.to_string(), "PostgreSQL at db:5432/flink: can't talk to it");
        let port = PortError::from(error);
        assert_eq!(port.kind(), ErrorKind::Unavailable);
        let chain = port.chain().to_string();
        assert!(chain.starts_with("can't talk to it (database: PostgreSQL at db:5432/flink): "), "{chain}");
        assert!(chain.contains("connection refused"), "{chain}");
    }
}
