//! What can go wrong with a database.

use std::time::Duration;

use autoscaler_core::PortError;
use sqlx::error::DatabaseError;

/// A database that did not do what it was asked for; names the database and what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SqlError {
    /// No answer in time.
    #[error("{database}: no answer within {deadline:?} (autoscaler.standalone.jdbc.timeout)")]
    Timeout {
        /// The database.
        database: String,
        /// How long was waited.
        deadline: Duration,
    },
    /// The database refused, or could not be reached.
    #[error("{database}: {what}")]
    Database {
        /// The database.
        database: String,
        /// What it says.
        what: String,
        /// Whether trying again may help.
        transient: bool,
    },
    /// The schema is newer than this build.
    #[error(
        "{database}: its schema is of version {found}, and this flink-autoscaler knows versions up to {known}: use a newer flink-autoscaler"
    )]
    TooNew {
        /// The database.
        database: String,
        /// The schema's version.
        found: i64,
        /// The newest version this build knows.
        known: i64,
    },
    /// The schema is older than this build needs, and migrating is left to the user.
    #[error(
        "{database}: its schema lacks versions {missing:?}: run flink-autoscaler migrate, or set autoscaler.standalone.jdbc.migrate: auto"
    )]
    NotMigrated {
        /// The database.
        database: String,
        /// The versions that are missing.
        missing: Vec<i64>,
    },
    /// Something that can't be stored.
    #[error("{database}: {what}")]
    Unstorable {
        /// The database.
        database: String,
        /// What is wrong with it.
        what: String,
    },
}

impl SqlError {
    /// A failure that sqlx tells of, as the database's own backend understands it.
    pub fn from_sqlx(database: &str, error: &sqlx::Error, refusal: impl FnOnce(&dyn DatabaseError) -> Refusal) -> Self {
        let (what, transient) = match error {
            sqlx::Error::Database(refused) => {
                let Refusal { code, transient } = refusal(refused.as_ref());
                (format!("{} (code {code})", refused.message()), transient)
            }
            sqlx::Error::PoolTimedOut => ("no connection could be had in time".to_owned(), true),
            sqlx::Error::Io(source) => (format!("can't talk to it: {source}"), true),
            sqlx::Error::Tls(_) | sqlx::Error::Protocol(_) | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => {
                (error.to_string(), true)
            }
            other => (other.to_string(), false),
        };
        Self::Database { database: database.to_owned(), what: one_line(what), transient }
    }

    /// A migration that failed.
    pub fn from_migration(
        database: &str,
        error: sqlx::migrate::MigrateError,
        refusal: impl FnOnce(&dyn DatabaseError) -> Refusal,
    ) -> Self {
        match error {
            sqlx::migrate::MigrateError::Execute(error) | sqlx::migrate::MigrateError::ExecuteMigration(error, _) => {
                Self::from_sqlx(database, &error, refusal)
            }
            other => Self::Database {
                database: database.to_owned(),
                what: format!("its schema can't be brought up to date: {other}"),
                transient: false,
            },
        }
    }

    /// Whether trying again may help.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Timeout { .. } => true,
            Self::Database { transient, .. } => *transient,
            Self::TooNew { .. } | Self::NotMigrated { .. } | Self::Unstorable { .. } => false,
        }
    }
}

/// A server's error, as its backend understands it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The server's own code.
    pub code: String,
    /// Whether trying again may help.
    pub transient: bool,
}

fn one_line(mut text: String) -> String {
    if text.len() > 500 {
        text.truncate(text.floor_char_boundary(500));
        text.push('…');
    }
    text.replace('\n', " ")
}

impl From<SqlError> for PortError {
    fn from(error: SqlError) -> Self {
        if error.is_transient() { Self::transient(error.to_string()) } else { Self::permanent(error.to_string()) }
    }
}
