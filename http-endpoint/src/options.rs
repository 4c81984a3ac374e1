//! Where the endpoint listens, and who may ask.

use std::fmt;
use std::path::PathBuf;

use autoscaler_core::options::value::OptionValue;
use autoscaler_core::options::{Configuration, InvalidOption, Shown};

autoscaler_core::options! {
    /// The options of the endpoint.
    HttpOptions, prefix "autoscaler.standalone.http." {
        #[doc = "Address for health, metrics and the JSON API, as host:port; off for none."]
        address: ListenAddress = "address", "127.0.0.1:8090", &[];
        #[doc = "File with the token that requests must carry (Authorization: Bearer ...); it is read again when it changes. FLINK_AUTOSCALER_HTTP_TOKEN holds the token itself."]
        token_file: String = "token-file", none, &[];
    }
}

/// Where the endpoint listens, as `host:port`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ListenAddress {
    /// Nowhere.
    Off,
    /// At a host.
    At {
        /// Its name or address, an IPv6 address without brackets.
        host: String,
        /// The port; 0 has the system choose one, which is said at start.
        port: u16,
    },
}

impl OptionValue for ListenAddress {
    const EXPECTED: &'static str = "host:port, such as 127.0.0.1:8090, or off";
    // Whatever stands there may be a password in the wrong place.
    const SHOWN: Shown = Shown::Nothing;

    fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.eq_ignore_ascii_case("off") {
            return Some(Self::Off);
        }
        let (host, port) = text.rsplit_once(':')?;
        let port = port.parse().ok()?;
        let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        let is_host =
            bare.map_or_else(|| !host.is_empty() && !host.contains([':', '/', '@']), |bare| bare.contains(':'));
        is_host.then(|| Self::At { host: bare.unwrap_or(host).to_owned(), port })
    }
}

impl fmt::Display for ListenAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Off => f.write_str("off"),
            Self::At { host, port } if host.contains(':') => write!(f, "[{host}]:{port}"),
            Self::At { host, port } => write!(f, "{host}:{port}"),
        }
    }
}

impl HttpOptions {
    /// Reads and checks the options in `configuration`.
    ///
    /// # Errors
    /// The first option that can't be used: its key, its value and what is allowed.
    pub fn from_configuration(configuration: &Configuration) -> Result<Self, InvalidOption> {
        Self::checked(configuration)
    }

    /// Whether somebody chose the address: then it must be had.
    pub(crate) fn is_chosen(configuration: &Configuration) -> bool {
        Self::SPECS.first().is_some_and(|spec| spec.key_set_in(configuration).is_some())
    }

    pub(crate) fn token_file(&self) -> Option<PathBuf> {
        self.token_file.as_ref().map(PathBuf::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use autoscaler_core::options::Origin;

    const ADDRESS: &str = "autoscaler.standalone.http.address";

    fn listens_at(text: &str) -> Result<Option<(String, u16)>, String> {
        let mut configuration = Configuration::new();
        configuration.set(ADDRESS, text, Origin::Flag);
        let options = HttpOptions::from_configuration(&configuration).map_err(|error| error.to_string())?;
        Ok(match options.address {
            ListenAddress::Off => None,
            ListenAddress::At { host, port } => Some((host, port)),
        })
    }

    #[test]
    fn addresses_are_read() {
        let at = |host: &str, port| Ok(Some((host.to_owned(), port)));
        assert_eq!(listens_at("127.0.0.1:8090"), at("127.0.0.1", 8090));
        assert_eq!(listens_at(" [::1]:0 "), at("::1", 0));
        assert_eq!(listens_at("localhost:80"), at("localhost", 80));
        assert_eq!((listens_at("off"), listens_at("OFF")), (Ok(None), Ok(None)));
        for odd in ["", "8090", ":8090", "::1:8090", "host:", "host:65536", "http://host:80", "[host]:80", "a@b:80"] {
            let error = listens_at(odd).unwrap_err();
            assert!(error.contains(ADDRESS) && error.contains("expected host:port"), "{odd}: {error}");
        }
    }
}
