//! Which clusters to watch, where they are at fixed addresses, and how they are reached.

mod access;

use autoscaler_core::options::{Configuration, InvalidOption};

pub use access::ClusterAccessOptions;

autoscaler_core::options! {
    /// Where the clusters of the source `FLINK_CLUSTER` are.
    FlinkClusterOptions, prefix "autoscaler.standalone.fetcher.flink-cluster." {
        #[doc = "Host of the cluster's REST API, or its URL: https://gateway/flink/a."]
        host: String = "host", "localhost", &["flinkClusterHost"] => secret();
        #[doc = "Port of the cluster's REST API."]
        port: i32 = "port", "8081", &["flinkClusterPort"] => within(1.0, 65535.0);
        #[doc = "URLs of several clusters' REST APIs, instead of host and port; each may have a name: orders=https://gateway/flink/a."]
        addresses: Vec<String> = "addresses", none, &[] => secret();
    }
}

impl FlinkClusterOptions {
    /// The URL of the one cluster's REST API. The host may be a URL itself, with or without a port; an IPv6 address gets its
    /// brackets.
    ///
    /// # Errors
    /// An option that can't be used. The host's text may hold a password, and is not shown.
    pub fn url(configuration: &Configuration) -> Result<String, InvalidOption> {
        let [host_spec, port_spec, ..] = Self::SPECS else {
            return Err(InvalidOption::new("host", "is not in the table"));
        };
        let options = Self::checked(configuration)?;
        let port = options.port;
        let invalid_host = |expected: &str| host_spec.invalid(configuration, expected);
        let port_key = port_spec.key_set_in(configuration);
        let (scheme, rest) = options.host.trim().split_once("://").unwrap_or(("http", options.host.trim()));
        let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        let (credentials, host) = match authority.rsplit_once('@') {
            Some((credentials, host)) => (format!("{credentials}@"), host),
            None => (String::new(), authority),
        };
        if host.is_empty() {
            return Err(invalid_host("a host or a URL, and it names no host"));
        }
        // Else what follows the first of them would be taken for a path, and shown in every error.
        if path.contains('@') {
            return Err(invalid_host(
                "no '@' behind the first '/', '?' or '#': in a password write / as %2F, ? as %3F and # as %23",
            ));
        }
        if !host.starts_with('[') && host.matches(':').count() > 1 {
            return Ok(format!("{scheme}://{credentials}[{host}]:{port}{path}"));
        }
        match host.rsplit_once(':').filter(|(_, end)| !end.contains(']')) {
            None => Ok(format!("{scheme}://{credentials}{host}:{port}{path}")),
            Some((_, named)) if port_key.is_none() || named == port.to_string() => {
                Ok(format!("{scheme}://{credentials}{host}{path}"))
            }
            Some((_, named)) => {
                let is_port = !named.is_empty() && named.len() <= 5 && named.bytes().all(|b| b.is_ascii_digit());
                let named = if is_port { format!(", {named},") } else { String::new() };
                let port_key = port_key.unwrap_or(port_spec.key);
                Err(invalid_host(&format!(
                    "no port in it where {port_key} says {port}: it has one of its own{named} behind its ':'"
                )))
            }
        }
    }
}

#[cfg(test)]
mod tests;
