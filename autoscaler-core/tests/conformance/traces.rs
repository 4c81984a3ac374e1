//! `traces/*`: every recorded cycle comes out as it was recorded.

use std::path::Path;
use std::sync::Arc;

use autoscaler_core::options::Configuration;
use replay::{Replay, Trace, TraceLine, differences, expectation, trace_files};

/// Cycles of a trace, and what differs in those that do.
fn run(path: &Path) -> (usize, Vec<String>) {
    let mut replay: Option<Replay> = None;
    let (mut cycles, mut problems) = (0, Vec::new());
    for line in Trace::open(path).unwrap() {
        match line.unwrap() {
            TraceLine::Job(job) => replay = Some(Replay::new(job, Configuration::new(), Arc::default())),
            TraceLine::Restart => replay.as_mut().expect("a job comes first").restart().unwrap(),
            TraceLine::Cycle(line) => {
                let got = expectation(&replay.as_mut().expect("a job comes first").cycle(&line).unwrap());
                let found = differences(line.expect.as_ref().expect("an expectation"), &got).unwrap();
                if !found.is_empty() {
                    let shown: Vec<String> = found.iter().take(4).map(|p| p.chars().take(400).collect()).collect();
                    problems.push(format!("{} cycle {cycles}:\n    {}", path.display(), shown.join("\n    ")));
                }
                cycles += 1;
            }
        }
    }
    (cycles, problems)
}

#[test]
fn every_cycle_is_as_recorded() {
    let files = trace_files(&crate::data_dir().join("traces")).unwrap();
    let results: Vec<_> = files.iter().map(|path| run(path)).collect();
    let cycles: usize = results.iter().map(|(cycles, _)| cycles).sum();
    let problems: Vec<&String> = results.iter().flat_map(|(_, problems)| problems).collect();
    for problem in problems.iter().take(12) {
        println!("{problem}");
    }
    println!("{} of {cycles} cycles of {} traces equal", cycles - problems.len(), files.len());
    assert!(cycles > 0);
    assert!(problems.is_empty());
}
