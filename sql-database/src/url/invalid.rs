//! What is wrong with a URL.

use autoscaler_core::ErrorChain;
use autoscaler_core::options::{Shown, shown_value};

/// The largest file that a parameter may name, bytes: certificates of all authorities there are take a fifth of a megabyte.
const LARGEST_FILE: u64 = 4 << 20;

/// A URL that can't be used. Never shows the URL: it may have a password in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidUrl {
    /// Its beginning is not one of those known.
    #[error(
        "it {0}: expected jdbc:postgresql://, jdbc:mysql://, jdbc:mariadb://, postgres://, postgresql://, mysql://, mariadb:// or sqlite:"
    )]
    Scheme(String),
    /// It can't be read.
    #[error("it can't be read: {0}")]
    Unreadable(String),
    /// It names no host or no database.
    #[error("it has no {0}: expected …://HOST[:PORT]/DATABASE")]
    Lacks(&'static str),
    /// It names several hosts.
    #[error("it names several hosts, which is not supported: name one, or a proxy in front of them")]
    SeveralHosts,
    /// A password in it ends it too early, or it is no file.
    #[error("{0}")]
    Misread(&'static str),
    /// The password would go over the network as good as plain.
    #[error(
        "it turns TLS off, and the password would go to another machine: use sslMode=REQUIRED or stronger, or allow it by allowPublicKeyRetrieval=true"
    )]
    PlainPassword,
    /// A file that a parameter names can't be used.
    #[error("the file that its parameter {name} names can't be used: {problem}")]
    File {
        /// The parameter.
        name: &'static str,
        /// What is wrong with the file.
        problem: String,
    },
    /// A parameter's value can't be used.
    #[error("its parameter {name} has {value}: expected {expected}")]
    Parameter {
        /// The parameter.
        name: &'static str,
        /// Its value, as it may be shown.
        value: String,
        /// What is allowed.
        expected: &'static str,
    },
}

impl InvalidUrl {
    /// A parameter has a value that it can't have.
    pub fn parameter(name: &'static str, value: &str, expected: &'static str) -> Self {
        Self::Parameter { name, value: shown_value(value, Shown::Harmless, expected), expected }
    }

    /// Looks whether the file that a parameter names can be read: a driver would wait for a pipe, and read a device for ever.
    ///
    /// # Errors
    /// It can't.
    pub fn check_file(name: &'static str, path: &str) -> Result<(), Self> {
        match small_file::read(path.as_ref(), LARGEST_FILE) {
            Ok(_) => Ok(()),
            Err(error) => Err(Self::File { name, problem: ErrorChain(&error).to_string() }),
        }
    }

    /// What a URL begins with is shown where it is known to be the name of something.
    pub(super) fn scheme(scheme: &str) -> Self {
        let known = ["oracle", "sqlserver", "db2", "h2", "derby", "mongodb", "redis", "file", "jdbc"];
        Self::Scheme(match scheme {
            "http" | "https" => "is the address of a web server (Flink's goes into \
                                 autoscaler.standalone.fetcher.flink-cluster.host)"
                .to_owned(),
            scheme if known.contains(&scheme) => format!("begins with '{scheme}'"),
            _ => "does not begin with a kind of database".to_owned(),
        })
    }
}
