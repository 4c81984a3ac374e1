//! How ResourceManagers are reached, and their proxy.

use std::collections::BTreeMap;

use autoscaler_core::options::{Configuration, InvalidOption};
use flink_rest::{ClusterAccess, ClusterAccessOptions, ProxyChoice};

const PREFIX: &str = "autoscaler.standalone.fetcher.yarn.";

autoscaler_core::options! {
    /// How ResourceManagers are reached, and their proxy.
    ManagerAccessOptions, prefix "autoscaler.standalone.fetcher.yarn." {
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
        #[doc = "Environment variable with the password of auth.username, if there is no file."]
        password_variable: String = "auth.password-env-variable", none, &[];
        #[doc = "File with the token that a ResourceManager is asked with (Authorization: Bearer ...)."]
        token_file: String = "auth.token-file", none, &[];
        #[doc = "Environment variable with that token, if there is no file."]
        token_variable: String = "auth.token-env-variable", none, &[];
        #[doc = "Further headers of requests to ResourceManagers, and files that hold their values."]
        header_files: BTreeMap<String, String> = "header-files", none, &[] => secret();
        #[doc = "Proxy by whose way ResourceManagers are reached; environment: the one that HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY say."]
        proxy: ProxyChoice = "proxy", "none", &[] => secret();
    }
}

impl ManagerAccessOptions {
    /// How ResourceManagers are reached, and their proxy.
    ///
    /// # Errors
    /// An option that can't be used, that lacks another, or that says the same as another.
    pub fn of(configuration: &Configuration) -> Result<ClusterAccess, InvalidOption> {
        let own = Self::checked(configuration)?;
        let access = ClusterAccessOptions {
            ca_file: own.ca_file,
            client_certificate_file: own.client_certificate_file,
            client_key_file: own.client_key_file,
            username: own.username,
            password_file: own.password_file,
            password_variable: own.password_variable,
            token_file: own.token_file,
            token_variable: own.token_variable,
            headers: None,
            header_files: own.header_files,
            proxy: own.proxy,
            // How large answers may be and how many requests go at once is said for all.
            ..ClusterAccessOptions::checked(configuration)?
        };
        access.access_under(PREFIX)
    }
}

#[cfg(test)]
mod tests {
    use autoscaler_core::options::Origin;

    use super::*;

    #[rstest::rstest]
    #[case(&[], "")]
    #[case(&[("auth.username", "me"), ("auth.password-file", "/p")], "")]
    #[case(&[("auth.username", "me"), ("auth.password-env-variable", "CARGO_MANIFEST_DIR"), ("proxy", "http://p:3128")], "")]
    #[case(&[("auth.token-file", "/t"), ("tls.client-certificate-file", "/c"), ("tls.client-key-file", "/k")], "")]
    #[case(&[("auth.username", "me")], "auth.username needs autoscaler.standalone.fetcher.yarn.auth.password-file")]
    #[case(&[("auth.password-file", "/p")], "auth.password-file needs")]
    #[case(&[("auth.username", "m:e"), ("auth.password-file", "/p")], "auth.username has a ':'")]
    #[case(&[("auth.token-env-variable", "NO_SUCH_VARIABLE_HERE")], "auth.token-env-variable names an environment")]
    #[case(&[("auth.token-file", "/t"), ("auth.username", "me"), ("auth.password-file", "/p")], "auth.username and")]
    #[case(&[("tls.client-key-file", "/k")], "tls.client-key-file needs")]
    fn who_we_are_is_said_whole_and_in_one_way(#[case] set: &[(&str, &str)], #[case] problem: &str) {
        let mut configuration = Configuration::new();
        set.iter().for_each(|(key, value)| configuration.set(format!("{PREFIX}{key}"), *value, Origin::Flag));
        let told = ManagerAccessOptions::of(&configuration).err().map(|error| error.to_string()).unwrap_or_default();
        let expected = if problem.is_empty() { String::new() } else { format!("{PREFIX}{problem}") };
        assert!(told.contains(&expected) && told.is_empty() == problem.is_empty(), "{told}");
    }
}
