//! Passwords that must not come back in what a server says.

use secrecy::{ExposeSecret, SecretString};

use crate::config::ConnectSettings;
use crate::error::SqlError;
use crate::password::PasswordFile;
use crate::url::DatabaseUrl;

/// Shorter ones are in any text.
const SHORTEST: usize = 3;

/// The passwords of a connection.
#[derive(Clone, Debug, Default)]
pub struct Secrets(Vec<SecretString>);

impl Secrets {
    /// Those of a URL and of the settings beside it.
    pub fn of(url: &DatabaseUrl, settings: &ConnectSettings) -> Self {
        Self(url.password.iter().chain(&settings.password).cloned().collect())
    }

    /// An error that says nothing of them, nor of what is in `file` by now. A server may repeat what it was sent: a
    /// password where a user's name should be, say.
    #[must_use]
    pub fn hide(&self, error: SqlError, file: Option<&PasswordFile>) -> SqlError {
        let in_file = file.map(PasswordFile::password);
        let secrets = || self.0.iter().chain(&in_file).map(ExposeSecret::expose_secret);
        let said = error.source_text();
        if secrets().any(|secret| secret.len() >= SHORTEST && said.contains(secret)) {
            return error.without_source("what it says is left out, as the password is in it");
        }
        error
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error;

    use autoscaler_core::ErrorKind;

    use super::*;

    #[test]
    fn a_server_that_repeats_the_password_is_not_repeated() {
        let url = DatabaseUrl::parse("postgres://me:from-url@db/x").unwrap();
        let settings = ConnectSettings { password: Some("from-env".into()), ..ConnectSettings::default() };
        let secrets = Secrets::of(&url, &settings);
        for (said, is_shown) in [("no user \"from-url\"", false), ("no from-env here", false), ("no such user", true)] {
            let error = SqlError::new("db", ErrorKind::Refused, "it refuses").caused_by(std::io::Error::other(said));
            let hidden = secrets.hide(error, None);
            assert_eq!(hidden.source().is_some(), is_shown, "{said}");
            assert!(is_shown || hidden.to_string().contains("left out"), "{hidden}");
        }
    }
}
