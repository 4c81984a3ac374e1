//! Scheduled plans: rules of when a job's parallelism has bounds of its own (`job.autoscaler.schedule`).

mod rule;

use super::configuration::Configuration;
use super::invalid::InvalidOption;
use super::spec::OptionSpec;
use super::table::JobOptionValues;
pub use rule::{InvalidRule, ScheduleRule};

/// The rules of `spec`, each held against the job's other options.
///
/// # Errors
/// The first rule that can't be used, by its name.
pub(super) fn rules(
    spec: &OptionSpec,
    options: &JobOptionValues,
    configuration: &Configuration,
) -> Result<Vec<ScheduleRule>, InvalidOption> {
    let mut rules: Vec<ScheduleRule> = Vec::with_capacity(options.schedule.0.len());
    for (entries, number) in options.schedule.0.iter().zip(1..) {
        let rule = ScheduleRule::of_entries(entries, options).and_then(|rule| {
            let is_twice = rules.iter().any(|other| other.name == rule.name);
            if is_twice { Err(InvalidRule::NameTwice) } else { Ok(rule) }
        });
        let invalid = |problem: InvalidRule| {
            // What is no name is not shown: it may be anything.
            let name = entries.get("name").map(String::as_str).filter(|name| rule::is_name(name));
            let rule = name.map_or_else(|| format!("number {number}"), |name| format!("'{name}'"));
            let key = spec.key_set_in(configuration).unwrap_or(spec.key);
            let origin = configuration.origin(key).map_or(String::new(), |origin| format!(" (from {origin})"));
            InvalidOption::new(key, format_args!("can't be used: its rule {rule}{origin}: {problem}"))
        };
        rules.push(rule.map_err(invalid)?);
    }
    Ok(rules)
}

#[cfg(test)]
mod tests;
