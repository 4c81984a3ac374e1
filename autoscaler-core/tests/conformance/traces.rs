//! `traces/*.jsonl.gz`: every recorded cycle comes out as it was recorded.

use std::io::Read;
use std::path::Path;

use serde_json::Value;

use crate::compare::differences;
use crate::replay::Replay;

fn lines(path: &Path) -> Vec<Value> {
    let file = std::fs::File::open(path).unwrap();
    let mut text = String::new();
    if path.extension().is_some_and(|extension| extension == "gz") {
        flate2::read::GzDecoder::new(file).read_to_string(&mut text).unwrap();
    } else {
        std::io::BufReader::new(file).read_to_string(&mut text).unwrap();
    }
    text.lines().filter(|line| !line.trim().is_empty()).map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Cycles of a trace, and what differs in those that do.
fn run(path: &Path) -> (usize, Vec<String>) {
    let mut replay: Option<Replay> = None;
    let (mut cycles, mut problems) = (0, Vec::new());
    for line in lines(path) {
        match line["kind"].as_str() {
            Some("job") => replay = Some(Replay::new(line)),
            Some("restart") => replay.as_mut().expect("a job comes first").restart(),
            Some("cycle") => {
                let got = replay.as_mut().expect("a job comes first").cycle(&line);
                let found = differences(&line["expect"], &got);
                if !found.is_empty() {
                    let shown: Vec<String> = found.iter().take(4).map(|p| p.chars().take(400).collect()).collect();
                    problems.push(format!("{} cycle {cycles}:\n    {}", path.display(), shown.join("\n    ")));
                }
                cycles += 1;
            }
            other => panic!("{}: unknown kind {other:?}", path.display()),
        }
    }
    (cycles, problems)
}

#[test]
fn every_cycle_is_as_recorded() {
    let mut files: Vec<_> =
        std::fs::read_dir(crate::data_dir().join("traces")).unwrap().map(|f| f.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty(), "no traces");
    let results: Vec<_> = files.iter().map(|path| run(path)).collect();
    let cycles: usize = results.iter().map(|(cycles, _)| cycles).sum();
    let problems: Vec<&String> = results.iter().flat_map(|(_, problems)| problems).collect();
    for problem in problems.iter().take(12) {
        println!("{problem}");
    }
    println!("{} of {cycles} cycles of {} traces equal", cycles - problems.len(), files.len());
    assert!(problems.is_empty());
}
