//! Parameters of a URL.

use std::fmt;

use autoscaler_core::options::shown_key;

/// Parameters of a URL that may stand behind the password without being a part of it.
const NAMES: &[&str] = &[
    "allowPublicKeyRetrieval",
    "application_name",
    "ApplicationName",
    "autoReconnect",
    "characterEncoding",
    "connectTimeout",
    "connectionTimeZone",
    "createDatabaseIfNotExist",
    "currentSchema",
    "host",
    "loginTimeout",
    "password",
    "prepareThreshold",
    "requireSSL",
    "rewriteBatchedStatements",
    "search_path",
    "serverTimezone",
    "socket",
    "socketTimeout",
    "ssl",
    "ssl-ca",
    "ssl-mode",
    "sslfactory",
    "sslMode",
    "sslmode",
    "sslrootcert",
    "stringtype",
    "targetServerType",
    "tcpKeepAlive",
    "useSSL",
    "useUnicode",
    "user",
    "verifyServerCertificate",
];
/// Stands for names that may be a part of the password.
pub(super) const HIDDEN: &str = "one behind the password that is not shown (an & in a password is written %26)";

/// Parameters of a URL in the order they stand; a backend takes those it knows.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// Takes a parameter out, if it is there; names are compared in any case.
    pub fn take(&mut self, name: &str) -> Option<String> {
        let position = self.0.iter().position(|(there, _)| there.eq_ignore_ascii_case(name))?;
        Some(self.0.remove(position).1)
    }

    /// The names of those that nobody took, as they may be shown.
    pub fn names(&self) -> Vec<&str> {
        self.0.iter().map(|(name, _)| name.as_str()).collect()
    }

    /// From the pairs of a URL. An `&` in a password cuts it in two, so that names behind one are shown only where they
    /// are known.
    pub(super) fn new(pairs: impl Iterator<Item = (String, String)>) -> Self {
        let mut is_behind_password = false;
        let pairs = pairs.map(|(name, value)| {
            let is_known = NAMES.iter().any(|known| known.eq_ignore_ascii_case(&name));
            let is_hidden = is_behind_password && !is_known;
            is_behind_password |= name.eq_ignore_ascii_case("password");
            (if is_hidden { HIDDEN.to_owned() } else { shown_key(&name) }, value)
        });
        Self(pairs.collect())
    }
}

/// Names only: values may be secrets.
impl fmt::Debug for Parameters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.names()).finish()
    }
}
