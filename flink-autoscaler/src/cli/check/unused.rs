//! Options that are set and have no effect, as others count or what they are about is off.

use autoscaler::autoscaler_core::options::value::OptionValue;
use autoscaler::autoscaler_core::options::{Configuration, OptionSpec};

use super::report::Finding;
use crate::configuration::OptionTable;

/// Switches, and the options that do nothing unless they are on.
const SWITCHED: [(&str, &[&str]); 2] = [
    (
        "job.autoscaler.observed-scalability.enabled",
        &[
            "job.autoscaler.observed-scalability.min-observations",
            "job.autoscaler.observed-scalability.coefficient-min",
        ],
    ),
    ("job.autoscaler.restart.time-tracking.enabled", &["job.autoscaler.restart.time-tracking.limit"]),
];

/// Options of the database that JDBC stands for.
const OF_SERVERS: [&str; 4] = [
    "autoscaler.standalone.jdbc.url",
    "autoscaler.standalone.jdbc.username",
    "autoscaler.standalone.jdbc.password-env-variable",
    "autoscaler.standalone.jdbc.password-file",
];
/// Options of any database.
const OF_ANY: [&str; 3] = [
    "autoscaler.standalone.jdbc.migrate",
    "autoscaler.standalone.jdbc.timeout",
    "autoscaler.standalone.jdbc.max-connections",
];

/// What is set for nothing.
pub(super) fn check(table: &OptionTable, configuration: &Configuration) -> Vec<Finding> {
    let mut found: Vec<Finding> = table.rows().flat_map(|row| of_two_names(row, configuration)).collect();
    let set = |key: &str| table.rows().find(|row| row.key == key).and_then(|row| row.key_set_in(configuration));
    for (switch, keys) in SWITCHED {
        let is_on = set(switch).and_then(|key| configuration.get(key)).and_then(bool::read).unwrap_or(false);
        for key in keys.iter().filter(|_| !is_on).filter_map(|key| set(key)) {
            found.push(Finding::warning(
                format!("{key} has no effect: {switch} is off"),
                format!("set {switch} to true, or leave {key} out"),
            ));
        }
    }
    let bounds = ["utilization.max", "utilization.min"].map(|key| set(&format!("job.autoscaler.{key}")));
    if let ([Some(most), Some(least)], Some(key)) = (bounds, set("job.autoscaler.target.utilization.boundary")) {
        found.push(Finding::warning(
            format!("{key} has no effect: {most} and {least} are the bounds"),
            format!("leave {key} out, or {most} and {least}"),
        ));
    }
    let newer = set("job.autoscaler.scaling.parallelism-alignment.mode");
    if let (Some(newer), Some(older)) = (newer, set("job.autoscaler.scaling.key-group.partitions.adjust.mode")) {
        found.push(Finding::warning(
            format!("{older} has no effect: {newer} is set, and counts"),
            format!("leave {older} out"),
        ));
    }
    found.extend(of_stores(&set, configuration));
    found
}

/// Of an option that is set under several of its names, the strongest counts.
fn of_two_names(row: &OptionSpec, configuration: &Configuration) -> Vec<Finding> {
    let Some(counts) = row.key_set_in(configuration) else { return Vec::new() };
    let others = row.alternatives.iter().filter(|key| **key != counts && configuration.get(key).is_some());
    let finding = |key: &&str| {
        let told = configuration.origin(key).map_or(String::new(), |origin| format!(" (from {origin})"));
        Finding::warning(
            format!("{key}{told} has no effect: {counts} names the same option, and counts"),
            format!("leave {key} out"),
        )
    };
    others.map(finding).collect()
}

/// Options of places where nothing is kept or served.
fn of_stores(set: &impl Fn(&str) -> Option<&'static str>, configuration: &Configuration) -> Vec<Finding> {
    let is =
        |key: &str, name: &str| configuration.get(key).is_some_and(|text| text.to_ascii_uppercase().contains(name));
    let (store, handler) = ("autoscaler.standalone.state-store.type", "autoscaler.standalone.event-handler.type");
    let mut idle: Vec<(&str, String)> = Vec::new();
    if !is(store, "SQLITE") {
        idle.push(("autoscaler.standalone.state-store.sqlite.file", format!("{store} is not SQLITE")));
    }
    let why = format!("{store} and {handler} name no JDBC");
    let names_jdbc = is(store, "JDBC") || is(handler, "JDBC");
    let of_servers = if names_jdbc { &[] } else { &OF_SERVERS[..] };
    // Those of any database hold for a SQLite file, too.
    let of_any = if names_jdbc || is(store, "SQLITE") { &[] } else { &OF_ANY[..] };
    idle.extend(of_servers.iter().chain(of_any).map(|key| (*key, why.clone())));
    if !is(handler, "JDBC") {
        idle.push(("autoscaler.standalone.jdbc.event-handler.ttl", format!("{handler} names no JDBC")));
    }
    if is("autoscaler.standalone.http.address", "OFF") {
        let off = "autoscaler.standalone.http.address is off".to_owned();
        idle.push(("autoscaler.standalone.http.token-file", off.clone()));
        idle.push(("autoscaler.standalone.metrics.max-series", off));
    }
    let finding = |(key, why): (&str, String)| {
        let key = set(key)?;
        Some(Finding::warning(format!("{key} has no effect: {why}"), format!("change that, or leave {key} out")))
    };
    idle.into_iter().filter_map(finding).collect()
}

#[cfg(test)]
mod tests {
    use autoscaler::autoscaler_core::options::Origin;

    use super::*;

    #[track_caller]
    fn finds(options: &[(&str, &str)], expected: &[&str]) {
        let mut configuration = Configuration::new();
        options.iter().for_each(|(key, value)| configuration.set(*key, *value, Origin::Flag));
        let found = check(&OptionTable::new(&autoscaler::compiled_in()), &configuration);
        let texts: Vec<&str> = found.iter().map(|finding| finding.text.as_str()).collect();
        assert_eq!(texts.len(), expected.len(), "{options:?}: {texts:?}");
        expected.iter().for_each(|part| assert!(texts.iter().any(|text| text.contains(part)), "{part}: {texts:?}"));
    }

    #[test]
    fn what_is_set_for_nothing_is_named_with_what_counts() {
        finds(&[], &[]);
        finds(
            &[("scalingInterval", "1 s"), ("autoscaler.standalone.control-loop.interval", "2 s")],
            &["scalingInterval (from the command line) has no effect"],
        );
        let limit = ("job.autoscaler.restart.time-tracking.limit", "10 min");
        finds(&[limit], &["job.autoscaler.restart.time-tracking.enabled is off"]);
        finds(&[limit, ("job.autoscaler.restart.time-tracking.enabled", "true")], &[]);
        finds(&[("job.autoscaler.memory.tuning.overhead", "0.3")], &[]);
        let (most, least) = (("job.autoscaler.utilization.max", "0.9"), ("job.autoscaler.utilization.min", "0.3"));
        let boundary = ("job.autoscaler.target.utilization.boundary", "0.2");
        finds(&[most, boundary], &[]);
        finds(&[most, least, boundary], &["boundary has no effect"]);
        finds(
            &[
                ("job.autoscaler.scaling.parallelism-alignment.mode", "OFF"),
                ("kubernetes.operator.job.autoscaler.scaling.key-group.partitions.adjust.mode", "EVENLY_SPREAD"),
            ],
            &["adjust.mode has no effect"],
        );
    }

    #[test]
    fn options_of_what_is_not_in_use() {
        let store = |name| ("autoscaler.standalone.state-store.type", name);
        let url = ("autoscaler.standalone.jdbc.url", "sqlite:x");
        let timeout = ("autoscaler.standalone.jdbc.timeout", "5 s");
        finds(&[url, timeout], &["jdbc.url has no effect", "jdbc.timeout has no effect"]);
        finds(&[store("jdbc"), url, timeout], &[]);
        finds(&[store("sqlite"), url, timeout], &["jdbc.url has no effect"]);
        finds(&[("autoscaler.standalone.event-handler.type", "logging,jdbc"), url, timeout], &[]);
        finds(&[("autoscaler.standalone.state-store.sqlite.file", "x")], &["is not SQLITE"]);
        let off = ("autoscaler.standalone.http.address", "off");
        finds(&[off, ("autoscaler.standalone.http.token-file", "x")], &["http.address is off"]);
    }
}
