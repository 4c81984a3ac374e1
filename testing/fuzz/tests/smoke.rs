//! A short run of every target.

use fuzz::{Limit, TARGETS, corpus, drive};

#[test]
fn every_target_survives_a_short_run() {
    for target in TARGETS {
        let corpus = corpus(target.name);
        assert!(!corpus.is_empty(), "{} has no corpus", target.name);
        let inputs = if target.name == "trace_lines" { 300 } else { 3000 };
        if let Err(finding) = drive(target, &corpus, 1, Limit::Inputs(inputs)) {
            panic!("{} panics on {:?}", target.name, String::from_utf8_lossy(&finding.input));
        }
    }
}
