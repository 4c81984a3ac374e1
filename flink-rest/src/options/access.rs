//! How each cluster is reached, as options say.

mod keys;

use std::borrow::Cow;
use std::collections::BTreeMap;

use autoscaler_core::options::value::MemorySize;
use autoscaler_core::options::{Configuration, InvalidOption};
use secrecy::SecretString;

use crate::access::{AccessFile, ClusterAccess, Credentials, PREFIX, ProxyChoice, Secret};
use keys::{Keys, Under};

autoscaler_core::options! {
    /// How Flink clusters are reached.
    ClusterAccessOptions, prefix "autoscaler.standalone.fetcher.flink-cluster.", each "cluster" {
        #[doc = "The largest answer of a cluster that is read."]
        max_answer_size: MemorySize = "max-answer-size", "100 mb", &[] => at_least(1.0);
        #[doc = "Requests to a cluster at once; more than four for each job whose answers may be slow."]
        max_requests: i32 = "max-requests", "500", &[] => at_least(1.0);
        #[doc = "File with the certificates (PEM) that a cluster's own must be signed by; none: those that the system trusts. This file and those below are read again when they change."]
        ca_file: String = "tls.ca-file", none, &[];
        #[doc = "File with the certificate (PEM) that is shown to a cluster."]
        client_certificate_file: String = "tls.client-certificate-file", none, &[];
        #[doc = "File with the private key (PEM, not encrypted) of the certificate that is shown."]
        client_key_file: String = "tls.client-key-file", none, &[];
        #[doc = "User that a cluster is asked as, with a password (basic authentication)."]
        username: String = "auth.username", none, &[];
        #[doc = "File with the password of auth.username."]
        password_file: String = "auth.password-file", none, &[];
        #[doc = "Environment variable with the password of auth.username, if there is no file."]
        password_variable: String = "auth.password-env-variable", none, &[];
        #[doc = "File with the token that a cluster is asked with (Authorization: Bearer ...)."]
        token_file: String = "auth.token-file", none, &[];
        #[doc = "Environment variable with that token, if there is no file."]
        token_variable: String = "auth.token-env-variable", none, &[];
        #[doc = "Further headers of each request, and their values."]
        headers: BTreeMap<String, String> = "headers", none, &[] => secret();
        #[doc = "Further headers of each request, and files that hold their values."]
        header_files: BTreeMap<String, String> = "header-files", none, &[] => secret();
        #[doc = "Proxy by whose way a cluster is reached; environment: the one that HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY say."]
        proxy: ProxyChoice = "proxy", "none", &[] => secret();
    }
}

/// Options that say one thing together: a cluster that has one of its own has none of the common ones.
const GROUPS: [&str; 2] = ["auth.", "tls.client-"];

impl ClusterAccessOptions {
    /// How any cluster is reached, and the bound on its answers, bytes: what holds where nothing is set for one by its name.
    ///
    /// # Errors
    /// An option that can't be used, that lacks another, or that says the same as another.
    pub fn common(configuration: &Configuration) -> Result<(ClusterAccess, usize), InvalidOption> {
        Self::of(configuration, None)
    }

    /// How the cluster of that name is reached, and the bound on its answers, bytes. A cluster without a name has the
    /// common options alone.
    ///
    /// # Errors
    /// An option that can't be used, that lacks another, or that says the same as another.
    pub(crate) fn of(
        configuration: &Configuration,
        name: Option<&str>,
    ) -> Result<(ClusterAccess, usize), InvalidOption> {
        let set = Set::new(configuration, name);
        let mut options = match name {
            Some(name) => Self::named(&set.configuration, name)?,
            None => Self::checked(&set.configuration)?,
        };
        let max_answer = usize::try_from(options.max_answer_size.0).unwrap_or(usize::MAX);
        options.leave_out_empty();
        Ok((options.access(&set)?, max_answer))
    }

    /// How somebody else than a Flink cluster is reached, whose options of the same last parts are under `prefix`. Errors
    /// of requests to it name those.
    ///
    /// # Errors
    /// An option lacks another, or says the same as another: by the keys under `prefix`.
    pub fn access_under(mut self, prefix: &str) -> Result<ClusterAccess, InvalidOption> {
        self.leave_out_empty();
        let access = self.access(&Under(prefix))?;
        Ok(ClusterAccess { prefix: Cow::Owned(prefix.to_owned()), ..access })
    }

    /// An empty text takes back what holds for all.
    fn leave_out_empty(&mut self) {
        let texts = [
            &mut self.ca_file,
            &mut self.client_certificate_file,
            &mut self.client_key_file,
            &mut self.username,
            &mut self.password_file,
            &mut self.password_variable,
            &mut self.token_file,
            &mut self.token_variable,
        ];
        for text in texts {
            *text = text.take().filter(|text| !text.trim().is_empty());
        }
    }

    fn access(self, set: &impl Keys) -> Result<ClusterAccess, InvalidOption> {
        let file = |path: &String, key| AccessFile::of_option(path, &set.key(key));
        let mut access = ClusterAccess {
            ca_file: self.ca_file.as_ref().map(|path| file(path, "tls.ca-file")),
            proxy: self.proxy.clone(),
            max_requests: usize::try_from(self.max_requests).unwrap_or(1),
            ..ClusterAccess::default()
        };
        let (certificate, key) = ("tls.client-certificate-file", "tls.client-key-file");
        access.client_certificate = match (&self.client_certificate_file, &self.client_key_file) {
            (Some(certificate_path), Some(key_path)) => {
                Some((file(certificate_path, certificate), file(key_path, key)))
            }
            (None, None) => None,
            (Some(_), None) => return Err(set.lacks(certificate, key)),
            (None, Some(_)) => return Err(set.lacks(key, certificate)),
        };
        let password = set.secret(
            ("auth.password-file", self.password_file.as_ref()),
            ("auth.password-env-variable", self.password_variable.as_ref()),
        )?;
        let token = set.secret(
            ("auth.token-file", self.token_file.as_ref()),
            ("auth.token-env-variable", self.token_variable.as_ref()),
        )?;
        access.credentials = match (self.username, password, token) {
            (None, None, None) => None,
            (None, None, Some((_, token))) => Some(Credentials::Bearer(token)),
            (Some(username), Some((_, password)), None) => {
                if username.contains(':') {
                    return Err(InvalidOption::new(
                        &set.key("auth.username"),
                        "has a ':' in it, which no user can have",
                    ));
                }
                Some(Credentials::Basic { username: SecretString::from(username), password })
            }
            (Some(_), _, Some((key, _))) => return Err(set.both("auth.username", key)),
            (None, Some((key, _)), Some((other, _))) => return Err(set.both(key, other)),
            (Some(_), None, None) => return Err(set.lacks("auth.username", "auth.password-file")),
            (None, Some((key, _)), None) => return Err(set.lacks(key, "auth.username")),
        };
        for (name, value) in self.headers.into_iter().flatten() {
            access.headers.push((name, Secret::text(value, &format!("option {}", set.key("headers")))));
        }
        for (name, path) in self.header_files.into_iter().flatten() {
            if access.headers.iter().any(|(other, _)| other.trim().eq_ignore_ascii_case(name.trim())) {
                return Err(set.both("headers", "header-files"));
            }
            access.headers.push((name, Secret::file(file(&path, "header-files"))));
        }
        Ok(access)
    }
}

/// What is set for one cluster.
struct Set<'a> {
    configuration: Configuration,
    name: Option<&'a str>,
}

impl<'a> Set<'a> {
    fn new(configuration: &Configuration, name: Option<&'a str>) -> Self {
        let mut set = Self { configuration: configuration.clone(), name };
        for group in GROUPS {
            let rows = || ClusterAccessOptions::SPECS.iter().filter(|row| row.key[PREFIX.len()..].starts_with(group));
            if rows().any(|row| set.own_key(&row.key[PREFIX.len()..]).is_some()) {
                let keys = rows().flat_map(|row| std::iter::once(row.key).chain(row.alternatives.iter().copied()));
                keys.for_each(|key| set.configuration.remove(key));
            }
        }
        set
    }

    /// The cluster's own key, where it is set.
    fn own_key(&self, key: &str) -> Option<String> {
        let own = format!("{PREFIX}{}.{key}", self.name?);
        let spread = format!("{own}.");
        self.configuration.iter().any(|(set, _)| set == own || set.starts_with(&spread)).then_some(own)
    }
}

impl Keys for Set<'_> {
    /// The cluster's own where it is set, else the one that holds for all.
    fn key(&self, key: &str) -> String {
        self.own_key(key).unwrap_or_else(|| format!("{PREFIX}{key}"))
    }

    fn beside(&self, key: &str, other: &str) -> String {
        match self.own_key(key).and(self.name) {
            Some(name) => format!("{PREFIX}{name}.{other}"),
            None => format!("{PREFIX}{other}"),
        }
    }
}

#[cfg(test)]
mod tests;
