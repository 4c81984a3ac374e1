//! Which proxy stands between us and a cluster.

use std::fmt;

use autoscaler_core::options::Shown;
use autoscaler_core::options::value::OptionValue;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::secret::url_secrets;

/// The variables that name a proxy, in lower case.
const VARIABLES: [&str; 3] = ["http_proxy", "https_proxy", "all_proxy"];

/// The proxy by whose way a cluster is reached.
#[derive(Clone, Default)]
#[non_exhaustive]
pub enum ProxyChoice {
    /// None: as Flink's own clients do.
    #[default]
    None,
    /// The one that `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` name, in capitals or not.
    Environment,
    /// The one at a URL, which may hold a user and a password.
    At(SecretString),
}

impl PartialEq for ProxyChoice {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::None, Self::None) | (Self::Environment, Self::Environment) => true,
            (Self::At(url), Self::At(other)) => url.expose_secret() == other.expose_secret(),
            _ => false,
        }
    }
}

/// Without the URL, which may hold a password.
impl fmt::Debug for ProxyChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "none",
            Self::Environment => "environment",
            Self::At(_) => "at a URL",
        })
    }
}

impl OptionValue for ProxyChoice {
    const EXPECTED: &'static str = "none, environment or http://[user:password@]host:port";
    const SHOWN: Shown = Shown::Nothing;

    fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.is_empty() || text.eq_ignore_ascii_case("none") {
            return Some(Self::None);
        }
        if text.eq_ignore_ascii_case("environment") {
            return Some(Self::Environment);
        }
        let url = Url::parse(text).ok()?;
        let is_proxy = matches!(url.scheme(), "http" | "https")
            && url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none();
        is_proxy.then(|| Self::At(SecretString::from(text)))
    }
}

impl ProxyChoice {
    /// The passwords that go to it.
    pub(super) fn secrets(&self) -> Vec<SecretString> {
        let of = |text: &str| Url::parse(text).map_or(Vec::new(), |url| url_secrets(&url));
        match self {
            Self::None => Vec::new(),
            Self::At(url) => of(url.expose_secret()),
            Self::Environment => {
                let names = VARIABLES.iter().flat_map(|name| [(*name).to_owned(), name.to_uppercase()]);
                names.filter_map(|name| std::env::var(name).ok()).flat_map(|text| of(&text)).collect()
            }
        }
    }

    /// Whether it may be one that is spoken to by TLS.
    pub(crate) fn may_speak_tls(&self) -> bool {
        match self {
            Self::None => false,
            Self::Environment => true,
            Self::At(url) => url.expose_secret().starts_with("https:"),
        }
    }

    /// The client with it.
    ///
    /// # Errors
    /// The URL can't be a proxy's.
    pub(crate) fn apply(&self, builder: reqwest::ClientBuilder) -> reqwest::Result<reqwest::ClientBuilder> {
        Ok(match self {
            Self::None => builder.no_proxy(),
            Self::Environment => builder,
            Self::At(url) => builder.proxy(reqwest::Proxy::all(url.expose_secret())?),
        })
    }
}
