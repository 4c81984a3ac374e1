//! Log lines about a cluster, with what is known of it beside its name.

use autoscaler_core::Labels;
use tracing::Span;

/// What is logged within it has the labels; none, and thus no cost, where there are none.
pub(crate) fn span(labels: &Labels) -> Span {
    if labels.is_empty() {
        return Span::none();
    }
    // As loud as can be: whichever lines are asked for, they have it.
    tracing::error_span!(target: "flink_autoscaler", "cluster", labels = labels.to_string())
}
