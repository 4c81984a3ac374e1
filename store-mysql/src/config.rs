//! What a URL's parameters mean to MySQL and MariaDB.

use std::fmt;
use std::net::IpAddr;

use secrecy::ExposeSecret;
use sql_database::{ConnectSettings, DatabaseUrl, InvalidUrl, Secrets};
use sqlx::mysql::{MySqlConnectOptions, MySqlSslMode};

/// How to connect, and what of the URL has no effect.
#[derive(Clone)]
#[non_exhaustive]
pub struct Config {
    /// Options of the connection.
    pub options: MySqlConnectOptions,
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
        format!("{} as {}", self.name, self.options.get_username())
    }
}

/// Reads a URL: JDBC's parameters (`user`, `password`, `useSSL`, `sslMode`, `allowPublicKeyRetrieval`) and sqlx's (`ssl-mode`,
/// `ssl-ca`, `socket`).
///
/// Without TLS a password would be encrypted with a key that whoever is in between can replace by their own. So it goes
/// to this machine only, unless `allowPublicKeyRetrieval` allows it, which is what Connector/J asks for there.
///
/// # Errors
/// A parameter with a value it can't have, or that names a file that can't be read, or a password that would go without TLS to another machine.
pub fn connect_options(mut url: DatabaseUrl, settings: &ConnectSettings) -> Result<Config, InvalidUrl> {
    let secrets = Secrets::of(&url, settings);
    let mut options = MySqlConnectOptions::new().host(&url.host).database(&url.database);
    if let Some(port) = url.port {
        options = options.port(port);
    }
    let username = settings.username.clone().or(url.username.take()).unwrap_or_else(|| "root".to_owned());
    options = options.username(&username);
    let password = settings.password.as_ref().or(url.password.as_ref());
    if let Some(password) = password {
        options = options.password(password.expose_secret());
    }
    let is_allowed =
        url.parameters.take("allowPublicKeyRetrieval").is_some_and(|text| text.eq_ignore_ascii_case("true"));
    let socket = url.parameters.take("socket");
    let needs_tls = password.is_some() && !is_allowed && socket.is_none() && !is_this_machine(&url.host);
    options = options.ssl_mode(match ssl_mode(&mut url)? {
        MySqlSslMode::Disabled if needs_tls => return Err(InvalidUrl::PlainPassword),
        MySqlSslMode::Preferred if needs_tls => MySqlSslMode::Required,
        mode => mode,
    });
    if let Some(authority) = url.parameters.take("ssl-ca") {
        InvalidUrl::check_file("ssl-ca", &authority)?;
        options = options.ssl_ca(authority);
    }
    if let Some(socket) = socket {
        options = options.socket(socket);
    }
    let name = format!("MySQL at {}:{}/{}", options.get_host(), options.get_port(), url.database);
    let ignored = url.parameters.names().into_iter().map(str::to_owned).collect();
    Ok(Config { options, name, secrets, ignored })
}

fn is_this_machine(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
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
                let expected = "DISABLED, PREFERRED, REQUIRED, VERIFY_CA or VERIFY_IDENTITY";
                return Err(InvalidUrl::parameter("sslMode", &mode, expected));
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
        let config = connect_options(DatabaseUrl::parse(url).unwrap(), &ConnectSettings::default()).unwrap();
        assert_eq!((config.options.get_username(), config.options.get_port()), ("me", 3306));
        assert!(matches!(config.options.get_ssl_mode(), MySqlSslMode::Disabled));
        assert_eq!(config.ignored, ["serverTimezone"]);
        let url = "jdbc:mariadb://db/flink?sslMode=VERIFY_IDENTITY";
        let config = connect_options(DatabaseUrl::parse(url).unwrap(), &ConnectSettings::default()).unwrap();
        assert!(matches!(config.options.get_ssl_mode(), MySqlSslMode::VerifyIdentity));
    }

    #[test]
    fn a_password_goes_without_tls_to_this_machine_only() {
        let mode = |url: &str| {
            let config = connect_options(DatabaseUrl::parse(url).unwrap(), &ConnectSettings::default());
            config.map(|config| format!("{:?}", config.options.get_ssl_mode()))
        };
        for (url, expected) in [
            ("mysql://me:p@db/x", "Required"),
            ("mysql://me@db/x", "Preferred"),
            ("mysql://me@db/x?sslMode=DISABLED", "Disabled"),
            ("mysql://me:p@db/x?sslMode=VERIFY_CA", "VerifyCa"),
            ("mysql://me:p@db/x?allowPublicKeyRetrieval=true", "Preferred"),
            ("mysql://me:p@db/x?useSSL=false&allowPublicKeyRetrieval=true", "Disabled"),
            ("mysql://me:p@db/x?socket=/run/mysqld.sock&useSSL=false", "Disabled"),
            ("mysql://me:p@localhost/x?useSSL=false", "Disabled"),
            ("mysql://me:p@127.0.0.1/x", "Preferred"),
            ("mysql://me:p@[::1]/x", "Preferred"),
        ] {
            assert_eq!(mode(url).unwrap(), expected, "{url}");
        }
        for url in ["mysql://me:p@db/x?useSSL=false", "jdbc:mysql://db/x?user=me&password=p&sslMode=disabled"] {
            assert_eq!(mode(url).unwrap_err(), InvalidUrl::PlainPassword, "{url}");
        }
    }

    #[test]
    fn no_password_is_shown() {
        let url = DatabaseUrl::parse("mysql://me:from-url@localhost/flink").unwrap();
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
            let url = DatabaseUrl::parse(&format!("mysql://db/x?ssl-ca={file}")).unwrap();
            let error = connect_options(url, &ConnectSettings::default()).unwrap_err().to_string();
            assert!(error.contains("parameter ssl-ca names") && error.contains(problem), "{error}");
        }
    }

    #[test]
    fn a_wrong_value_is_told() {
        let url = DatabaseUrl::parse("mysql://db/x?sslMode=maybe").unwrap();
        let error = connect_options(url, &ConnectSettings::default()).unwrap_err().to_string();
        assert!(error.contains("sslMode") && error.contains("'maybe'"), "{error}");
    }
}
