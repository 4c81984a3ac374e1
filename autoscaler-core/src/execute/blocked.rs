//! Options that keep scalings from being carried out (algorithm 8.3).

use super::input::Execution;
use crate::proposed::SCALING_ENABLED;

/// The option, with its value, that keeps a scaling from being carried out now.
pub(super) fn blocked(execution: &Execution<'_>, is_approved: bool) -> Option<(&'static str, String)> {
    let Execution { options, now, time_zone, .. } = execution;
    if !options.scaling_enabled && !is_approved {
        return Some((SCALING_ENABLED, "false".to_owned()));
    }
    let excluded = options.periods.iter().any(|period| period.includes(*now, *time_zone));
    let list = || format!("[{}]", options.excluded_periods.join(", "));
    excluded.then(|| ("job.autoscaler.excluded.periods", list()))
}
