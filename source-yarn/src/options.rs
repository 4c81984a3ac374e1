//! Which applications are looked at, and how ResourceManagers and JobManagers are reached.

use std::collections::BTreeMap;
use std::time::Duration;

use autoscaler_core::options::InvalidOption;
use flink_rest::{AccessFile, ClusterAccess, Credentials, Secret};

autoscaler_core::options! {
    /// What the source `YARN` looks at.
    YarnSourceOptions, prefix "autoscaler.standalone.fetcher.yarn." {
        #[doc = "URLs of the ResourceManagers, with the path before /ws/v1 where there is one: http://rm1:8088;http://rm2:8088."]
        resource_managers: Vec<String> = "resource-managers", none, &[] => secret();
        #[doc = "Types of the applications that are looked at, as yarn.application.type says."]
        application_types: Vec<String> = "application-types", "Apache Flink", &[];
        #[doc = "Tags (yarn.tags) of which an application must have one to be looked at; none: all are."]
        application_tags: Vec<String> = "application-tags", none, &[];
        #[doc = "Queues whose applications are looked at, by full or last name; none: all."]
        queues: Vec<String> = "queues", none, &[];
        #[doc = "Users whose applications are looked at; none: all."]
        users: Vec<String> = "users", none, &[];
        #[doc = "Names of the applications that are looked at; none: all."]
        application_names: Vec<String> = "application-names", none, &[];
        #[doc = "How JobManagers are reached: DIRECT at the address they registered with, PROXY by the ResourceManager's web proxy, AUTO directly where that works, else by the proxy."]
        access: Road = "access", "AUTO", &[];
        #[doc = "URL of the web proxy, in place of the one that the ResourceManager names: https://gateway/yarn/proxy."]
        proxy_address: String = "proxy-address", none, &[] => secret();
        #[doc = "How long an application may be unknown to an active ResourceManager before its jobs are gone, how long the jobs of a new attempt may take to come back, and how long an ended one is kept where its jobs' state can't be removed."]
        forget_after: Duration = "forget-after", "10 min", &[] => at_least(1.0);
        #[doc = "User that ResourceManagers and their proxy are told (user.name), where they ask for one without Kerberos."]
        user_name: String = "user-name", none, &[];
        #[doc = "File with the certificates (PEM) that a ResourceManager's own must be signed by; none: those that the system trusts."]
        ca_file: String = "tls.ca-file", none, &[];
        #[doc = "File with the certificate (PEM) that is shown to a ResourceManager."]
        client_certificate_file: String = "tls.client-certificate-file", none, &[];
        #[doc = "File with the private key (PEM, not encrypted) of that certificate."]
        client_key_file: String = "tls.client-key-file", none, &[];
        #[doc = "User that a ResourceManager is asked as, with a password (basic authentication)."]
        username: String = "auth.username", none, &[];
        #[doc = "File with the password of auth.username."]
        password_file: String = "auth.password-file", none, &[];
        #[doc = "File with the token that a ResourceManager is asked with (Authorization: Bearer ...)."]
        token_file: String = "auth.token-file", none, &[];
        #[doc = "Further headers of requests to ResourceManagers, and files that hold their values."]
        header_files: BTreeMap<String, String> = "header-files", none, &[] => secret();
    }
}

/// How JobManagers are reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Road {
    /// As it is possible.
    Auto,
    /// At the address that they registered with.
    Direct,
    /// By the ResourceManager's web proxy.
    Proxy,
}

autoscaler_core::named_values!(
    Road,
    "AUTO, DIRECT or PROXY",
    "AUTO" => Self::Auto,
    "DIRECT" => Self::Direct,
    "PROXY" => Self::Proxy
);

impl YarnSourceOptions {
    /// How ResourceManagers are reached, and their proxy.
    ///
    /// # Errors
    /// An option lacks another, or says the same as another.
    pub fn manager_access(&self) -> Result<ClusterAccess, InvalidOption> {
        let key = |key: &str| format!("autoscaler.standalone.fetcher.yarn.{key}");
        let file = |path: &String, name: &str| AccessFile::of_option(path, &key(name));
        let mut access = ClusterAccess::default();
        access.ca_file = self.ca_file.as_ref().map(|path| file(path, "tls.ca-file"));
        access.client_certificate = match (&self.client_certificate_file, &self.client_key_file) {
            (Some(certificate), Some(private)) => {
                Some((file(certificate, "tls.client-certificate-file"), file(private, "tls.client-key-file")))
            }
            (None, None) => None,
            _ => {
                return Err(InvalidOption::new(
                    &key("tls.client-certificate-file"),
                    "and tls.client-key-file go together",
                ));
            }
        };
        access.credentials = match (&self.username, &self.password_file, &self.token_file) {
            (None, None, None) => None,
            (None, None, Some(token)) => Some(Credentials::Bearer(Secret::file(file(token, "auth.token-file")))),
            (Some(username), Some(password), None) if !username.contains(':') => Some(Credentials::Basic {
                username: username.clone().into(),
                password: Secret::file(file(password, "auth.password-file")),
            }),
            (Some(_), Some(_), None) => {
                return Err(InvalidOption::new(&key("auth.username"), "has a ':' in it, which no user can have"));
            }
            _ => {
                let problem = "goes with auth.password-file, or auth.token-file stands alone";
                return Err(InvalidOption::new(&key("auth.username"), problem));
            }
        };
        let headers = self.header_files.iter().flatten();
        access.headers = headers.map(|(name, path)| (name.clone(), Secret::file(file(path, "header-files")))).collect();
        Ok(access)
    }
}

#[cfg(test)]
mod tests {
    use autoscaler_core::options::{Configuration, Origin};

    use super::*;

    #[rstest::rstest]
    #[case(&[], true)]
    #[case(&[("auth.username", "me"), ("auth.password-file", "/p")], true)]
    #[case(&[("auth.token-file", "/t"), ("tls.client-certificate-file", "/c"), ("tls.client-key-file", "/k")], true)]
    #[case(&[("auth.username", "me")], false)]
    #[case(&[("auth.password-file", "/p")], false)]
    #[case(&[("auth.username", "m:e"), ("auth.password-file", "/p")], false)]
    #[case(&[("auth.token-file", "/t"), ("auth.username", "me"), ("auth.password-file", "/p")], false)]
    #[case(&[("tls.client-key-file", "/k")], false)]
    fn who_we_are_is_said_whole_and_in_one_way(#[case] set: &[(&str, &str)], #[case] is_usable: bool) {
        let mut configuration = Configuration::new();
        set.iter().for_each(|(key, value)| {
            configuration.set(format!("autoscaler.standalone.fetcher.yarn.{key}"), *value, Origin::Flag);
        });
        let options = YarnSourceOptions::checked(&configuration).unwrap();
        assert_eq!(options.manager_access().is_ok(), is_usable);
    }
}
