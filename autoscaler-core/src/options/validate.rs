//! The ranges that options must keep to (algorithm 1.5).

use super::excluded::ExcludedPeriod;
use super::invalid::InvalidOption;
use super::table::JobOptionValues;
use crate::decimal::java_text;

const INFINITE: f64 = f64::INFINITY;

/// Checks every range; the message of the first that is broken has the reference's words.
pub(super) fn ranges(options: &JobOptionValues) -> Result<(), InvalidOption> {
    let target = options.utilization_target;
    within("scale-down.max-factor", Some(options.max_scale_down_factor), 0.0, INFINITE)?;
    within("scale-up.max-factor", Some(options.max_scale_up_factor), 0.0, INFINITE)?;
    within("utilization.target", Some(target), 0.0, 1.0)?;
    within("target.utilization.boundary", Some(options.utilization_boundary), 0.0, INFINITE)?;
    within("utilization.max", options.utilization_max, target, 1.0)?;
    within("utilization.min", options.utilization_min, 0.0, target)?;
    within("memory.gc-pressure.threshold", Some(options.gc_pressure_threshold), 0.0, 1.0)?;
    within("memory.heap-usage.threshold", Some(options.heap_usage_threshold), 0.0, 1.0)?;
    if options.observed_scalability_enabled {
        within("observed-scalability.coefficient-min", Some(options.observed_scalability_coefficient_min), 0.01, 1.0)?;
    }
    if options.effectiveness_detection_enabled {
        within("scaling.effectiveness.threshold", Some(options.effectiveness_threshold), 0.0, 1.0)?;
    }
    if options.memory_tuning_enabled {
        within("memory.tuning.overhead", Some(options.memory_tuning_overhead), 0.0, 1.0)?;
    }
    Ok(())
}

fn within(key: &str, value: Option<f64>, low: f64, high: f64) -> Result<(), InvalidOption> {
    match value {
        Some(value) if !(low..=high).contains(&value) => {
            let (low, high) = (bound_text(low), bound_text(high));
            Err(InvalidOption::with_message(
                &format!("job.autoscaler.{key}"),
                format!(
                    "The AutoScalerOption job.autoscaler.{key} is invalid, it should be a value within the range [{low}, {high}]"
                ),
            ))
        }
        _ => Ok(()),
    }
}

fn bound_text(bound: f64) -> String {
    if bound == f64::INFINITY { "+Infinity".to_owned() } else { java_text(bound) }
}

/// Parses every excluded period.
pub(super) fn excluded_periods(texts: &[String]) -> Result<Vec<ExcludedPeriod>, InvalidOption> {
    let parse = |text: &String| {
        text.parse().map_err(|error| {
            InvalidOption::with_message(
                "job.autoscaler.excluded.periods",
                format!("The AutoScalerOption job.autoscaler.excluded.periods is invalid: '{text}': {error}"),
            )
        })
    };
    texts.iter().map(parse).collect()
}
