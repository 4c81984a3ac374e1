//! The responsive policy keeps to its limits, remembers no more than it may, and does not notice a restart of the process.

use autoscaler_core::event::reason;
use autoscaler_core::state::StatePart;
use autoscaler_core::state::codec::{decode_whole, encode_whole};
use autoscaler_core::{Autoscaler, CycleMemory, CycleReport, JobAutoScalerContext, JobState, Outcome};
use proptest::prelude::*;
use testkit::synthetic::SyntheticJob;

use crate::made_up::{ObservedVertex, Shape, observed_vertex, shape};

fn context(options: &[(&str, &str)]) -> JobAutoScalerContext {
    let mut all = vec![("job.autoscaler.enabled", "true"), ("job.autoscaler.policy", "responsive")];
    all.extend(options);
    testkit::job::context(1, &all)
}

/// What is stored, loaded by another process.
fn reloaded(state: &JobState) -> JobState {
    let mut loaded = JobState::default();
    for part in StatePart::ALL {
        if let Some(text) = encode_whole(state, part).unwrap() {
            decode_whole(&mut loaded, part, &text).unwrap();
        }
    }
    loaded
}

/// Looks half a minute apart; the process restarts in between or does not.
fn run(shape: &Shape, looks: &[Vec<ObservedVertex>], restarts: bool) -> Vec<(CycleReport, JobState)> {
    let (autoscaler, context) = (Autoscaler::new(), context(&[]));
    let (mut state, mut memory, mut all) = (JobState::default(), CycleMemory::default(), Vec::new());
    for (number, observed) in (1..).zip(looks) {
        if restarts {
            (state, memory) = (reloaded(&state), CycleMemory::default());
        }
        let observed = Some(Ok(shape.observation(observed)));
        let report = autoscaler.cycle(&context, observed, &mut state, &mut memory, SyntheticJob::instant(number * 3));
        all.push((report, state.clone()));
    }
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn limits_hold(
        shape in shape(),
        looks in prop::collection::vec(prop::collection::vec(observed_vertex(), 7), 1..14),
    ) {
        let all = run(&shape, &looks, false);
        prop_assert_ne!(all[0].0.outcome, Outcome::Scaled, "the first look says nothing of rates");
        for (report, state) in all {
            let Some(topology) = &report.topology else { continue };
            for (vertex, decision) in topology.vertices().iter().zip(&report.decisions) {
                let target = decision.target();
                prop_assert!((1..=vertex.max_parallelism.min(vertex.parallelism.max(200))).contains(&target), "{decision:?}");
                prop_assert_eq!(decision.changes(), decision.changes() && report.outcome == Outcome::Scaled);
                let said = decision.to_string();
                prop_assert!(!said.contains("NaN"), "{said}");
            }
            let text = &state.policy_memory.get().text;
            prop_assert!(text.len() <= 2000 + 6500 * topology.vertices().len(), "{} bytes", text.len());
            prop_assert!(!text.contains("NaN"), "{text}");
        }
    }

    #[test]
    fn a_restart_of_the_process_changes_nothing(
        shape in shape(),
        looks in prop::collection::vec(prop::collection::vec(observed_vertex(), 7), 1..14),
    ) {
        let (through, again) = (run(&shape, &looks, false), run(&shape, &looks, true));
        for ((through, state), (again, state_again)) in through.iter().zip(&again) {
            prop_assert_eq!(through.explanation().to_string(), again.explanation().to_string());
            prop_assert_eq!(state.policy_memory.get(), state_again.policy_memory.get());
        }
    }
}

/// What a job that idles comes to under options, half a minute apart for half an hour.
fn idle(options: &[(&str, &str)]) -> Vec<CycleReport> {
    let job = SyntheticJob { vertices: 3, rate: 100.0, busy: 0.15, parallelism: 8 };
    let (autoscaler, context) = (Autoscaler::new(), context(options));
    let (mut state, mut memory) = (JobState::default(), CycleMemory::default());
    let look = |number: u32| {
        let observed = Some(Ok(job.observation(number * 3)));
        autoscaler.cycle(&context, observed, &mut state, &mut memory, SyntheticJob::instant(number * 3))
    };
    (1..60).map(look).collect()
}

#[test]
fn a_job_that_idles_is_made_smaller_once_that_pays() {
    let reports = idle(&[]);
    let first = reports.iter().find(|report| report.outcome == Outcome::Scaled).unwrap();
    let said = first.explanation().to_string();
    assert!(said.contains("less would have done for") && said.contains("so 2"), "{said}");
}

#[test]
fn a_shadow_recommends_and_nothing_comes_of_it() {
    let shadow = [("job.autoscaler.policy", "reference"), ("job.autoscaler.policy.shadow", "responsive")];
    let (with, without) = (idle(&shadow), idle(&shadow[..1]));
    let decided = |reports: &[CycleReport]| reports.iter().map(|report| report.outcome).collect::<Vec<_>>();
    assert_eq!(decided(&with), decided(&without));
    let told = |report: &&CycleReport| report.events.iter().any(|event| event.reason == reason::SHADOW_RECOMMENDATION);
    assert_eq!(with.iter().filter(told).count(), 1, "told once, as it stays the same");
    assert!(with.iter().all(|report| report.realization.parallelism.is_none()));
    let said = with.last().unwrap().explanation().to_string();
    assert!(said.contains("shadow responsive, acts on nothing"), "{said}");
}
