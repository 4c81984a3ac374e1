//! Where the clusters are, as options say.

use std::collections::HashMap;

use autoscaler_core::options::{Configuration, InvalidOption, OptionSpec};

use crate::client::FlinkClient;
use crate::options::{ClusterAccessOptions, FlinkClusterOptions};

/// Where a cluster is. Its URL may hold a password.
pub(super) struct Place {
    /// The name it is given, if it is given one.
    pub(super) name: Option<String>,
    pub(super) url: String,
    /// Whether it is one of `addresses`, of which there may be several.
    pub(super) is_in_list: bool,
    /// The option that says so, and where in it.
    pub(super) option: String,
}

/// All clusters: those of `addresses`, else the one of `host` and `port`.
///
/// # Errors
/// An option that can't be used, an entry that is none, two that are the same, or both ways at once.
pub(super) fn places(configuration: &Configuration) -> Result<Vec<Place>, InvalidOption> {
    let options = FlinkClusterOptions::checked(configuration)?;
    let row = |key: &str| FlinkClusterOptions::SPECS.iter().find(|row| row.key.ends_with(key));
    let set = |key: &str| row(key).and_then(|row| row.key_set_in(configuration));
    let Some((entries, addresses)) = options.addresses.zip(set(".addresses")) else {
        let option = set(".host").unwrap_or("autoscaler.standalone.fetcher.flink-cluster.host").to_owned();
        return Ok(vec![Place {
            name: None,
            url: FlinkClusterOptions::url(configuration)?,
            is_in_list: false,
            option,
        }]);
    };
    let from = |key| configuration.origin(key).map_or(String::new(), |origin| format!(" (from {origin})"));
    if let Some(other) = set(".host").or_else(|| set(".port")) {
        let (from, other_from) = (from(addresses), from(other));
        let problem = format!("{from} and {other}{other_from} both say where clusters are: leave one of them out");
        return Err(InvalidOption::new(addresses, problem.trim_start()));
    }
    let invalid =
        |problem: String| InvalidOption::new(addresses, format_args!("{}: {problem}", from(addresses).trim_start()));
    if entries.is_empty() {
        return Err(invalid("it is empty; expected URLs such as http://jobmanager:8081".to_owned()));
    }
    let mut found = Vec::new();
    let (mut names, mut seen) = (HashMap::new(), HashMap::new());
    for (number, entry) in (1..).zip(&entries) {
        // The entry is not shown: it may hold a password.
        let unusable = |problem: &str| invalid(format!("its entry number {number} can't be used: {problem}"));
        let (name, url) = name_and_url(entry).map_err(|problem| unusable(&problem))?;
        let place = FlinkClient::place_of(url).map_err(|problem| unusable(&problem))?;
        if let Some(other) = seen.insert(place.clone(), number) {
            return Err(invalid(format!("its entries number {other} and {number} are the same place, {place}")));
        }
        if let Some(name) = name
            && let Some(other) = names.insert(name, number)
        {
            return Err(invalid(format!("its entries number {other} and {number} have the same name, {name}")));
        }
        let option = format!("{addresses}, entry number {number}");
        found.push(Place { name: name.map(str::to_owned), url: url.to_owned(), is_in_list: true, option });
    }
    Ok(found)
}

/// The parts of an entry.
fn name_and_url(entry: &str) -> Result<(Option<&str>, &str), String> {
    let entry = entry.trim();
    let Some((name, url)) = entry.split_once('=').filter(|(name, _)| !name.contains("://")) else {
        return Ok((None, entry));
    };
    let name = name.trim();
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if name.is_empty() || name.len() > 63 || !name.bytes().all(is_part) {
        return Err("expected a name of up to 63 letters, digits, '-' and '_' before the '='".to_owned());
    }
    if is_taken(name) {
        return Err(format!("'{name}' begins options that hold for all clusters, and can't be the name of one"));
    }
    Ok((Some(name), url.trim()))
}

/// Whether the keys of a cluster of that name would be mistaken for others.
fn is_taken(name: &str) -> bool {
    let begins = |row: &OptionSpec| {
        let key = row.key.strip_prefix("autoscaler.standalone.fetcher.flink-cluster.");
        key.and_then(|key| key.split('.').next()) == Some(name)
    };
    FlinkClusterOptions::SPECS.iter().chain(ClusterAccessOptions::SPECS).any(begins)
}
