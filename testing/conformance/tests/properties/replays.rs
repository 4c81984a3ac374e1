//! Recorded runs: what happens later does not change what happened before, and a restart loses nothing stored.

use std::sync::Arc;

use autoscaler_core::JobState;
use autoscaler_core::options::Configuration;
use autoscaler_core::state::codec::{decode, encode};
use proptest::prelude::*;
use replay::{CycleLine, JobLine, Replay, Trace, TraceLine, differences, expectation};

fn lines(number: usize) -> (JobLine, Vec<CycleLine>) {
    let data = conformance::data().join("traces");
    let (mut job, mut cycles) = (None, Vec::new());
    for line in Trace::open(&data.join(format!("trace-{number:03}.jsonl.gz"))).unwrap() {
        match line.unwrap() {
            TraceLine::Job(line) => job = Some(line),
            TraceLine::Cycle(line) => cycles.push(*line),
            TraceLine::Restart => {}
        }
    }
    (job.unwrap(), cycles)
}

fn new_replay(job: &JobLine) -> Replay {
    Replay::new(job.clone(), Configuration::new(), Arc::default())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_prefix_is_replayed_as_the_beginning_of_the_whole(number in 0usize..100, length in 1usize..30) {
        let (job, cycles) = lines(number);
        let (mut whole, mut prefix) = (new_replay(&job), new_replay(&job));
        let of_whole: Vec<_> = cycles.iter().map(|line| expectation(&whole.cycle(line).unwrap())).collect();
        for (line, expected) in cycles.iter().take(length).zip(&of_whole) {
            let got = expectation(&prefix.cycle(line).unwrap());
            prop_assert_eq!(differences(expected, &got).unwrap(), Vec::<String>::new());
        }
    }

    #[test]
    fn a_restart_changes_nothing_that_was_stored(number in 0usize..100, at in 0usize..30) {
        let (job, cycles) = lines(number);
        let mut replay = new_replay(&job);
        let mut rows = Default::default();
        for line in cycles.iter().take(at) {
            rows = replay.cycle(line).unwrap().rows;
        }
        let mut state = JobState::default();
        for (part, text) in &rows {
            decode(&mut state, *part, text).unwrap();
        }
        prop_assert!(!state.is_changed());
        for (part, text) in &rows {
            prop_assert_eq!(&encode(&state, *part).unwrap(), text);
        }
        replay.restart().unwrap();
        // The next cycle goes on from the rows: nothing older than what they hold is lost.
        if let Some(line) = cycles.get(at) {
            prop_assert!(replay.cycle(line).is_ok());
        }
    }
}
