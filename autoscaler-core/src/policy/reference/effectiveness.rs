//! Whether a vertex's last scale-up brought what it should have (algorithm 4.6).

use crate::decimal::java_text;
use crate::event::{Event, reason};
use crate::ids::VertexId;
use crate::metric::ScalingMetric as M;
use crate::options::JobOptions;
use crate::state::ScalingSummary;

/// The event of an ineffective scale-up: the last one went to exactly the current parallelism, and the true
/// processing rate gained less than the threshold's share of what was expected. An unknown gain is ineffective.
pub(super) fn ineffective(
    vertex: VertexId,
    parallelism: i32,
    rate: f64,
    last: Option<&ScalingSummary>,
    options: &JobOptions,
) -> Option<Event> {
    let last = last?;
    if last.new_parallelism != parallelism || last.new_parallelism <= last.current_parallelism {
        return None;
    }
    let rate_then = last.metrics.average(M::TrueProcessingRate);
    let expected = last.metrics.current(M::ExpectedProcessingRate) - rate_then;
    let actual = rate - rate_then;
    if actual / expected >= options.effectiveness_threshold {
        return None;
    }
    let (expected, actual) = (java_text(expected), java_text(actual));
    let blocking = if options.effectiveness_detection_enabled { "enabled" } else { "disabled" };
    Some(
        Event::normal(
            reason::INEFFECTIVE_SCALING,
            format!(
                "Ineffective scaling detected for {vertex} (expected increase: {expected}, actual increase {actual}). \
             Blocking of ineffective scaling decisions is {blocking}"
            ),
        )
        .with_key(format!("ineffective{vertex}{expected}"))
        .merged_within(options.scaling_event_interval),
    )
}
