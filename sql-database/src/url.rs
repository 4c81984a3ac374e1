//! `jdbc:` URLs as the Java process takes them, and native ones.

mod invalid;
mod parameters;

use secrecy::SecretString;
use url::Url;

pub use invalid::InvalidUrl;
pub use parameters::Parameters;

/// The kinds of databases there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// PostgreSQL.
    Postgres,
    /// MySQL and MariaDB.
    MySql,
    /// SQLite.
    Sqlite,
}

impl Scheme {
    /// The name of such databases.
    pub fn name(self) -> &'static str {
        match self {
            Self::Postgres => "PostgreSQL",
            Self::MySql => "MySQL",
            Self::Sqlite => "SQLite",
        }
    }

    /// The Cargo feature that adds their driver.
    pub fn feature(self) -> &'static str {
        match self {
            Self::Postgres => "store-jdbc-postgres",
            Self::MySql => "store-mysql",
            Self::Sqlite => "store-sqlite",
        }
    }
}

/// A database's URL, taken apart.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct DatabaseUrl {
    /// The kind of database.
    pub scheme: Scheme,
    /// The host; empty for SQLite.
    pub host: String,
    /// The port, where the URL has one.
    pub port: Option<u16>,
    /// The database's name, or SQLite's file.
    pub database: String,
    /// The user, where the URL has one.
    pub username: Option<String>,
    /// The password, where the URL has one.
    pub password: Option<SecretString>,
    /// The parameters nobody has taken yet.
    pub parameters: Parameters,
}

impl DatabaseUrl {
    /// Takes a URL apart. `user` and `password` parameters, as JDBC has them, count like those before the host.
    ///
    /// # Errors
    /// What is wrong with it, without showing it.
    pub fn parse(text: &str) -> Result<Self, InvalidUrl> {
        let text = text.trim();
        let native = text.strip_prefix("jdbc:").unwrap_or(text);
        let scheme_end = native.find(':').unwrap_or(native.len());
        let scheme = match native[..scheme_end].to_ascii_lowercase().as_str() {
            "postgres" | "postgresql" => Scheme::Postgres,
            "mysql" | "mariadb" => Scheme::MySql,
            "sqlite" => return Self::file(&native[scheme_end + 1..]),
            other => return Err(InvalidUrl::scheme(other)),
        };
        // To JDBC a # is a character like others.
        let encoded = if native.len() < text.len() { native.replace('#', "%23") } else { native.to_owned() };
        let native = encoded.as_str();
        let authority = native[scheme_end..].trim_start_matches([':', '/']);
        let authority = &authority[..authority.find(['/', '?']).unwrap_or(authority.len())];
        if authority.contains(',') {
            return Err(InvalidUrl::SeveralHosts);
        }
        let url = Url::parse(native).map_err(|error| InvalidUrl::Unreadable(error.to_string()))?;
        // Else what follows would be taken for the database's name, which is shown.
        let is_name_odd = url.query_pairs().any(|(name, _)| name.contains('@'));
        if url.path().contains('@') || url.fragment().is_some() || is_name_odd {
            return Err(InvalidUrl::Misread(
                "it has a '#', or an '@' behind its first '/' or '?': in a password write / as %2F, ? as %3F and # as %23",
            ));
        }
        let decoded = |text: &str| {
            // In a path, unlike in a query, a plus is a plus.
            let pair = format!("x={}", text.replace('+', "%2B").replace('&', "%26"));
            let decoded = url::form_urlencoded::parse(pair.as_bytes()).next();
            decoded.map_or(String::new(), |(_, value)| value.into_owned())
        };
        let host = url.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']').to_owned();
        let database = decoded(url.path().trim_start_matches('/'));
        let pairs = url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned()));
        let mut parameters = Parameters::new(pairs);
        let in_front = Some(url.username()).filter(|name| !name.is_empty()).map(decoded);
        let (user, password) = (parameters.take("user"), parameters.take("password"));
        if host.is_empty() {
            return Err(InvalidUrl::Lacks("host"));
        }
        if database.is_empty() {
            return Err(InvalidUrl::Lacks("database"));
        }
        Ok(Self {
            scheme,
            host,
            port: url.port(),
            database,
            username: in_front.or(user),
            password: url.password().map(decoded).or(password).map(SecretString::from),
            parameters,
        })
    }

    fn file(rest: &str) -> Result<Self, InvalidUrl> {
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        // sqlite:file, sqlite://file and sqlite:///absolute/file
        let path = path.strip_prefix("//").unwrap_or(path);
        if path.is_empty() {
            return Err(InvalidUrl::Lacks("file"));
        }
        if path.contains("://") || path.split_once('@').is_some_and(|(front, _)| front.contains(':')) {
            return Err(InvalidUrl::Misread("it names a server, where SQLite's names a file: sqlite:state.db"));
        }
        let pairs = url::form_urlencoded::parse(query.as_bytes());
        let parameters = pairs.map(|(name, value)| (name.into_owned(), value.into_owned()));
        Ok(Self {
            scheme: Scheme::Sqlite,
            host: String::new(),
            port: None,
            database: path.to_owned(),
            username: None,
            password: None,
            parameters: Parameters::new(parameters),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::parameters::HIDDEN;
    use super::*;
    use rstest::rstest;
    use secrecy::ExposeSecret;

    /// URL, kind, host and port, database, user and password, and the parameters nobody took.
    #[rstest]
    #[case("jdbc:mysql://db:3307/flink?user=me&password=s%26t&useSSL=false", Scheme::MySql, "db:3307", "flink", ("me", "s&t"), &["useSSL"])]
    #[case("jdbc:postgresql://db/flink?currentSchema=a&ApplicationName=b", Scheme::Postgres, "db:0", "flink", ("", ""), &["currentSchema", "ApplicationName"])]
    #[case("postgres://me:s%40t+x@[::1]:5433/fl%20ink", Scheme::Postgres, "::1:5433", "fl ink", ("me", "s@t+x"), &[])]
    #[case("jdbc:mariadb://10.0.0.1/x", Scheme::MySql, "10.0.0.1:0", "x", ("", ""), &[])]
    #[case("sqlite:state.db", Scheme::Sqlite, ":0", "state.db", ("", ""), &[])]
    #[case("jdbc:sqlite:/var/lib/state.db?mode=ro", Scheme::Sqlite, ":0", "/var/lib/state.db", ("", ""), &["mode"])]
    #[case("sqlite:///var/lib/state.db", Scheme::Sqlite, ":0", "/var/lib/state.db", ("", ""), &[])]
    fn urls_are_taken_apart(
        #[case] text: &str,
        #[case] scheme: Scheme,
        #[case] address: &str,
        #[case] database: &str,
        #[case] (user, password): (&str, &str),
        #[case] parameters: &[&str],
    ) {
        let url = DatabaseUrl::parse(text).unwrap();
        assert_eq!((url.scheme, url.database.as_str()), (scheme, database));
        assert_eq!(format!("{}:{}", url.host, url.port.unwrap_or(0)), address);
        assert_eq!(url.username.clone().unwrap_or_default(), user);
        assert_eq!(url.password.as_ref().map_or("", |password| password.expose_secret()), password);
        assert_eq!(url.parameters.names(), parameters);
        assert!(password.is_empty() || !format!("{url:?}").contains(password));
    }

    #[test]
    fn a_password_that_is_cut_in_two_is_shown_in_neither() {
        let url = DatabaseUrl::parse("jdbc:mysql://db/x?odd=1&password=se&cret=t&ssl=1#5&user=me&-secret").unwrap();
        assert_eq!(url.parameters.names(), ["odd", HIDDEN, "ssl", HIDDEN]);
        assert_eq!(url.password.unwrap().expose_secret(), "se");
        let url = DatabaseUrl::parse("jdbc:postgresql://db/x?password=a/b?c#d").unwrap();
        assert_eq!(url.password.unwrap().expose_secret(), "a/b?c#d", "as JDBC reads it");
    }

    #[rstest]
    #[case("jdbc:oracle:thin:@db", "begins with 'oracle'")]
    #[case("", "does not begin with a kind of database")]
    #[case("secret", "does not begin with a kind of database")]
    #[case("secret:me@db/x", "does not begin with a kind of database")]
    #[case("https://me:secret@gateway/flink", "address of a web server")]
    #[case("postgres://me:1/secret@db/x", "write / as %2F")]
    #[case("postgres://me:1?secret@db/x", "write / as %2F")]
    #[case("postgres://me:1#secret@db/x", "write / as %2F")]
    #[case("sqlite://me:secret@db/x", "names a file")]
    #[case("postgres://me:secret@a,b/x", "several hosts")]
    #[case("postgres://me:secret@db", "no database")]
    #[case("mysql:///x", "no host")]
    #[case("mysql://me:secret@db:99999/x", "can't be read: invalid port")]
    #[case("sqlite:", "no file")]
    fn mistakes_are_told_without_the_password(#[case] text: &str, #[case] expected: &str) {
        let error = DatabaseUrl::parse(text).unwrap_err().to_string();
        assert!(error.contains(expected) && !error.contains("secret"), "{error}");
    }
}
