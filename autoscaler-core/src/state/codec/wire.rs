//! The JSON shapes of the rows.

mod verification;

use std::collections::BTreeMap;

use chrono::SecondsFormat;
use serde::{Deserialize, Serialize};

use super::number::{Double, Seconds};
use crate::ids::VertexId;
use crate::metric::{
    EvaluatedMetrics, EvaluatedScalingMetric, GlobalSample, Sample, ScalingMetric, UnknownMetric, VertexSample,
};
use crate::state::{
    ConfigChanges, DelayedScaleDown, PolicyMemory, Recommendation, ScalingHistory, ScalingSummary, ScalingTracking,
    VertexDelay,
};
use crate::time::Instant;
use crate::window::{MetricHistory, ObservationRow};
pub(super) use verification::{read_verification, verification};

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireSummary {
    current_parallelism: i32,
    new_parallelism: i32,
    metrics: BTreeMap<String, WireMetric>,
}

#[derive(Serialize, Deserialize)]
struct WireMetric {
    current: Double,
    average: Double,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireTracking {
    scaling_records: BTreeMap<String, WireRecord>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireRecord {
    restart_duration: Option<Seconds>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireCollected {
    vertex_metrics: BTreeMap<String, BTreeMap<String, Double>>,
    global_metrics: BTreeMap<String, Double>,
}

#[derive(Serialize, Deserialize)]
struct WirePolicyMemory {
    policy: String,
    text: String,
}

#[derive(Serialize, Deserialize)]
struct WireChanges {
    overrides: BTreeMap<String, String>,
    removals: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireDelayed {
    delayed_vertices: BTreeMap<String, WireDelay>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireDelay {
    first_trigger_time: Seconds,
    recommended_parallelisms: Vec<WireRecommendation>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireRecommendation {
    trigger_time: Seconds,
    parallelism: i32,
    outside_utilization_bound: bool,
}

/// A row's text.
pub(super) type Text = Result<String, serde_json::Error>;

/// ISO 8601 in UTC, with as many decimals as needed, in threes.
fn instant_text(at: Instant) -> String {
    at.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

fn read_instant(text: &str) -> Result<Instant, String> {
    chrono::DateTime::parse_from_rfc3339(text)
        .map(|at| at.to_utc())
        .map_err(|error| format!("'{text}' is no instant: {error}"))
}

fn read_vertex(text: &str) -> Result<VertexId, String> {
    text.parse().map_err(|error: crate::ids::InvalidId| error.to_string())
}

fn read_metric(text: &str) -> Result<ScalingMetric, String> {
    text.parse().map_err(|error: UnknownMetric| error.to_string())
}

fn to_json<T: Serialize>(wire: &T) -> Text {
    serde_json::to_string(wire)
}

fn from_json<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, String> {
    serde_json::from_str(text).map_err(|error| error.to_string())
}

pub(super) fn history(history: &ScalingHistory) -> Text {
    let summary = |(at, summary): &(Instant, ScalingSummary)| {
        let metric = |(metric, value): (ScalingMetric, EvaluatedScalingMetric)| {
            (metric.name().to_owned(), WireMetric { current: Double(value.current), average: Double(value.average) })
        };
        let wire = WireSummary {
            current_parallelism: summary.current_parallelism,
            new_parallelism: summary.new_parallelism,
            metrics: summary.metrics.iter().map(metric).collect(),
        };
        (instant_text(*at), wire)
    };
    let vertices: BTreeMap<String, BTreeMap<String, WireSummary>> = history
        .vertices
        .iter()
        .map(|(vertex, entries)| (vertex.to_string(), entries.iter().map(summary).collect()))
        .collect();
    to_json(&vertices)
}

pub(super) fn read_history(text: &str) -> Result<ScalingHistory, String> {
    let wire: BTreeMap<String, BTreeMap<String, WireSummary>> = from_json(text)?;
    let mut history = ScalingHistory::default();
    for (vertex, entries) in wire {
        let vertex = read_vertex(&vertex)?;
        for (at, summary) in entries {
            let mut metrics = EvaluatedMetrics::default();
            for (metric, value) in summary.metrics {
                metrics.set(
                    read_metric(&metric)?,
                    EvaluatedScalingMetric { current: value.current.0, average: value.average.0 },
                );
            }
            let summary = ScalingSummary {
                current_parallelism: summary.current_parallelism,
                new_parallelism: summary.new_parallelism,
                metrics,
            };
            history.add(vertex, read_instant(&at)?, summary);
        }
    }
    Ok(history)
}

pub(super) fn tracking(tracking: &ScalingTracking) -> Text {
    let record = |(at, duration): (&Instant, &Option<chrono::TimeDelta>)| {
        (instant_text(*at), WireRecord { restart_duration: duration.map(Seconds::of_span) })
    };
    to_json(&WireTracking { scaling_records: tracking.records.iter().map(record).collect() })
}

pub(super) fn read_tracking(text: &str) -> Result<ScalingTracking, String> {
    let wire: WireTracking = from_json(text)?;
    let mut tracking = ScalingTracking::default();
    for (at, record) in wire.scaling_records {
        let duration = match record.restart_duration {
            Some(seconds) => Some(seconds.span().ok_or("a restart duration is too long")?),
            None => None,
        };
        tracking.records.insert(read_instant(&at)?, duration);
    }
    Ok(tracking)
}

fn sample_text<const FIRST: usize, const N: usize>(sample: &Sample<FIRST, N>) -> BTreeMap<String, Double> {
    sample.iter().map(|(metric, value)| (metric.name().to_owned(), Double(value))).collect()
}

/// Metrics that exist but are not collected for such a sample are left out: nothing reads them.
fn read_sample<const FIRST: usize, const N: usize>(wire: BTreeMap<String, Double>) -> Result<Sample<FIRST, N>, String> {
    let mut sample = Sample::default();
    for (metric, value) in wire {
        sample.set(read_metric(&metric)?, value.0);
    }
    Ok(sample)
}

pub(super) fn collected(history: &MetricHistory) -> Text {
    let rows: BTreeMap<String, WireCollected> =
        history.rows().map(|row| (instant_text(row.at()), wire_row(row))).collect();
    to_json(&rows)
}

pub(super) fn observation(row: ObservationRow<'_>) -> Text {
    to_json(&wire_row(row))
}

fn wire_row(row: ObservationRow<'_>) -> WireCollected {
    let vertices = row.vertices().filter(|(_, sample)| !sample.is_empty());
    WireCollected {
        vertex_metrics: vertices.map(|(id, sample)| (id.to_string(), sample_text(&sample))).collect(),
        global_metrics: sample_text(&row.global()),
    }
}

pub(super) fn read_collected(text: &str) -> Result<MetricHistory, String> {
    let wire: BTreeMap<String, WireCollected> = from_json(text)?;
    let rows = wire.into_iter().map(|(at, row)| Ok((read_instant(&at)?, row)));
    history_of(rows.collect::<Result<_, String>>()?)
}

pub(super) fn read_observations(rows: Vec<(Instant, String)>) -> Result<MetricHistory, String> {
    let rows = rows.into_iter().map(|(at, text)| Ok((at, from_json::<WireCollected>(&text)?)));
    history_of(rows.collect::<Result<_, String>>()?)
}

fn history_of(rows: Vec<(Instant, WireCollected)>) -> Result<MetricHistory, String> {
    let mut columns: BTreeMap<VertexId, usize> = BTreeMap::new();
    for vertex in rows.iter().flat_map(|(_, row)| row.vertex_metrics.keys()) {
        columns.insert(read_vertex(vertex)?, 0);
    }
    columns.values_mut().enumerate().for_each(|(index, column)| *column = index);
    let ids: Vec<VertexId> = columns.keys().copied().collect();
    let mut history = MetricHistory::new();
    for (at, row) in rows {
        let mut samples = vec![VertexSample::default(); ids.len()];
        for (vertex, sample) in row.vertex_metrics {
            if let Some(column) = columns.get(&read_vertex(&vertex)?) {
                samples[*column] = read_sample(sample)?;
            }
        }
        let global: GlobalSample = read_sample(row.global_metrics)?;
        history.insert(at, &ids, &samples, global);
    }
    Ok(history)
}

pub(super) fn policy_memory(memory: &PolicyMemory) -> Text {
    to_json(&WirePolicyMemory { policy: memory.policy.clone(), text: memory.text.clone() })
}

pub(super) fn read_policy_memory(text: &str) -> Result<PolicyMemory, String> {
    let wire: WirePolicyMemory = from_json(text)?;
    Ok(PolicyMemory { policy: wire.policy, text: wire.text })
}

pub(super) fn config(changes: &ConfigChanges) -> Text {
    to_json(&WireChanges { overrides: changes.overrides.clone(), removals: changes.removals.clone() })
}

pub(super) fn read_config(text: &str) -> Result<ConfigChanges, String> {
    let wire: WireChanges = from_json(text)?;
    Ok(ConfigChanges { overrides: wire.overrides, removals: wire.removals })
}

pub(super) fn delayed(delayed: &DelayedScaleDown) -> Text {
    let vertex = |(vertex, delay): (&VertexId, &VertexDelay)| {
        let recommendation = |recommendation: &Recommendation| WireRecommendation {
            trigger_time: Seconds::of_instant(recommendation.at),
            parallelism: recommendation.parallelism,
            outside_utilization_bound: recommendation.outside_utilization_bound,
        };
        let wire = WireDelay {
            first_trigger_time: Seconds::of_instant(delay.first_trigger),
            recommended_parallelisms: delay.recommendations.iter().map(recommendation).collect(),
        };
        (vertex.to_string(), wire)
    };
    to_json(&WireDelayed { delayed_vertices: delayed.vertices.iter().map(vertex).collect() })
}

pub(super) fn read_delayed(text: &str) -> Result<DelayedScaleDown, String> {
    let wire: WireDelayed = from_json(text)?;
    let instant = |seconds: Seconds| seconds.instant().ok_or("a trigger time is out of range");
    let mut delayed = DelayedScaleDown::default();
    for (vertex, delay) in wire.delayed_vertices {
        let mut recommendations = std::collections::VecDeque::new();
        for wire in delay.recommended_parallelisms {
            recommendations.push_back(Recommendation {
                at: instant(wire.trigger_time)?,
                parallelism: wire.parallelism,
                outside_utilization_bound: wire.outside_utilization_bound,
            });
        }
        let delay = VertexDelay { first_trigger: instant(delay.first_trigger_time)?, recommendations };
        delayed.vertices.insert(read_vertex(&vertex)?, delay);
    }
    Ok(delayed)
}
