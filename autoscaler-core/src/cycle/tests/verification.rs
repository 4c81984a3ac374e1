//! The look after a scaling: what has it put back, what does not, and that it is left alone for a while then.

use super::*;
use crate::health::{Checkpoints, JobHealth, TaskFailure};
use crate::state::{Trial, Verification};

/// When it was decided, ms.
const DECIDED: i64 = 5_000;

fn at(millis: i64) -> Instant {
    from_epoch_millis(millis).unwrap()
}

/// A job of two vertices with one subtask each that had two.
fn scaled() -> JobState {
    let map = |parallelism| [1, 2].map(|vertex| (id(vertex).parse().unwrap(), parallelism)).into();
    let mut state = JobState::default();
    state.parallelism_overrides.set(map(1));
    let trial = Trial { decided_at: at(DECIDED), before: map(2), after: map(1), rate: Some(100.0), start: None };
    state.verification.set(Verification { trial: Some(trial), failed: Vec::new() });
    state
}

fn options() -> JobAutoScalerContext {
    context(&[("job.autoscaler.rollback.enabled", "true")])
}

/// What a cycle comes to of a job that runs since an instant.
fn look(state: &mut JobState, now: i64, since: i64, health: Option<JobHealth>) -> CycleReport {
    let seen = Observation { running_since: at(since), ..observation(2, 2) };
    let mut memory = CycleMemory::default();
    health.into_iter().for_each(|health| memory.note_health(health));
    Autoscaler::new().cycle(&options(), Some(Ok(seen)), state, &mut memory, at(now))
}

fn failed(millis: i64) -> JobHealth {
    JobHealth::default().with_failure(TaskFailure { at: at(millis), what: "E in map (1/2)".to_owned() })
}

fn checkpoints(failed: u64, completed: u64) -> JobHealth {
    JobHealth::default().with_checkpoints(Checkpoints { failed, completed })
}

#[track_caller]
fn is_put_back(report: &CycleReport, state: &JobState, why: &str) {
    let told: Vec<_> = report.events.iter().map(|event| (&*event.reason, event.message.contains(why))).collect();
    assert_eq!(told, [(reason::SCALING_ROLLED_BACK, true)], "{:?}", report.events);
    assert!(report.store && state.parallelism_overrides.get().values().all(|parallelism| *parallelism == 2));
    assert_eq!(report.realization.parallelism.as_ref(), Some(state.parallelism_overrides.get()));
    let verification = state.verification.get();
    assert!(verification.trial.is_none() && verification.failed.len() == 1, "{verification:?}");
}

#[track_caller]
fn is_left(report: &CycleReport, state: &JobState) {
    assert!(report.events.iter().all(|event| event.reason != reason::SCALING_ROLLED_BACK), "{:?}", report.events);
    assert!(state.verification.get().failed.is_empty());
}

#[test]
fn a_job_that_is_restarted_again_is_put_back() {
    let mut state = scaled();
    is_left(&look(&mut state, 20_000, 10_000, None), &state);
    let report = look(&mut state, 40_000, 30_000, None);
    is_put_back(&report, &state, "it was restarted within 20 s");
    assert!(report.realization.while_restarting);
    let after = look(&mut state, 50_000, 45_000, None);
    assert!(after.events.iter().all(|event| event.reason != reason::SCALING_ROLLED_BACK), "once");
}

#[test]
fn a_failure_since_then_has_it_put_back_and_one_before_does_not() {
    let mut state = scaled();
    is_left(&look(&mut state, 20_000, 10_000, Some(failed(9_000))), &state);
    let report = look(&mut state, 30_000, 10_000, Some(failed(25_000)));
    is_put_back(&report, &state, "E in map (1/2)");
}

#[test]
fn checkpoints_that_fail_have_it_put_back() {
    let mut state = scaled();
    for (now, counts) in [(20_000, (3, 7)), (30_000, (4, 7)), (40_000, (9, 8))] {
        is_left(&look(&mut state, now, 10_000, Some(checkpoints(counts.0, counts.1))), &state);
    }
    let mut state = scaled();
    is_left(&look(&mut state, 20_000, 10_000, Some(checkpoints(3, 7))), &state);
    let report = look(&mut state, 30_000, 10_000, Some(checkpoints(5, 7)));
    is_put_back(&report, &state, "2 checkpoints have failed");
}

#[test]
fn slots_that_are_still_being_got_are_no_failure() {
    let mut state = scaled();
    let other = [1, 2].map(|vertex| (id(vertex).parse().unwrap(), 3)).into();
    state.verification.edit().trial.as_mut().unwrap().after = other;
    for (now, since) in [(20_000, 10_000), (30_000, 25_000), (40_000, 35_000)] {
        is_left(&look(&mut state, now, since, Some(failed(since + 1000))), &state);
    }
    is_left(&look(&mut state, 4_000_000, 35_000, None), &state);
    assert!(state.verification.get().trial.is_none(), "an hour is enough");
}

#[test]
fn a_scaling_that_does_no_harm_is_not_looked_after_any_more() {
    let mut state = scaled();
    is_left(&look(&mut state, 20_000, 10_000, Some(checkpoints(3, 7))), &state);
    is_left(&look(&mut state, 309_000, 10_000, Some(checkpoints(3, 8))), &state);
    assert!(looks_after(&options(), &state));
    is_left(&look(&mut state, 310_000, 10_000, Some(checkpoints(3, 8))), &state);
    assert!(!looks_after(&options(), &state));
    is_left(&look(&mut state, 320_000, 315_000, Some(failed(316_000))), &state);
}

#[test]
fn a_job_that_never_runs_again_is_put_back() {
    let mut state = scaled();
    let mut waiting = options();
    waiting.status = JobStatus::Restarting;
    assert!(looks_after(&waiting, &state) && !looks_after(&context(&[]), &state));
    let mut cycle = |failure: i64| {
        let mut memory = CycleMemory::default();
        memory.note_health(failed(failure));
        let report = Autoscaler::new().cycle(&waiting, None, &mut state, &mut memory, at(20_000));
        (report, state.clone())
    };
    let (report, left) = cycle(DECIDED - 1000);
    is_left(&report, &left);
    let (report, state) = cycle(DECIDED + 1000);
    is_put_back(&report, &state, "E in map (1/2)");
    assert!(report.realization.while_restarting, "it would never be looked at again");
}

#[test]
fn another_graph_ends_it() {
    let mut state = scaled();
    state.verification.edit().trial.as_mut().unwrap().after.remove(&id(2).parse().unwrap());
    is_left(&look(&mut state, 20_000, 10_000, Some(failed(15_000))), &state);
    assert!(state.verification.get().trial.is_none());
}
