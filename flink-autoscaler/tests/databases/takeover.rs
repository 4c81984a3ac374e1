//! A job that the Java process ran goes on with the same decisions: every recorded run is taken over in its middle.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use autoscaler_core::options::Configuration;
use autoscaler_core::state::StatePart;
use autoscaler_core::{
    AutoScalerStateStore, Autoscaler, Fence, JobKey, JobState, JobStatus, LoadedState, PortError, Revision,
};
use replay::{CycleLine, Replay, Trace, TraceLine, differences, expectation, trace_files};
use sql_database::SqlStateStore;
use store_memory::MemoryStateStore;
use tokio::runtime::Handle;

use crate::Case;
use crate::backend::Opened;

pub(crate) const CASES: &[Case] =
    &[("takeover::every_recorded_run_goes_on", |database| Box::pin(every_run_goes_on(database)))];

/// Cycles before the takeover, at least.
const MIDDLE: usize = 15;

fn traces() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../testing/conformance/data/traces"))
}

async fn every_run_goes_on(opened: Opened) {
    opened.execute(opened.backend.reference_schema).await;
    // A replay waits for its store, so it has a thread of its own.
    let handle = Handle::current();
    let (compared, runs) = tokio::task::spawn_blocking(move || {
        let store = opened.store();
        let (mut compared, mut runs) = (0, 0);
        for file in trace_files(&traces()).unwrap() {
            let after = run(&opened, &store, &file, &handle);
            compared += after;
            runs += usize::from(after > 0);
        }
        (compared, runs)
    })
    .await
    .unwrap();
    assert_eq!(runs, trace_files(&traces()).unwrap().len(), "a run was not taken over");
    assert!(compared > 1000, "{compared}");
}

/// The state on the heap, and after the takeover in the database.
#[derive(Debug)]
struct Moving {
    heap: MemoryStateStore,
    database: SqlStateStore,
    key: JobKey,
    is_moved: AtomicBool,
}

impl Moving {
    fn place(&self) -> &dyn AutoScalerStateStore {
        if self.is_moved.load(Ordering::Relaxed) { &self.database } else { &self.heap }
    }
}

#[async_trait]
impl AutoScalerStateStore for Moving {
    async fn load(&self, _: &JobKey) -> Result<LoadedState, PortError> {
        let loaded = self.place().load(&self.key).await?;
        assert!(loaded.unreadable.is_empty(), "{}: {:?}", self.key, loaded.unreadable);
        Ok(loaded)
    }

    async fn save(&self, _: &JobKey, state: &JobState, fence: &Fence) -> Result<Revision, PortError> {
        self.place().save(&self.key, state, fence).await
    }

    async fn remove(&self, _: &JobKey, fence: &Fence) -> Result<(), PortError> {
        self.place().remove(&self.key, fence).await
    }

    async fn jobs(&self) -> Result<Vec<JobKey>, PortError> {
        self.place().jobs().await
    }
}

/// Runs a trace, the second half from the database; how many cycles that were.
fn run(opened: &Opened, store: &SqlStateStore, file: &std::path::Path, handle: &Handle) -> usize {
    let mut running: Option<(Replay, Arc<Moving>)> = None;
    let (mut cycles, mut compared) = (0, 0);
    let lines: Vec<TraceLine> = Trace::open(file).unwrap().map(Result::unwrap).collect();
    for (place, line) in lines.iter().enumerate() {
        match line {
            TraceLine::Job(job) => {
                let key = JobKey::new(format!("{}-{}", file.file_name().unwrap().to_string_lossy(), job.job_key));
                let (heap, database) = (MemoryStateStore::new(), store.clone());
                let moving = Arc::new(Moving { heap, database, key, is_moved: AtomicBool::new(false) });
                let port = Arc::clone(&moving) as _;
                running = Some((Replay::in_store(port, job.clone(), Configuration::new(), Autoscaler::new()), moving));
            }
            TraceLine::Restart => running.as_mut().unwrap().0.restart().unwrap(),
            TraceLine::Cycle(line) => {
                let (replay, moving) = running.as_mut().unwrap();
                let cycle = replay.cycle(line).unwrap();
                let found = differences(line.expect.as_ref().unwrap(), &expectation(replay, &cycle.report)).unwrap();
                assert!(found.is_empty(), "{} cycle {cycles}: {found:?}", file.display());
                cycles += 1;
                compared += usize::from(moving.is_moved.load(Ordering::Relaxed));
                // What a failed cycle changed, and the window of a job that is switched off, are in memory only.
                let is_all_stored = cycle.report.store
                    && replay.stored(|state| state.collected_metrics.stored().is_some())
                    && is_looked_at_next(&lines[place + 1..]);
                if is_all_stored && cycles >= MIDDLE && !moving.is_moved.load(Ordering::Relaxed) {
                    handle.block_on(put_rows(opened, &moving.key, line, &replay.rows()));
                    moving.is_moved.store(true, Ordering::Relaxed);
                }
                if is_all_stored && cycles >= MIDDLE {
                    // Whatever it knows of the job, a new process has from the database.
                    replay.restart().unwrap();
                }
            }
        }
    }
    compared
}

/// Whether the job is looked at again before it is switched off: only a process that has looked at it keeps its window then.
fn is_looked_at_next(lines: &[TraceLine]) -> bool {
    let cycles = lines.iter().filter_map(|line| if let TraceLine::Cycle(line) = line { Some(line) } else { None });
    for line in cycles {
        let options = line.config.as_ref().map(|options| options.configuration());
        if options.is_some_and(|options| options.get("job.autoscaler.enabled") == Some("false")) {
            return false;
        }
        if line.status == JobStatus::Running {
            return true;
        }
    }
    true
}

/// The rows as the Java process left them, where they were recorded; the window was only now and then.
async fn put_rows(opened: &Opened, key: &JobKey, line: &CycleLine, ours: &BTreeMap<StatePart, String>) {
    let recorded = line.expect.as_ref().unwrap()["state"].as_object().unwrap();
    for (part, text) in ours {
        let text = recorded.get(part.name()).and_then(|text| text.as_str()).unwrap_or(text);
        opened.put_row(key.as_str(), part.name(), text).await;
    }
}
