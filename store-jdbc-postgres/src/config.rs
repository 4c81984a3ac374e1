//! What a URL's parameters mean to PostgreSQL.

use std::fmt;

use secrecy::ExposeSecret;
use sql_database::{ConnectSettings, DatabaseUrl, InvalidUrl, Secrets};
use sqlx::postgres::{PgConnectOptions, PgSslMode};

/// How to connect, and what of the URL has no effect.
#[derive(Clone)]
#[non_exhaustive]
pub struct Config {
    /// Options of the connection.
    pub options: PgConnectOptions,
    /// The database's name for messages.
    pub name: String,
    /// What no message may repeat.
    pub secrets: Secrets,
    /// Parameters that have no effect here.
    pub ignored: Vec<String>,
}

impl fmt::Debug for Config {
    /// The options say their password where they are shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config").field("name", &self.name).field("ignored", &self.ignored).finish_non_exhaustive()
    }
}

impl Config {
    /// What is the same for two URLs of one database, as the same user.
    pub(crate) fn identity(&self) -> String {
        let schema = self.options.get_options().unwrap_or_default();
        format!("{} as {} {schema}", self.name, self.options.get_username())
    }
}

/// Reads a URL: JDBC's parameters (`user`, `password`, `ssl`, `sslmode`, `sslrootcert`, `currentSchema`, `ApplicationName`) and libpq's
/// (`host`, `application_name`, `search_path`).
///
/// # Errors
/// A parameter with a value it can't have, or that names a file that can't be read.
pub fn connect_options(mut url: DatabaseUrl, settings: &ConnectSettings) -> Result<Config, InvalidUrl> {
    let secrets = Secrets::of(&url, settings);
    let host = url.parameters.take("host").unwrap_or_else(|| url.host.clone());
    // sqlx's own default user is "anonymous".
    let username = settings.username.clone().or(url.username.take()).unwrap_or_else(|| "postgres".to_owned());
    let mut options = PgConnectOptions::new_without_pgpass().host(&host).database(&url.database).username(&username);
    if let Some(port) = url.port {
        options = options.port(port);
    }
    if let Some(password) = settings.password.as_ref().or(url.password.as_ref()) {
        options = options.password(password.expose_secret());
    }
    options = options.ssl_mode(ssl_mode(&mut url)?);
    if let Some(certificate) = url.parameters.take("sslrootcert") {
        InvalidUrl::check_file("sslrootcert", &certificate)?;
        options = options.ssl_root_cert(certificate);
    }
    let application = url.parameters.take("ApplicationName").or_else(|| url.parameters.take("application_name"));
    options = options.application_name(application.as_deref().unwrap_or("flink-autoscaler"));
    if let Some(schema) = url.parameters.take("currentSchema").or_else(|| url.parameters.take("search_path")) {
        options = options.options([("search_path", schema)]);
    }
    let port = options.get_port();
    let name = format!("PostgreSQL at {host}:{port}/{}", url.database);
    let ignored = url.parameters.names().into_iter().map(str::to_owned).collect();
    Ok(Config { options, name, secrets, ignored })
}

fn ssl_mode(url: &mut DatabaseUrl) -> Result<PgSslMode, InvalidUrl> {
    let ssl = url.parameters.take("ssl");
    match (url.parameters.take("sslmode"), ssl.as_deref()) {
        (Some(mode), _) => Ok(match mode.to_ascii_lowercase().as_str() {
            "disable" => PgSslMode::Disable,
            "allow" => PgSslMode::Allow,
            "prefer" => PgSslMode::Prefer,
            "require" => PgSslMode::Require,
            "verify-ca" => PgSslMode::VerifyCa,
            "verify-full" => PgSslMode::VerifyFull,
            _ => {
                let expected = "disable, allow, prefer, require, verify-ca or verify-full";
                return Err(InvalidUrl::parameter("sslmode", &mode, expected));
            }
        }),
        // As pgjdbc has it.
        (None, Some("" | "true")) => Ok(PgSslMode::VerifyFull),
        (None, _) => Ok(PgSslMode::Prefer),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_taken_over_or_said_to_be_ignored() {
        let url = "jdbc:postgresql://db:5433/flink?user=me&sslmode=require&currentSchema=a&loginTimeout=5";
        let config = connect_options(DatabaseUrl::parse(url).unwrap(), &ConnectSettings::default()).unwrap();
        assert_eq!((config.options.get_username(), config.options.get_port()), ("me", 5433));
        assert!(matches!(config.options.get_ssl_mode(), PgSslMode::Require));
        assert_eq!(config.options.get_options(), Some("-c search_path=a"));
        assert_eq!(config.ignored, ["loginTimeout"]);
        assert_eq!(config.name, "PostgreSQL at db:5433/flink");
    }

    #[test]
    fn no_password_is_shown() {
        let url = DatabaseUrl::parse("postgres://me:from-url@localhost/flink").unwrap();
        let mut settings = ConnectSettings::default();
        for secret in ["from-url", "from-settings"] {
            let config = connect_options(url.clone(), &settings).unwrap();
            let shown = format!("{config:?}");
            assert!(!shown.contains(secret), "{shown}");
            assert!(shown.contains(&config.name), "{shown}");
            settings = settings.with_password("from-settings");
        }
    }

    #[test]
    fn a_certificate_that_cannot_be_read_is_told() {
        for (file, problem) in
            [("/dev/zero", "it is no regular file"), ("/no/such.pem", "it can't be read: No such file")]
        {
            let url = DatabaseUrl::parse(&format!("postgres://db/x?sslrootcert={file}")).unwrap();
            let error = connect_options(url, &ConnectSettings::default()).unwrap_err().to_string();
            assert!(error.contains("parameter sslrootcert names") && error.contains(problem), "{error}");
        }
    }

    #[test]
    fn a_wrong_value_is_told() {
        let url = DatabaseUrl::parse("postgres://db/x?sslmode=maybe").unwrap();
        let error = connect_options(url, &ConnectSettings::default()).unwrap_err().to_string();
        assert!(error.contains("sslmode") && error.contains("'maybe'") && error.contains("verify-full"), "{error}");
    }
}
