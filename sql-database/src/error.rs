//! What can go wrong with a database.

use std::time::Duration;

use autoscaler_core::PortError;

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
    /// A failure that sqlx tells of.
    pub fn from_sqlx(database: &str, error: &sqlx::Error) -> Self {
        let transient = match error {
            sqlx::Error::Database(database) => is_transient_code(database.code().as_deref().unwrap_or_default()),
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::Protocol(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => true,
            _ => false,
        };
        Self::Database { database: database.to_owned(), what: text(error), transient }
    }

    /// A migration that failed.
    pub fn from_migration(database: &str, error: sqlx::migrate::MigrateError) -> Self {
        match error {
            sqlx::migrate::MigrateError::Execute(error) | sqlx::migrate::MigrateError::ExecuteMigration(error, _) => {
                Self::from_sqlx(database, &error)
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

/// What sqlx says, with its causes, on one line.
fn text(error: &sqlx::Error) -> String {
    let mut text = match error {
        sqlx::Error::Database(database) => match database.code() {
            Some(code) => format!("{} (code {code})", database.message()),
            None => database.message().to_owned(),
        },
        sqlx::Error::PoolTimedOut => "no connection could be had in time".to_owned(),
        sqlx::Error::Io(source) => format!("can't talk to it: {source}"),
        other => other.to_string(),
    };
    if text.len() > 500 {
        text.truncate(text.floor_char_boundary(500));
        text.push('…');
    }
    text.replace('\n', " ")
}

/// Codes of failures that pass: connections lost (08), too many of them (53300, 1040), servers that start or stop (57P),
/// deadlocks and serialization (40, 1205, 1213), full disks (53100, SQLite 13), locked (SQLite 5, 6), read-only after a
/// failover (25006, 1290, 1836, SQLite 8), resources (53), passwords in rotation (28, 1045).
fn is_transient_code(code: &str) -> bool {
    const SQLITE: &[&str] =
        &["5", "6", "8", "10", "13", "14", "261", "262", "264", "266", "517", "520", "776", "1032", "1288", "1544"];
    const MYSQL: &[&str] = &["1040", "1045", "1053", "1129", "1203", "1205", "1213", "1290", "1836", "3100"];
    const POSTGRES: &[&str] = &["08", "25006", "28", "40", "53", "57"];
    SQLITE.contains(&code) || MYSQL.contains(&code) || (code.len() == 5 && POSTGRES.iter().any(|class| code.starts_with(class)))
        // MySQL's codes come as SQLSTATE: 08… is the connection, 40001 a deadlock, HY000 most of the rest.
        || matches!(code, "HY000" | "70100")
}

impl From<SqlError> for PortError {
    fn from(error: SqlError) -> Self {
        if error.is_transient() { Self::transient(error.to_string()) } else { Self::permanent(error.to_string()) }
    }
}
