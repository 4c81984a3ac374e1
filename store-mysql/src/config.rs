//! What a URL's parameters mean to MySQL and MariaDB.

use secrecy::ExposeSecret;
use sql_database::{DatabaseUrl, InvalidUrl, Settings};
use sqlx::mysql::{MySqlConnectOptions, MySqlSslMode};

/// How to connect, and what of the URL has no effect.
#[derive(Clone, Debug)]
pub struct Config {
    /// Options of the connection.
    pub options: MySqlConnectOptions,
    /// The database's name for messages.
    pub name: String,
    /// Parameters that have no effect here.
    pub ignored: Vec<String>,
}

/// Reads a URL: JDBC's parameters (`user`, `password`, `useSSL`, `sslMode`) and sqlx's (`ssl-mode`, `ssl-ca`, `socket`).
///
/// # Errors
/// A parameter with a value it can't have.
pub fn connect_options(mut url: DatabaseUrl, settings: &Settings) -> Result<Config, InvalidUrl> {
    let mut options = MySqlConnectOptions::new().host(&url.host).database(&url.database);
    if let Some(port) = url.port {
        options = options.port(port);
    }
    let username = settings.username.clone().or(url.username.take()).unwrap_or_else(|| "root".to_owned());
    options = options.username(&username);
    if let Some(password) = settings.password.as_ref().or(url.password.as_ref()) {
        options = options.password(password.expose_secret());
    }
    options = options.ssl_mode(ssl_mode(&mut url)?);
    if let Some(authority) = url.parameters.take("ssl-ca") {
        options = options.ssl_ca(authority);
    }
    if let Some(socket) = url.parameters.take("socket") {
        options = options.socket(socket);
    }
    let name = format!("MySQL at {}:{}/{}", options.get_host(), options.get_port(), url.database);
    let ignored = url.parameters.names().into_iter().map(str::to_owned).collect();
    Ok(Config { options, name, ignored })
}

/// Connector/J's and MariaDB's names of the modes; without one, TLS where the server has it.
fn ssl_mode(url: &mut DatabaseUrl) -> Result<MySqlSslMode, InvalidUrl> {
    let use_ssl = url.parameters.take("useSSL");
    let mode = url.parameters.take("sslMode").or_else(|| url.parameters.take("ssl-mode"));
    match (mode, use_ssl.as_deref()) {
        (Some(mode), _) => Ok(match mode.to_ascii_lowercase().replace('_', "-").as_str() {
            "disabled" | "disable" => MySqlSslMode::Disabled,
            "preferred" => MySqlSslMode::Preferred,
            "required" | "trust" => MySqlSslMode::Required,
            "verify-ca" => MySqlSslMode::VerifyCa,
            "verify-identity" | "verify-full" => MySqlSslMode::VerifyIdentity,
            _ => {
                return Err(InvalidUrl::Parameter {
                    name: "sslMode".to_owned(),
                    value: mode.chars().take(40).collect(),
                    expected: "DISABLED, PREFERRED, REQUIRED, VERIFY_CA or VERIFY_IDENTITY",
                });
            }
        }),
        (None, Some("false")) => Ok(MySqlSslMode::Disabled),
        (None, Some("true")) => Ok(MySqlSslMode::Required),
        (None, _) => Ok(MySqlSslMode::Preferred),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_taken_over_or_said_to_be_ignored() {
        let url = "jdbc:mysql://db/flink?user=me&useSSL=false&serverTimezone=UTC&allowPublicKeyRetrieval=true";
        let config = connect_options(DatabaseUrl::parse(url).unwrap(), &Settings::default()).unwrap();
        assert_eq!((config.options.get_username(), config.options.get_port()), ("me", 3306));
        assert!(matches!(config.options.get_ssl_mode(), MySqlSslMode::Disabled));
        assert_eq!(config.ignored, ["serverTimezone", "allowPublicKeyRetrieval"]);
        let url = "jdbc:mariadb://db/flink?sslMode=VERIFY_IDENTITY";
        let config = connect_options(DatabaseUrl::parse(url).unwrap(), &Settings::default()).unwrap();
        assert!(matches!(config.options.get_ssl_mode(), MySqlSslMode::VerifyIdentity));
    }

    #[test]
    fn a_wrong_value_is_told() {
        let url = DatabaseUrl::parse("mysql://db/x?sslMode=maybe").unwrap();
        let error = connect_options(url, &Settings::default()).unwrap_err().to_string();
        assert!(error.contains("sslMode") && error.contains("'maybe'"), "{error}");
    }
}
