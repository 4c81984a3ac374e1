//! `traces/*`: every recorded cycle comes out as it was recorded.

use std::path::Path;

use autoscaler_core::Autoscaler;
use autoscaler_core::options::Configuration;
use replay::{Replay, TraceError, differences, expectation, trace_files};

/// Cycles of a trace, and what differs in those that do.
fn run(path: &Path) -> (usize, Vec<String>) {
    let (mut cycles, mut problems) = (0, Vec::new());
    Replay::each_cycle(path, &Configuration::new(), &Autoscaler::new(), |_, line, replay, cycle| {
        let expected = line.expect.as_ref().expect("an expectation");
        let found = differences(expected, &expectation(replay, &cycle.report)).unwrap();
        if !found.is_empty() {
            let shown: Vec<String> = found.iter().take(4).map(|p| p.chars().take(400).collect()).collect();
            problems.push(format!("{} cycle {cycles}:\n    {}", path.display(), shown.join("\n    ")));
        }
        cycles += 1;
        Ok::<(), TraceError>(())
    })
    .unwrap();
    (cycles, problems)
}

#[test]
fn every_cycle_is_as_recorded() {
    let files = trace_files(&conformance::data().join("traces")).unwrap();
    let results: Vec<_> = files.iter().map(|path| run(path)).collect();
    let cycles: usize = results.iter().map(|(cycles, _)| cycles).sum();
    let problems: usize = results.iter().map(|(_, problems)| problems.len()).sum();
    // What follows the first problem of a trace mostly follows from it.
    for first in results.iter().filter_map(|(_, problems)| problems.first()).take(40) {
        println!("{first}");
    }
    println!("{} of {cycles} cycles of {} traces equal", cycles - problems, files.len());
    assert!(cycles > 0);
    assert_eq!(problems, 0);
}
