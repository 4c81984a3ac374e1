//! Spans that don't go together.

use std::time::Duration;

use autoscaler::autoscaler_core::options::JobOptions;
use chrono_tz::Tz;

use crate::cli::check::report::Finding;

const INTERVAL: &str = "autoscaler.standalone.control-loop.interval";
const WINDOW: &str = "job.autoscaler.metrics.window";
const STABILIZATION: &str = "job.autoscaler.stabilization.interval";
/// Observations of a job that take memory and database to note.
const MANY_OBSERVATIONS: u128 = 2000;

pub(super) fn check(options: &JobOptions, interval: Duration, zone: Tz) -> Vec<Finding> {
    let mut found = window(options, interval);
    let restart_to_decision = options.stabilization_interval.saturating_add(options.metrics_window);
    let remembers = options.effectiveness_detection_enabled || options.observed_scalability_enabled;
    if remembers && restart_to_decision >= options.history_max_age {
        found.push(Finding::warning(
            format!(
                "{STABILIZATION} and {WINDOW} together ({restart_to_decision:?}) are no shorter than \
                 job.autoscaler.history.max.age ({:?}): a scaling is forgotten before the next one can learn from it",
                options.history_max_age
            ),
            "make job.autoscaler.history.max.age several times as long as both",
        ));
    }
    let (catch_up, restart) = (options.catch_up_duration, options.restart_time);
    if !catch_up.is_zero() && restart > catch_up {
        found.push(Finding::warning(
            format!(
                "job.autoscaler.restart.time ({restart:?}) is longer than job.autoscaler.catch-up.duration ({catch_up:?}): \
                 what piles up during a rescale alone more than doubles the capacity that is asked for"
            ),
            "make job.autoscaler.catch-up.duration longer, or job.autoscaler.restart.time what a rescale really takes",
        ));
    }
    if options.restart_time_tracking_enabled && options.restart_time_tracking_limit < restart {
        found.push(Finding::warning(
            format!(
                "job.autoscaler.restart.time-tracking.limit ({:?}) is shorter than job.autoscaler.restart.time \
                 ({restart:?}): what is measured never counts as much as what is assumed",
                options.restart_time_tracking_limit
            ),
            "make the limit no shorter than job.autoscaler.restart.time",
        ));
    }
    if options.enabled && options.scaling_enabled && is_always_excluded(options, zone) {
        found.push(Finding::warning(
            format!("job.autoscaler.excluded.periods exclude all of the next seven days ({zone}): nothing is scaled"),
            "leave time in which scaling is allowed, or set job.autoscaler.scaling.enabled to false",
        ));
    }
    found
}

/// The metric window beside the time between two observations.
fn window(options: &JobOptions, interval: Duration) -> Vec<Finding> {
    let window = options.metrics_window;
    let mut found = Vec::new();
    if window < interval {
        found.push(Finding::error(
            format!(
                "{WINDOW} ({window:?}) is shorter than {INTERVAL} ({interval:?}): it never holds two observations, which a \
                 rate needs, so nothing is ever scaled"
            ),
            format!("make {WINDOW} many times as long as {INTERVAL}"),
        ));
    } else if window < interval.saturating_mul(2) {
        found.push(Finding::warning(
            format!(
                "{WINDOW} ({window:?}) is shorter than two cycles ({INTERVAL}: {interval:?}): a decision rests on two \
                 observations, and on none after a cycle that is late"
            ),
            format!("make {WINDOW} many times as long as {INTERVAL}"),
        ));
    }
    let observations = window.as_nanos() / interval.as_nanos().max(1) + 1;
    if observations > MANY_OBSERVATIONS {
        found.push(Finding::warning(
            format!(
                "{WINDOW} ({window:?}) holds {observations} observations of each job: memory and database grow with it"
            ),
            format!("make {WINDOW} shorter, or {INTERVAL} longer"),
        ));
    }
    let needed = u128::try_from(options.observed_rate_min_observations).unwrap_or(0);
    if window >= interval && needed > observations {
        found.push(Finding::warning(
            format!(
                "job.autoscaler.observed-true-processing-rate.min-observations ({needed}) are more than {WINDOW} holds \
                 ({observations}): the observed rate is never averaged"
            ),
            format!("make it smaller, or {WINDOW} longer"),
        ));
    }
    found
}

/// Whether every minute of the next seven days is excluded.
fn is_always_excluded(options: &JobOptions, zone: Tz) -> bool {
    let now = chrono::Utc::now();
    let minutes = (0..7 * 24 * 60).map(|minute| now + chrono::TimeDelta::minutes(minute));
    let is_excluded = |at| options.periods.iter().any(|period| period.includes(at, zone));
    !options.periods.is_empty() && minutes.into_iter().all(is_excluded)
}
