//! Any state survives being stored.

use std::collections::BTreeMap;

use autoscaler_core::metric::{EvaluatedMetrics, EvaluatedScalingMetric, GlobalSample, ScalingMetric, VertexSample};
use autoscaler_core::state::codec::{decode_observations, encode_observation};
use autoscaler_core::state::codec::{decode_whole, encode_whole};
use autoscaler_core::state::{
    ConfigChanges, DelayedScaleDown, FailedScaling, PolicyMemory, Progress, Recommendation, ScalingHistory,
    ScalingSummary, ScalingTracking, Start, StatePart, Trial, Verification, VertexDelay,
};
use autoscaler_core::time::{Instant, from_epoch_millis};
use autoscaler_core::window::MetricHistory;
use autoscaler_core::{ClusterName, JobState, VertexId};
use chrono::{DateTime, TimeDelta};
use proptest::prelude::*;

use crate::made_up::number;

/// To the nanosecond, between the years 1 and 9999: what a row can hold.
fn instant() -> impl Strategy<Value = Instant> {
    (-62_000_000_000i64..253_000_000_000, 0u32..1_000_000_000)
        .prop_map(|(s, n)| DateTime::from_timestamp(s, n).unwrap())
}

fn vertex() -> impl Strategy<Value = VertexId> {
    any::<u128>().prop_map(|id| format!("{id:032x}").parse().unwrap())
}

fn metrics() -> impl Strategy<Value = EvaluatedMetrics> {
    let metric = prop::sample::select(ScalingMetric::ALL.to_vec());
    prop::collection::vec((metric, number(), number()), 0..6).prop_map(|metrics| {
        metrics
            .into_iter()
            .map(|(metric, current, average)| (metric, EvaluatedScalingMetric { current, average }))
            .collect()
    })
}

fn scaling_history() -> impl Strategy<Value = ScalingHistory> {
    let summary =
        (any::<i32>(), any::<i32>(), metrics()).prop_map(|(current_parallelism, new_parallelism, metrics)| {
            ScalingSummary { current_parallelism, new_parallelism, metrics }
        });
    prop::collection::vec((vertex(), instant(), summary), 0..6).prop_map(|entries| {
        let mut history = ScalingHistory::default();
        entries.into_iter().for_each(|(vertex, at, summary)| history.add(vertex, at, summary));
        history
    })
}

fn tracking() -> impl Strategy<Value = ScalingTracking> {
    let duration =
        (-1_000_000_000i64..1_000_000_000, 0u32..1_000_000_000).prop_map(|(s, n)| TimeDelta::new(s, n).unwrap());
    prop::collection::btree_map(instant(), prop::option::of(duration), 0..5)
        .prop_map(|records| ScalingTracking { records })
}

fn collected() -> impl Strategy<Value = MetricHistory> {
    let values = || prop::collection::vec(prop::option::of(number()), ScalingMetric::ALL.len());
    let row = (instant(), prop::collection::vec(values(), 3), values());
    (prop::collection::btree_set(vertex(), 3), prop::collection::vec(row, 0..5)).prop_map(|(ids, rows)| {
        let ids: Vec<VertexId> = ids.into_iter().collect();
        let mut history = MetricHistory::new();
        for (at, vertices, cluster) in rows {
            let mut samples = vec![VertexSample::default(); 3];
            let mut global = GlobalSample::default();
            for (index, metric) in ScalingMetric::ALL.iter().enumerate() {
                for (sample, values) in samples.iter_mut().zip(&vertices) {
                    values[index].map(|value| sample.set(*metric, value));
                }
                cluster[index].map(|value| global.set(*metric, value));
            }
            history.insert(at, &ids, &samples, global);
        }
        history
    })
}

fn overrides() -> impl Strategy<Value = BTreeMap<VertexId, i32>> {
    prop::collection::btree_map(vertex(), any::<i32>(), 0..5)
}

fn policy_memory() -> impl Strategy<Value = PolicyMemory> {
    (".{0,20}", ".{0,40}").prop_map(|(policy, text)| PolicyMemory { policy, text })
}

fn changes() -> impl Strategy<Value = ConfigChanges> {
    (prop::collection::btree_map(".{0,20}", ".{0,20}", 0..4), prop::collection::vec(".{0,20}", 0..4))
        .prop_map(|(overrides, removals)| ConfigChanges { overrides, removals })
}

fn delayed() -> impl Strategy<Value = DelayedScaleDown> {
    let recommendation =
        (instant(), any::<i32>(), any::<bool>()).prop_map(|(at, parallelism, outside_utilization_bound)| {
            Recommendation { at, parallelism, outside_utilization_bound }
        });
    let delay = (instant(), prop::collection::vec_deque(recommendation, 0..4))
        .prop_map(|(first_trigger, recommendations)| VertexDelay { first_trigger, recommendations });
    prop::collection::btree_map(vertex(), delay, 0..4).prop_map(|vertices| DelayedScaleDown { vertices })
}

/// To the millisecond, as it is made.
fn verification() -> impl Strategy<Value = Verification> {
    let at = || (0i64..4_000_000_000_000).prop_map(|millis| from_epoch_millis(millis).unwrap());
    let progress = (at(), 0.0..1e12f64, 0.0..1e12f64).prop_map(|(at, read, waiting)| Progress { at, read, waiting });
    let start = (at(), prop::option::of(any::<(u64, u64)>()), prop::option::of(progress))
        .prop_map(|(since, checkpoints, settled)| Start { since, checkpoints, settled });
    let trial = (at(), overrides(), overrides(), prop::option::of(0.0..1e12f64), prop::option::of(start))
        .prop_map(|(decided_at, before, after, rate, start)| Trial { decided_at, before, after, rate, start });
    let vertices = prop::collection::btree_map(vertex(), any::<(i32, i32)>(), 0..3);
    let failed =
        (vertices, at(), any::<u32>()).prop_map(|(vertices, until, times)| FailedScaling { vertices, until, times });
    (prop::option::of(trial), prop::collection::vec(failed, 0..3))
        .prop_map(|(trial, failed)| Verification { trial, failed })
}

proptest! {
    #[test]
    fn any_state_survives(
        history in scaling_history(), tracking in tracking(), collected in collected(), overrides in overrides(),
        changes in changes(), delayed in delayed(), memory in policy_memory(), verification in verification(),
        cluster in ".{0,40}",
    ) {
        let mut state = JobState::default();
        state.scaling_history.set(history);
        state.scaling_tracking.set(tracking);
        state.collected_metrics.set(collected);
        state.parallelism_overrides.set(overrides);
        state.config_overrides.set(changes);
        state.delayed_scale_down.set(delayed);
        state.policy_memory.set(memory);
        state.verification.set(verification);
        state.cluster.set(Some(ClusterName::new(cluster)));
        let mut loaded = JobState::default();
        for part in StatePart::ALL {
            let text = encode_whole(&state, part).unwrap().unwrap();
            decode_whole(&mut loaded, part, &text).unwrap();
            prop_assert_eq!(encode_whole(&loaded, part).unwrap().unwrap(), text);
        }
        state.mark_stored();
        prop_assert_eq!(&loaded, &state);
        // Observation by observation, too.
        let rows = state.collected_metrics.get().rows().map(|row| (row.at(), encode_observation(row).unwrap()));
        decode_observations(&mut loaded, rows.collect()).unwrap();
        prop_assert_eq!(&loaded, &state);
    }

    #[test]
    fn any_text_is_read_or_refused(text in ".{0,200}") {
        for part in StatePart::ALL {
            let mut state = JobState::default();
            if decode_whole(&mut state, part, &text).is_err() {
                prop_assert_eq!(state, JobState::default());
            }
        }
    }
}
