//! Decisions keep to their limits, whatever the metrics are.

use autoscaler_core::collect::RememberedNames;
use autoscaler_core::decide::Verdict;
use autoscaler_core::state::codec::{StatePart, decode, encode};
use autoscaler_core::{CycleReport, JobAutoScalerContext, JobState, Outcome, cycle};
use proptest::prelude::*;
use testkit::synthetic::SyntheticJob;

use crate::made_up::{Shape, VertexLook, context, shape, vertex_look};

/// Cycles with made-up looks, the state kept in between.
fn run(
    context: &JobAutoScalerContext,
    shape: &Shape,
    looks: &[Vec<VertexLook>],
    mut each: impl FnMut(&CycleReport, &JobState),
) {
    let (mut state, mut names) = (JobState::default(), RememberedNames::default());
    for (number, looks) in (1..).zip(looks) {
        let seen = Some(Ok(shape.observation(looks)));
        let report = cycle(context, seen, &mut state, &mut names, SyntheticJob::instant(number));
        each(&report, &state);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn limits_hold(
        context in context(),
        shape in shape(),
        looks in prop::collection::vec(prop::collection::vec(vertex_look(), 7), 1..8),
    ) {
        let options = context.options.clone().unwrap();
        run(&context, &shape, &looks, |report, state| {
            let Some(topology) = &report.topology else { return };
            for (vertex, decision) in topology.vertices().iter().zip(&report.decisions) {
                let target = decision.target();
                assert!((1..=vertex.max_parallelism).contains(&target), "{decision:?}");
                let least = vertex.parallelism.min(options.vertex_min_parallelism);
                let most = vertex.parallelism.max(options.vertex_max_parallelism);
                assert!((least..=most).contains(&target), "{decision:?} outside {least} to {most}");
                if matches!(decision.verdict, Verdict::Change { .. }) {
                    assert!(!decision.steps.is_empty(), "a change without a reason: {decision:?}");
                }
            }
            for parallelism in state.parallelism_overrides.get().values() {
                let parallelism: i32 = parallelism.parse().unwrap();
                assert!((1..=32_768).contains(&parallelism));
            }
            assert_eq!(report.outcome == Outcome::Scaled, report.held.is_none() && !report.decisions.is_empty());
            assert!(!report.explanation().to_string().is_empty());
        });
    }

    #[test]
    fn whatever_is_decided_can_be_stored_and_loaded(
        context in context(),
        shape in shape(),
        looks in prop::collection::vec(prop::collection::vec(vertex_look(), 7), 1..8),
    ) {
        run(&context, &shape, &looks, |_, state| {
            for part in StatePart::ALL {
                let Some(text) = encode(state, part) else { continue };
                let mut loaded = JobState::default();
                decode(&mut loaded, part, &text).unwrap();
                assert_eq!(encode(&loaded, part).unwrap(), text);
            }
        });
    }

    /// A vertex that can do the same at more load never wants fewer subtasks, as long as nothing aligns or delays.
    #[test]
    fn more_load_never_wants_fewer_subtasks(capacity in 10.0..1000.0f64, a in 0.05..20.0f64, b in 0.05..20.0f64) {
        let target = |load: f64| {
            let rate = load * capacity;
            let job = SyntheticJob { vertices: 3, rate, busy: rate / (capacity * 4.0), parallelism: 4 };
            let mut context = job.context();
            let mut configuration = (*context.configuration).clone();
            for (key, value) in [
                ("job.autoscaler.metrics.window", "15 s"),
                ("job.autoscaler.scale-down.interval", "0 s"),
                ("job.autoscaler.scaling.parallelism-alignment.mode", "OFF"),
            ] {
                configuration.set(key, value, autoscaler_core::options::Origin::Job);
            }
            context.options = autoscaler_core::options::JobOptions::from_configuration(&configuration).map(Into::into);
            let (mut state, mut names) = (JobState::default(), RememberedNames::default());
            let mut last = None;
            for number in 1..=4 {
                let seen = Some(Ok(job.observation(number)));
                last = Some(cycle(&context, seen, &mut state, &mut names, SyntheticJob::instant(number)));
            }
            last.unwrap().decisions.iter().map(|decision| decision.target()).collect::<Vec<_>>()
        };
        let (less, more) = (target(a.min(b)), target(a.max(b)));
        prop_assert_eq!(less.len(), 3);
        for (less, more) in less.iter().zip(&more) {
            prop_assert!(less <= more, "{less} subtasks for less load, {more} for more");
        }
    }
}
