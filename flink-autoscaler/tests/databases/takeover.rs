//! A job that the Java process ran goes on with the same decisions: every recorded run is taken over in its middle.

use std::collections::BTreeMap;
use std::path::PathBuf;

use autoscaler_core::options::Configuration;
use autoscaler_core::state::StatePart;
use autoscaler_core::{AutoScalerStateStore, Autoscaler, Fence, JobKey};
use replay::{CycleLine, Replay, Trace, TraceLine, differences, expectation, trace_files};
use sql_database::SqlStateStore;

use crate::Case;
use crate::backend::Opened;

pub(crate) const CASES: &[Case] =
    &[("takeover::every_recorded_run_goes_on", |database| Box::pin(every_run_goes_on(database)))];

/// Cycles before the takeover, at least.
const MIDDLE: usize = 15;

async fn every_run_goes_on(opened: Opened) {
    opened.execute(opened.backend.reference_schema).await;
    let data = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../testing/conformance/data/traces"));
    let store = opened.store();
    let (mut compared, mut runs) = (0, 0);
    for file in trace_files(&data).unwrap() {
        let after = run(&opened, &store, &file).await;
        compared += after;
        runs += usize::from(after > 0);
    }
    assert_eq!(runs, trace_files(&data).unwrap().len(), "a run was not taken over");
    assert!(compared > 1000, "{compared}");
}

/// Runs a trace, the second half from the database; how many cycles that were.
async fn run(opened: &Opened, store: &SqlStateStore, file: &std::path::Path) -> usize {
    let mut replay: Option<Replay> = None;
    let (mut cycles, mut compared, mut taken_over) = (0, 0, false);
    let mut key = JobKey::new("");
    for line in Trace::open(file).unwrap().collect::<Vec<_>>() {
        match line.unwrap() {
            TraceLine::Job(job) => {
                key = JobKey::new(format!("{}-{}", file.file_name().unwrap().to_string_lossy(), job.job_key));
                replay = Some(Replay::new(job, Configuration::new(), Autoscaler::new()));
            }
            TraceLine::Restart => replay.as_mut().unwrap().restart().unwrap(),
            TraceLine::Cycle(line) => {
                let replay = replay.as_mut().unwrap();
                let cycle = replay.cycle(&line).unwrap();
                let found = differences(line.expect.as_ref().unwrap(), &expectation(replay, &cycle.report)).unwrap();
                assert!(found.is_empty(), "{} cycle {cycles}: {found:?}", file.display());
                cycles += 1;
                compared += usize::from(taken_over);
                // What a failed cycle changed, and the window of a job that is switched off, are in memory only.
                let is_all_stored = cycle.report.store && replay.state().collected_metrics.stored().is_some();
                if taken_over && cycle.report.store {
                    store.save(&key, replay.state(), &Fence::open()).await.unwrap();
                }
                if taken_over && is_all_stored {
                    go_on_from_the_database(store, &key, replay).await;
                } else if cycles >= MIDDLE && is_all_stored && !taken_over {
                    put_rows(opened, &key, &line, &replay.rows()).await;
                    go_on_from_the_database(store, &key, replay).await;
                    taken_over = true;
                }
            }
        }
    }
    compared
}

/// The rows as the Java process left them, where they were recorded; the window was only now and then.
async fn put_rows(opened: &Opened, key: &JobKey, line: &CycleLine, ours: &BTreeMap<StatePart, String>) {
    let recorded = line.expect.as_ref().unwrap()["state"].as_object().unwrap();
    for (part, text) in ours {
        let text = recorded.get(part.name()).and_then(|text| text.as_str()).unwrap_or(text);
        opened.put_row(key.as_str(), part.name(), text).await;
    }
}

/// Goes on from what a new process would load.
async fn go_on_from_the_database(store: &SqlStateStore, key: &JobKey, replay: &mut Replay) {
    let loaded = store.load(key).await.unwrap();
    assert!(loaded.unreadable.is_empty(), "{key}: {:?}", loaded.unreadable);
    replay.go_on_from(loaded.state);
}
