//! Which cluster to watch, where it is a single one at a fixed address.

use autoscaler_core::options::value::MemorySize;
use autoscaler_core::options::{Configuration, InvalidOption};

autoscaler_core::options! {
    /// Where the one cluster of the source `FLINK_CLUSTER` is.
    FlinkClusterOptions, prefix "autoscaler.standalone.fetcher.flink-cluster." {
        #[doc = "Host of the cluster's REST API, or its URL: https://gateway/flink/a."]
        host: String = "host", "localhost", &["flinkClusterHost"];
        #[doc = "Port of the cluster's REST API."]
        port: i32 = "port", "8081", &["flinkClusterPort"];
        #[doc = "The largest answer of the cluster that is read."]
        max_answer_size: MemorySize = "max-answer-size", "100 mb", &[];
    }
}

impl FlinkClusterOptions {
    /// The URL of the cluster's REST API. The host may be a URL itself, with or without a port; an IPv6 address gets its
    /// brackets.
    ///
    /// # Errors
    /// An option that can't be used. The host's text may hold a password, and is not shown.
    pub fn url(configuration: &Configuration) -> Result<String, InvalidOption> {
        let [host_spec, port_spec, ..] = Self::SPECS else {
            return Err(InvalidOption::new("host", "is not in the table"));
        };
        let options = Self::read(configuration)?;
        let host_key = host_spec.key_set_in(configuration).unwrap_or(host_spec.key);
        let port_key = port_spec.key_set_in(configuration);
        let invalid_port = || {
            let problem = format_args!("has the value '{}': expected 1 to 65535", options.port);
            InvalidOption::new(port_key.unwrap_or(port_spec.key), problem)
        };
        let port = u16::try_from(options.port).ok().filter(|port| *port > 0).ok_or_else(invalid_port)?;
        let (scheme, rest) = options.host.trim().split_once("://").unwrap_or(("http", options.host.trim()));
        let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        let (credentials, host) = match authority.rsplit_once('@') {
            Some((credentials, host)) => (format!("{credentials}@"), host),
            None => (String::new(), authority),
        };
        if host.is_empty() {
            return Err(InvalidOption::new(host_key, "names no host: expected a host or a URL"));
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
                let named: String = named.chars().take(10).collect();
                let problem = format_args!(
                    "has a port of its own, {named}, and {} says {port}: expected one of them",
                    port_key.unwrap_or(port_spec.key)
                );
                Err(InvalidOption::new(host_key, problem))
            }
        }
    }
}

#[cfg(test)]
mod tests;
