//! The ranges that options must keep to (algorithm 1.5).

use super::configuration::Configuration;
use super::excluded::ExcludedPeriod;
use super::invalid::InvalidOption;
use super::schedule::{self, ScheduleRule};
use super::spec::OptionSpec;
use super::table::JobOptionValues;
use crate::decimal::java_text;

/// Checks every range of a job's options; the message of the first that is broken begins with the reference's words.
pub(super) fn ranges(options: &JobOptionValues, configuration: &Configuration) -> Result<(), InvalidOption> {
    for spec in JobOptionValues::SPECS {
        let is_in_use = match spec.key {
            "job.autoscaler.observed-scalability.coefficient-min" => options.observed_scalability_enabled,
            "job.autoscaler.scaling.effectiveness.threshold" => options.effectiveness_detection_enabled,
            "job.autoscaler.memory.tuning.overhead" => options.memory_tuning_enabled,
            _ => true,
        };
        if let Some((low, high)) = spec.range.filter(|_| is_in_use && spec.check(configuration).is_err()) {
            return Err(out_of(spec, configuration, low, high));
        }
    }
    let target = options.utilization_target;
    within("utilization.max", options.utilization_max, (target, 1.0), configuration)?;
    within("utilization.min", options.utilization_min, (0.0, target), configuration)?;
    limits(options, configuration)
}

/// Whether the least parallelism is at most the largest. The reference finds out in each cycle.
pub(super) fn limits(options: &JobOptionValues, configuration: &Configuration) -> Result<(), InvalidOption> {
    if options.vertex_min_parallelism <= options.vertex_max_parallelism {
        return Ok(());
    }
    let (least, most) = (row("vertex.min-parallelism"), row("vertex.max-parallelism"));
    let key = least.key_set_in(configuration).unwrap_or(least.key);
    let (least, most_told) = (least.told(configuration), most.told(configuration));
    let most = most.key_set_in(configuration).unwrap_or(most.key);
    Err(InvalidOption::new(key, format_args!("has {least}: expected no more than {most}, which has {most_told}")))
}

fn within(
    key: &str,
    value: Option<f64>,
    (low, high): (f64, f64),
    configuration: &Configuration,
) -> Result<(), InvalidOption> {
    match value {
        Some(value) if !(low..=high).contains(&value) => Err(out_of(&row(key), configuration, low, high)),
        _ => Ok(()),
    }
}

fn out_of(spec: &OptionSpec, configuration: &Configuration, low: f64, high: f64) -> InvalidOption {
    let bound_text = |bound: f64| if bound == f64::INFINITY { "+Infinity".to_owned() } else { java_text(bound) };
    let (key, low, high, told) = (spec.key, bound_text(low), bound_text(high), spec.told(configuration));
    InvalidOption::with_message(
        key,
        format!(
            "The AutoScalerOption {key} is invalid, it should be a value within the range [{low}, {high}]; it has {told}"
        ),
    )
}

/// The row of a key behind `job.autoscaler.`.
pub(super) fn row(key: &str) -> OptionSpec {
    let of_key = |spec: &&OptionSpec| spec.key.strip_prefix("job.autoscaler.") == Some(key);
    let row = JobOptionValues::SPECS.iter().find(of_key).copied();
    row.unwrap_or(OptionSpec::new::<f64>("job.autoscaler", &[], None, ""))
}

/// Reads every rule of the schedule.
pub(super) fn schedule(
    options: &JobOptionValues,
    configuration: &Configuration,
) -> Result<Vec<ScheduleRule>, InvalidOption> {
    schedule::rules(&row("schedule"), options, configuration)
}

/// Parses every excluded period.
pub(super) fn excluded_periods(
    texts: &[String],
    configuration: &Configuration,
) -> Result<Vec<ExcludedPeriod>, InvalidOption> {
    let parse = |(index, text): (usize, &String)| {
        text.parse().map_err(|error| {
            let spec = row("excluded.periods");
            let origin = spec.key_set_in(configuration).and_then(|key| configuration.origin(key));
            let origin = origin.map_or(String::new(), |origin| format!(" (from {origin})"));
            let key = spec.key;
            let message =
                format!("The AutoScalerOption {key} is invalid: its period number {}{origin}: {error}", index + 1);
            InvalidOption::with_message(key, message)
        })
    };
    texts.iter().enumerate().map(parse).collect()
}
