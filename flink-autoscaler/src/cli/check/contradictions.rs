//! Options that can be used each by itself, and together do what hardly anybody means.

mod limits;
mod timing;

use std::time::Duration;

use autoscaler::autoscaler_core::options::value::OptionValue;
use autoscaler::autoscaler_core::options::{AlignmentChoice, Configuration, JobOptions};
use autoscaler::autoscaler_runtime::RuntimeOptions;
use chrono_tz::Tz;

use super::report::Finding;

/// What does not go together in the options of a job that has a cycle each `interval`.
pub(super) fn of_job(options: &JobOptions, interval: Duration, zone: Tz) -> Vec<Finding> {
    let mut found = timing::check(options, interval, zone);
    found.extend(limits::check(options));
    found.extend(plugins(options));
    if options.memory_tuning_enabled {
        found.push(Finding::warning(
            "job.autoscaler.memory.tuning.enabled is true, and a running job's memory can't be changed over Flink's REST \
             API: what is worked out is only reported",
            "set the memory that the events recommend in the cluster's configuration",
        ));
    }
    found
}

/// What does not go together in the options of the process.
pub(super) fn of_process(options: &RuntimeOptions, configuration: &Configuration) -> Vec<Finding> {
    let duration =
        |key: &str, default: Duration| configuration.get(key).map_or(Some(default), Duration::read).unwrap_or(default);
    let limit = options.cycle_timeout;
    let seconds = Duration::from_secs(10);
    let waits = [
        ("job.autoscaler.flink.rest-client.timeout", duration("job.autoscaler.flink.rest-client.timeout", seconds)),
        ("autoscaler.standalone.jdbc.timeout", duration("autoscaler.standalone.jdbc.timeout", seconds)),
    ];
    let longer = waits.into_iter().filter(|(_, wait)| *wait >= limit);
    let finding = |(key, wait): (&str, Duration)| {
        Finding::warning(
            format!(
                "{key} ({wait:?}) is no shorter than autoscaler.standalone.control-loop.cycle-timeout ({limit:?}): a cycle \
                 ends before a slow answer is given up"
            ),
            format!("make {key} shorter, or autoscaler.standalone.control-loop.cycle-timeout longer"),
        )
    };
    longer.map(finding).chain(strange_events(options)).collect()
}

/// Events of Kubernetes are of its resources.
fn strange_events(options: &RuntimeOptions) -> Option<Finding> {
    let is_kubernetes = |name: &String| name.trim().eq_ignore_ascii_case("KUBERNETES");
    if !options.event_handlers.0.iter().any(is_kubernetes) || is_kubernetes(&options.fetcher) {
        return None;
    }
    Some(Finding::warning(
        format!(
            "autoscaler.standalone.event-handler.type names KUBERNETES, and autoscaler.standalone.fetcher.type is {}: jobs that \
             are no resources of Kubernetes have no Events there",
            options.fetcher
        ),
        "leave KUBERNETES out of autoscaler.standalone.event-handler.type, or set autoscaler.standalone.fetcher.type to KUBERNETES",
    ))
}

/// Plugins can be registered in a program of one's own only.
fn plugins(options: &JobOptions) -> Vec<Finding> {
    let listed = [
        ("job.autoscaler.metrics.custom-evaluators", &options.evaluators),
        ("job.autoscaler.scaling.custom-executors", &options.executors),
    ];
    let mut keys: Vec<&str> = listed.iter().filter(|(_, plugins)| !plugins.is_empty()).map(|(key, _)| *key).collect();
    if matches!(options.alignment, AlignmentChoice::Custom(_)) {
        keys.push("job.autoscaler.scaling.parallelism-alignment.mode");
    }
    let finding = |key: &str| {
        Finding::warning(
            format!("{key} names a plugin, and this program has none: it has no effect"),
            "register it in a program of your own (README, Use it as a library), or leave it out",
        )
    };
    keys.into_iter().map(finding).collect()
}

#[cfg(test)]
mod tests;
