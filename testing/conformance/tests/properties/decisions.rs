//! Decisions keep to their limits, whatever the metrics are.

use autoscaler_core::policy::Verdict;
use autoscaler_core::state::StatePart;
use autoscaler_core::state::codec::{decode_whole, encode_whole};
use autoscaler_core::{Autoscaler, CycleMemory, CycleReport, JobAutoScalerContext, JobState, Outcome};
use proptest::prelude::*;
use testkit::synthetic::SyntheticJob;

use crate::made_up::{ObservedVertex, Shape, context, observed_vertex, shape};

/// Cycles with made-up observations, the state kept in between.
fn run(
    context: &JobAutoScalerContext,
    shape: &Shape,
    cycles: &[Vec<ObservedVertex>],
    mut each: impl FnMut(&CycleReport, &JobState),
) {
    let (autoscaler, mut state, mut memory) = (Autoscaler::new(), JobState::default(), CycleMemory::default());
    for (number, observed) in (1..).zip(cycles) {
        let observed = Some(Ok(shape.observation(observed)));
        let report = autoscaler.cycle(context, observed, &mut state, &mut memory, SyntheticJob::instant(number));
        each(&report, &state);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn limits_hold(
        context in context(),
        shape in shape(),
        cycles in prop::collection::vec(prop::collection::vec(observed_vertex(), 7), 1..8),
    ) {
        let options = context.options().unwrap().clone();
        run(&context, &shape, &cycles, |report, state| {
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
                assert!((1..=32_768).contains(parallelism));
            }
            assert_eq!(report.outcome == Outcome::Scaled, report.held.is_none() && !report.decisions.is_empty());
            assert!(!report.explanation().to_string().is_empty());
        });
    }

    #[test]
    fn whatever_is_decided_can_be_stored_and_loaded(
        context in context(),
        shape in shape(),
        cycles in prop::collection::vec(prop::collection::vec(observed_vertex(), 7), 1..8),
    ) {
        run(&context, &shape, &cycles, |_, state| {
            for part in StatePart::ALL {
                let Some(text) = encode_whole(state, part).unwrap() else { continue };
                let mut loaded = JobState::default();
                decode_whole(&mut loaded, part, &text).unwrap();
                assert_eq!(encode_whole(&loaded, part).unwrap(), Some(text));
            }
        });
    }

    /// A vertex that can do the same at more load never wants fewer subtasks, as long as nothing aligns or delays.
    #[test]
    fn more_load_never_wants_fewer_subtasks(capacity in 10.0..1000.0f64, a in 0.05..20.0f64, b in 0.05..20.0f64) {
        let target = |load: f64| {
            let rate = load * capacity;
            let job = SyntheticJob { vertices: 3, rate, busy: rate / (capacity * 4.0), parallelism: 4 };
            let context = testkit::job::context(1, &[
                ("job.autoscaler.enabled", "true"),
                ("job.autoscaler.stabilization.interval", "0 s"),
                ("job.autoscaler.metrics.window", "15 s"),
                ("job.autoscaler.scale-down.interval", "0 s"),
                ("job.autoscaler.scaling.parallelism-alignment.mode", "OFF"),
            ]);
            let (autoscaler, mut state, mut memory) = (Autoscaler::new(), JobState::default(), CycleMemory::default());
            let mut last = None;
            for number in 1..=4 {
                let observed = Some(Ok(job.observation(number)));
                let now = SyntheticJob::instant(number);
                last = Some(autoscaler.cycle(&context, observed, &mut state, &mut memory, now));
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
