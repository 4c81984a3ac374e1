//! The scaling report: the event that tells which vertices go where, in the reference's words.

use crate::decimal::fixed;
use crate::event::{Event, EventType, reason};
use crate::job::VertexId;
use crate::metric::{EvaluatedMetrics, ScalingMetric as M};
use crate::options::JobOptions;

/// The header where a scaling is carried out.
pub(super) const ENABLED: &str = "Scaling execution enabled, begin scaling vertices:";

/// The header where an option keeps it from being carried out.
pub(super) fn disabled(key: &str, value: &str) -> String {
    format!("Scaling execution disabled by config {key}:{value}, recommended parallelism change:")
}

/// One vertex that scales.
pub(super) struct Line<'a> {
    pub(super) vertex: VertexId,
    pub(super) from: i32,
    pub(super) to: i32,
    pub(super) metrics: &'a EvaluatedMetrics,
}

/// The event.
pub(super) fn event<'a>(header: &str, lines: impl Iterator<Item = Line<'a>>, options: &JobOptions) -> Event {
    let mut message = header.to_owned();
    for Line { vertex, from, to, metrics } in lines {
        let capacity = fixed(metrics.average(M::TrueProcessingRate), 2);
        let expected = fixed(metrics.current(M::ExpectedProcessingRate), 2);
        let target = fixed(metrics.average(M::TargetDataRate), 2);
        message.push_str(&format!(
            "{{ Vertex ID {vertex} | Parallelism {from} -> {to} | Processing capacity {capacity} -> {expected} | Target data rate {target}}}"
        ));
    }
    Event {
        event_type: EventType::Normal,
        reason: reason::SCALING_REPORT,
        message,
        key: Some("ScalingExecutor".to_owned()),
        interval: Some(options.scaling_event_interval),
    }
}
