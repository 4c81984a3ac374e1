//! A cycle in the shape of the recordings' `expect`.

use autoscaler_core::decimal::name_of_non_finite;
use autoscaler_core::metric::{EvaluatedMetrics, EvaluatedScalingMetric};
use autoscaler_core::{CycleReport, Event};
use serde_json::{Map, Value, json};

use crate::run::Replay;

/// A cycle that `replay` just ran as one JSON object: what recordings have of it as well, and the stored rows.
pub fn expectation(replay: &Replay, report: &CycleReport) -> Value {
    let state: Map<String, Value> =
        replay.rows().into_iter().map(|(part, text)| (part.name().to_owned(), Value::String(text))).collect();
    let mut decided = decided(report);
    decided["state"] = Value::Object(state);
    decided
}

/// What a cycle came to as one JSON object: outcome, evaluated metrics, events, and what the realizer is handed.
pub(crate) fn decided(report: &CycleReport) -> Value {
    let config = report.realization.config.as_ref();
    let parallelism = report.realization.parallelism.as_ref().map(|parallelism| {
        let texts = parallelism.iter().map(|(vertex, subtasks)| (vertex.to_string(), json!(subtasks.to_string())));
        texts.collect::<Map<String, Value>>()
    });
    json!({
        "outcome": report.outcome.name(),
        "evaluated": evaluated(report),
        "events": report.events.iter().map(event).collect::<Vec<_>>(),
        "realizedParallelism": parallelism,
        "realizedConfig": config.map(|config| json!({ "overrides": config.overrides, "removals": config.removals })),
    })
}

fn evaluated(report: &CycleReport) -> Value {
    let (Some(topology), Some(evaluation)) = (&report.topology, &report.evaluation) else { return Value::Null };
    let mut vertices = Map::new();
    for (vertex, metrics) in topology.vertices().iter().zip(&evaluation.vertices) {
        let mut metrics = metrics_json(metrics);
        // A recommendation that there is none yet is recorded as null.
        metrics.entry("RECOMMENDED_PARALLELISM").or_insert(Value::Null);
        vertices.insert(vertex.id.to_string(), Value::Object(metrics));
    }
    json!({ "vertices": vertices, "global": metrics_json(&evaluation.global) })
}

fn event(event: &Event) -> Value {
    json!({
        "type": event.event_type.name(),
        "reason": event.reason,
        "messageKey": event.key,
        "intervalMs": event.interval.map(|interval| u64::try_from(interval.as_millis()).unwrap_or(u64::MAX)),
        "message": event.message,
    })
}

fn metrics_json(metrics: &EvaluatedMetrics) -> Map<String, Value> {
    let number = |value: f64| if value.is_finite() { json!(value) } else { json!(name_of_non_finite(value)) };
    let pair = |value: EvaluatedScalingMetric| json!([number(value.current), number(value.average)]);
    metrics.iter().map(|(metric, value)| (metric.name().to_owned(), pair(value))).collect()
}
