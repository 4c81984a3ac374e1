//! Recorded runs: a restart loses nothing that was stored, and decides the same.

use std::path::Path;
use std::sync::Arc;

use autoscaler_core::options::Configuration;
use autoscaler_core::{Autoscaler, JobState};
use replay::{CycleLine, JobLine, Replay, Trace, TraceLine, differences, expectation, trace_files};

fn lines(path: &Path) -> (JobLine, Vec<Arc<CycleLine>>) {
    let (mut job, mut cycles) = (None, Vec::new());
    for line in Trace::open(path).unwrap() {
        match line.unwrap() {
            TraceLine::Job(line) => job = Some(line),
            TraceLine::Cycle(line) => cycles.push(line),
            TraceLine::Restart => {}
        }
    }
    (job.unwrap(), cycles)
}

/// Runs a trace, each cycle a second time by a process that just started; in how many cycles both had the same window.
fn check(path: &Path) -> usize {
    let (job, cycles) = lines(path);
    let mut running = Replay::new(job, Configuration::new(), Autoscaler::new());
    let mut compared = 0;
    for (number, line) in cycles.iter().enumerate() {
        let mut restarted = running.restarted().unwrap();
        assert!(!restarted.stored(JobState::is_changed), "what was loaded counts as changed");
        assert_eq!(restarted.rows(), running.rows());
        // A job that is switched off is forgotten, but for its window: that stays as long as the process does.
        let observations = |state: &JobState| state.collected_metrics.get().len();
        let is_all_stored = running.state().is_none_or(|held| observations(held) == running.stored(observations));
        let (by_running, by_restarted) = (running.cycle(line).unwrap(), restarted.cycle(line).unwrap());
        if !is_all_stored {
            continue;
        }
        let expected = expectation(&running, &by_running.report);
        let found = differences(&expected, &expectation(&restarted, &by_restarted.report)).unwrap();
        assert!(found.is_empty(), "{} cycle {number}: {found:?}", path.display());
        compared += 1;
    }
    compared
}

#[test]
fn a_restart_before_any_cycle_changes_nothing() {
    let files = trace_files(&conformance::data().join("traces")).unwrap();
    // A quarter of them: each cycle is run twice, and its state written and read.
    let compared: Vec<usize> = files.iter().step_by(4).map(|file| check(file)).collect();
    assert!(!compared.is_empty() && compared.iter().all(|cycles| *cycles > 0), "{compared:?}");
}
