//! Where a cluster's REST API is.

use reqwest::Method;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::access::url_secrets;

/// The longest endpoint that errors show: queries of metrics can be thousands of characters long.
const LONGEST_SHOWN: usize = 300;

/// How much of what a server says is looked through for secrets, bytes: beyond what is shown of it.
const LOOKED_THROUGH: usize = 64 << 10;

/// The base of all URLs of a cluster.
pub(super) struct Address {
    /// With user and password.
    base: Url,
    /// As it may be shown.
    shown: String,
    place: String,
    is_https: bool,
    has_credentials: bool,
    /// The password, as it is written in the URL and as it is meant.
    secrets: Vec<SecretString>,
}

impl Address {
    /// Reads a URL; the problem says nothing of its text, which may hold a password.
    pub(super) fn parse(base: &str) -> Result<Self, String> {
        let url = Url::parse(base.trim()).map_err(|problem| problem.to_string())?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err("expected http:// or https://".to_owned());
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err("expected no ? and no #".to_owned());
        }
        // Else what follows a / in a password would be taken for a path, and shown in every error.
        if url.path().contains('@') {
            return Err("expected no @ behind the first /: in a password write / as %2F".to_owned());
        }
        Ok(Self {
            shown: without_credentials(&url).as_str().trim_end_matches('/').to_owned(),
            // Host and port are there in any HTTP URL.
            place: format!(
                "{}:{}{}",
                url.host_str().unwrap_or_default(),
                url.port_or_known_default().unwrap_or_default(),
                url.path().trim_end_matches('/'),
            ),
            has_credentials: !url.username().is_empty() || url.password().is_some(),
            is_https: url.scheme() == "https",
            secrets: url_secrets(&url),
            base: url,
        })
    }

    pub(super) fn is_https(&self) -> bool {
        self.is_https
    }

    pub(super) fn shown(&self) -> &str {
        &self.shown
    }

    pub(super) fn has_credentials(&self) -> bool {
        self.has_credentials
    }

    /// Host, port and prefix.
    pub(super) fn place(&self) -> &str {
        &self.place
    }

    /// The URL of a path below the base, with its query. Host and credentials, which cost more to read than all else,
    /// have been read.
    pub(super) fn url(&self, path: &str) -> Url {
        let (path, query) = path.split_once('?').map_or((path, None), |(path, query)| (path, Some(query)));
        let mut url = self.base.clone();
        match self.base.path().trim_end_matches('/') {
            "" => url.set_path(path),
            prefix => url.set_path(&[prefix, path].concat()),
        }
        url.set_query(query);
        url
    }

    /// What a server says, as it may be shown: a gateway may repeat the credentials it was sent, those in the URL or
    /// others, as `repeats_secret` tells. `whole` is what it is of, which may have been cut in the middle of a secret.
    pub(super) fn hide(&self, said: String, whole: &[u8], repeats_secret: impl Fn(&str) -> bool) -> String {
        let whole = String::from_utf8_lossy(&whole[..whole.len().min(LOOKED_THROUGH)]);
        let lower = said.to_ascii_lowercase();
        let is_header = ["authorization:", "basic ", "bearer "].iter().any(|header| lower.contains(header));
        let is_of_url = |text: &str| self.secrets.iter().any(|secret| text.contains(secret.expose_secret()));
        if is_header || [said.as_str(), &*whole].into_iter().any(|text| is_of_url(text) || repeats_secret(text)) {
            return "what it says is left out, as credentials are in it".to_owned();
        }
        said
    }

    /// A request as errors show it.
    pub(super) fn endpoint(&self, method: &Method, path: &str) -> String {
        let room = LONGEST_SHOWN.saturating_sub(method.as_str().len() + 1 + self.shown.len());
        let (path, rest) = path.split_at(path.floor_char_boundary(room));
        [method.as_str(), " ", &self.shown, path, if rest.is_empty() { "" } else { "…" }].concat()
    }
}

/// A URL as it may be shown: its user and password left out.
pub fn without_credentials(url: &Url) -> Url {
    let mut url = url.clone();
    // Only a URL without a host refuses, and that has neither.
    let _no_host = url.set_username("");
    let _no_host = url.set_password(None);
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_may_have_a_path_and_credentials() {
        let address = Address::parse("https://me:se%40cret@gateway:8443/flink/ns/job/").unwrap();
        assert_eq!(
            address.url("/jobs?get=a,b").as_str(),
            "https://me:se%40cret@gateway:8443/flink/ns/job/jobs?get=a,b"
        );
        assert_eq!(address.shown(), "https://gateway:8443/flink/ns/job");
        assert_eq!(address.endpoint(&Method::GET, "/jobs"), "GET https://gateway:8443/flink/ns/job/jobs");
        assert!(address.endpoint(&Method::GET, &format!("/{}", "é".repeat(400))).ends_with("é…"));
    }

    #[test]
    fn a_url_is_what_its_text_reads_as() {
        for base in ["http://h:1", "http://h/", "https://u:p@[::1]:8443/a/b/", "http://127.0.0.1:8081/%7Eme"] {
            for path in [
                "/jobs/overview",
                "/jobs/1/metrics?get=1.a%20b%2Cc,d%C3%A9",
                "/taskmanagers/metrics?get=a&agg=min",
                "/",
            ] {
                let text = format!("{}{path}", base.trim_end_matches('/'));
                assert_eq!(Address::parse(base).unwrap().url(path), Url::parse(&text).unwrap());
            }
        }
    }

    #[test]
    fn credentials_that_a_server_repeats_are_not_repeated() {
        let address = Address::parse("https://me:se%40cret@gateway").unwrap();
        for said in ["no user with se@cret", "se%40cret is wrong", "Authorization: Basic bWU6c2VAY3JldA=="] {
            assert_eq!(
                address.hide(said.to_owned(), &[], |_| false),
                "what it says is left out, as credentials are in it"
            );
        }
        assert_eq!(address.hide("Job not found".to_owned(), &[], |_| false), "Job not found");
        for said in ["who is t0ken?", "who is t0k"] {
            let said = address.hide(said.to_owned(), b"who is t0ken?", |said| said.contains("t0ken"));
            assert_eq!(said, "what it says is left out, as credentials are in it");
        }
    }

    #[test]
    fn what_is_no_address_is_refused_without_showing_it() {
        for text in [
            "me:secret@host",
            "ftp://me:secret@host",
            "http://me:secret@",
            "http://me:secret@host/?a",
            "secret",
            "http://me:1/secret@host",
        ] {
            let problem = Address::parse(text).err().unwrap();
            assert!(!problem.contains("secret"), "{problem}");
        }
    }
}
