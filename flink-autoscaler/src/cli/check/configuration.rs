//! Where options come from, what they come to, and which of them can't be meant.

use std::collections::BTreeMap;
use std::time::Duration;

use autoscaler::autoscaler_core::options::{Configuration, JobOptions, OptionSpec, Shown, shown_value};
use autoscaler::autoscaler_runtime::RuntimeOptions;

use super::report::{Finding, Level, Report, Section, Value, counted};
use super::{contradictions, unused};
use crate::cli::time_zone;
use crate::configuration::{Loaded, OptionTable};

/// Checks the options of the process, which hold for every job.
pub(super) fn check(report: &mut Report, table: &OptionTable, loaded: &Loaded, all_values: bool) {
    let configuration = &loaded.configuration;
    report.values = values(table, configuration, all_values);
    let section = report.section("Options");
    sources(section, configuration);
    let warning = |remark: &String| Finding::says_it_all(Level::Warning, remark);
    section.extend(loaded.remarks.iter().map(warning));
    let unusable: Vec<Finding> = table
        .rows()
        .filter_map(|row| row.check(configuration).err())
        .map(|invalid| Finding::says_it_all(Level::Error, invalid.to_string()))
        .collect();
    let is_usable = unusable.is_empty();
    section.extend(unusable);
    let options = match JobOptions::of_process(configuration) {
        Ok(options) => Some(options),
        // Each value by itself is told already.
        Err(_) if !is_usable => None,
        Err(invalid) => {
            section.add(Finding::says_it_all(Level::Error, invalid.to_string()));
            None
        }
    };
    let of_jobs = options.iter().flat_map(|options| &options.remarks).map(|remark| remark.text.clone());
    let remarks: Vec<String> = of_jobs.chain(table.remarks(configuration)).collect();
    section.extend(remarks.iter().map(warning));
    section.extend(unused::check(table, configuration));
    let (zone, remark) = time_zone::time_zone(std::env::var_os("TZ"));
    section.extend(remark.map(|remark| Finding::warning(remark, "set TZ to the name of a time zone")));
    if let Some(options) = options {
        section.extend(contradictions::of_job(&options, interval(configuration), zone));
    }
    if let Ok(process) = RuntimeOptions::from_configuration(configuration) {
        section.extend(contradictions::of_process(&process, configuration));
    }
}

/// Time between two cycles; the default where the option can't be used.
pub(super) fn interval(configuration: &Configuration) -> Duration {
    let options = RuntimeOptions::from_configuration(configuration);
    options.map_or(Duration::from_secs(10), |options| options.interval)
}

fn sources(section: &mut Section, configuration: &Configuration) {
    let mut by_origin: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for (key, _) in configuration.iter() {
        let Some(origin) = configuration.origin(key) else { continue };
        let (all, ours) = by_origin.entry(origin.to_string()).or_default();
        *all += 1;
        *ours += usize::from(is_ours(key));
    }
    if by_origin.is_empty() {
        section.ok("all options have their defaults: FLINK_CONF_DIR names no file, and the command line sets none");
    }
    for (origin, (all, ours)) in by_origin {
        let others = if all > ours { format!(", and {} of others, such as Flink", all - ours) } else { String::new() };
        section.ok(format!("from {origin}: {} of the autoscaler{others}", counted(&ours, "option")));
    }
    let variable = configuration.get("autoscaler.standalone.jdbc.password-env-variable").unwrap_or("JDBC_PWD");
    let named = if variable == "JDBC_PWD" { variable } else { "the variable of jdbc.password-env-variable" };
    for (name, shown) in [(variable, named), ("FLINK_AUTOSCALER_HTTP_TOKEN", "FLINK_AUTOSCALER_HTTP_TOKEN")] {
        // A name that no variable can have would be a bug of std's to ask for.
        let is_name = !name.is_empty() && !name.contains(['=', '\0']);
        if is_name && std::env::var_os(name).is_some_and(|value| !value.is_empty()) {
            section.ok(format!("from the environment: {shown} is set (not shown)"));
        }
    }
}

/// Whether a key is one of the autoscaler's, old names included.
fn is_ours(key: &str) -> bool {
    let plain = key.strip_prefix("kubernetes.operator.").unwrap_or(key);
    plain.starts_with("autoscaler.") || plain.starts_with("job.autoscaler.") || !plain.contains('.')
}

fn values(table: &OptionTable, configuration: &Configuration, all: bool) -> Vec<Value> {
    let rows = table.rows().filter(|row| !row.key.contains('<'));
    let value = |row: &'static OptionSpec| {
        let key = row.key_set_in(configuration);
        if key.is_none() && !all {
            return None;
        }
        let origin =
            key.and_then(|key| configuration.origin(key)).map_or("the default".to_owned(), ToString::to_string);
        let text = key.and_then(|key| configuration.get(key)).or(row.default);
        let value = text.map_or("not set".to_owned(), |text| shown(table, row, text));
        Some(Value { key: row.key.to_owned(), value, origin })
    };
    rows.filter_map(value).collect()
}

/// A value as it may be shown: names of backends are no secrets.
pub(super) fn shown(table: &OptionTable, row: &OptionSpec, text: &str) -> String {
    let backends: Vec<&str> = table.backends(row.key).iter().map(|(name, _)| *name).collect();
    let value = if backends.is_empty() {
        let is_default = row.default == Some(text);
        shown_value(text, if is_default { Shown::Whole } else { row.shown }, &row.allowed())
    } else {
        shown_value(text, Shown::Harmless, &backends.join(", "))
    };
    value.strip_prefix("the value ").map(str::to_owned).unwrap_or(value)
}
