//! Running the cycles of a trace.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use autoscaler_core::options::Configuration;
use autoscaler_core::state::StatePart;
use autoscaler_core::state::codec::{UnreadableRow, decode_whole, encode_whole};
use autoscaler_core::time::{self, Instant, from_epoch_millis};
use autoscaler_core::{
    AutoScalerStateStore, Autoscaler, ClusterName, CycleReport, JobAutoScalerContext, JobKey, JobState, ListedJob,
    ParsedConfiguration,
};
use autoscaler_runtime::{CycleEnded, EventHandlers, JobAutoScaler, Ports};
use flink_rest::recorded::MetricNames;
use futures::executor::block_on;

use crate::line::{CycleLine, JobLine, TraceLine};
use crate::ports::{Nobody, RecordedRound, TraceClock, TraceStore};
use crate::trace::{Trace, TraceError};

/// The name of the cluster in a trace, which has none.
const CLUSTER: &str = "recorded";

/// One recorded job as the autoscaler's process holds it: the walk of production over ports on the heap.
#[derive(Debug)]
pub struct Replay {
    autoscaler: Autoscaler,
    job: JobLine,
    /// Options laid over the trace's.
    over: Configuration,
    parsed: Arc<ParsedConfiguration>,
    scaler: JobAutoScaler,
    names: Arc<Mutex<MetricNames>>,
    clock: Arc<TraceClock>,
    store: Store,
}

/// Where the state is.
#[derive(Clone, Debug)]
enum Store {
    Own(Arc<TraceStore>),
    Given(Arc<dyn AutoScalerStateStore>),
}

/// What became of one recorded cycle.
#[derive(Debug)]
#[non_exhaustive]
pub struct ReplayedCycle {
    /// When it was.
    pub now: Instant,
    /// What it came to.
    pub report: CycleReport,
}

impl Replay {
    /// The job of a trace's first line, with options laid over its own.
    pub fn new(job: JobLine, over: Configuration, autoscaler: Autoscaler) -> Self {
        let store = Arc::new(TraceStore::of(JobState::clone(&job.state)));
        Self::on(Store::Own(store), job, over, autoscaler)
    }

    /// The same, its state in a store that is not the replay's own, where what the trace has of it does not count. Whoever asks waits for it, so that has to be on a
    /// thread which may block: never within a task.
    pub fn in_store(
        store: Arc<dyn AutoScalerStateStore>,
        job: JobLine,
        over: Configuration,
        autoscaler: Autoscaler,
    ) -> Self {
        Self::on(Store::Given(store), job, over, autoscaler)
    }

    fn on(store: Store, job: JobLine, over: Configuration, autoscaler: Autoscaler) -> Self {
        let clock = Arc::new(TraceClock::default());
        let port: Arc<dyn AutoScalerStateStore> = match &store {
            Store::Own(store) => Arc::clone(store) as _,
            Store::Given(store) => Arc::clone(store),
        };
        let ports = Ports::new(autoscaler.clone(), port, Arc::new(EventHandlers::new(Vec::new())))
            .with_clock(Arc::clone(&clock) as _);
        Self {
            parsed: parsed(&job, job.config.configuration(), &over),
            autoscaler,
            job,
            over,
            scaler: JobAutoScaler::new(ports),
            names: Arc::default(),
            clock,
            store,
        }
    }

    /// Runs a whole trace and returns all its cycles.
    ///
    /// # Errors
    /// As [`Self::each_cycle`].
    pub fn run(path: &Path, over: &Configuration, autoscaler: &Autoscaler) -> Result<Vec<ReplayedCycle>, TraceError> {
        let mut cycles = Vec::new();
        Self::each_cycle(path, over, autoscaler, |_, _, _, cycle| {
            cycles.push(cycle);
            Ok::<(), TraceError>(())
        })?;
        Ok(cycles)
    }

    /// Runs a whole trace and hands on each cycle with the line it was recorded in, until `visit` fails. The replay is
    /// as the cycle left it; the trace is there for errors about that line ([`Trace::broken`]). Whether the trace is whole:
    /// of one that is not, the part of a line at its end is left out ([`Trace::is_cut_off`]).
    ///
    /// # Errors
    /// The trace can't be read, a line of it is not what it should be, or what `visit` says.
    pub fn each_cycle<E: From<TraceError>>(
        path: &Path,
        over: &Configuration,
        autoscaler: &Autoscaler,
        mut visit: impl FnMut(&Trace, &CycleLine, &Self, ReplayedCycle) -> Result<(), E>,
    ) -> Result<bool, E> {
        let mut trace = Trace::open(path)?;
        let mut replay: Option<Self> = None;
        while let Some(line) = trace.next() {
            let job_first = || trace.broken("expected a job before any cycle");
            match line? {
                TraceLine::Job(job) => replay = Some(Self::new(job, over.clone(), autoscaler.clone())),
                TraceLine::Restart => {
                    let restarted = replay.as_mut().ok_or_else(job_first)?.restart();
                    restarted.map_err(|error| trace.broken(error.to_string()))?;
                }
                TraceLine::Cycle(line) => {
                    let replay = replay.as_mut().ok_or_else(job_first)?;
                    let cycle = replay.cycle(&line).map_err(|expected| trace.broken(expected))?;
                    visit(&trace, &line, replay, cycle)?;
                }
            }
        }
        Ok(!trace.is_cut_off())
    }

    /// The job as a process that starts now would hold it: what was in memory only is gone, what is stored is not. A
    /// store of the replay's own is copied, as its rows; one that was given is shared.
    ///
    /// # Errors
    /// A row of our own can't be read back, which is a bug.
    pub fn restarted(&self) -> Result<Self, UnreadableRow> {
        let store = match &self.store {
            Store::Own(_) => {
                let mut state = JobState::default();
                for (part, text) in self.rows() {
                    decode_whole(&mut state, part, &text)?;
                }
                Store::Own(Arc::new(TraceStore::of(state)))
            }
            given @ Store::Given(_) => given.clone(),
        };
        let restarted = Self::on(store, self.job.clone(), self.over.clone(), self.autoscaler.clone());
        Ok(Self { parsed: Arc::clone(&self.parsed), ..restarted })
    }

    /// The process restarts.
    ///
    /// # Errors
    /// As [`Self::restarted`].
    pub fn restart(&mut self) -> Result<(), UnreadableRow> {
        *self = self.restarted()?;
        Ok(())
    }

    /// The job's state as the process holds it; none before its first cycle.
    pub fn state(&self) -> Option<&JobState> {
        self.scaler.state()
    }

    /// What `read` makes of what is stored of the job. Of a given store that fails, nothing is stored.
    pub fn stored<T>(&self, read: impl FnOnce(&JobState) -> T) -> T {
        match &self.store {
            Store::Own(store) => store.read(read),
            Store::Given(store) => read(&block_on(store.load(&self.key())).unwrap_or_default().state),
        }
    }

    /// What is stored of the job, wherever it is: a text for each part that is there. A part that has no form as a text, which is a
    /// bug, has instead what is wrong with it: it differs from any recording, and can't be read back.
    pub fn rows(&self) -> BTreeMap<StatePart, String> {
        self.stored(|stored| {
            let text = |part| encode_whole(stored, part).unwrap_or_else(|error| Some(error.to_string()));
            let parts = StatePart::ALL.into_iter().filter(|part| *part != StatePart::Cluster);
            parts.filter_map(|part| Some((part, text(part)?))).collect()
        })
    }

    fn key(&self) -> JobKey {
        JobKey::new(self.job.job_key.as_str())
    }

    /// Runs a cycle.
    ///
    /// # Errors
    /// The cycle's instant is out of range, or a given store failed.
    pub fn cycle(&mut self, line: &Arc<CycleLine>) -> Result<ReplayedCycle, String> {
        if let Some(config) = &line.config {
            self.parsed = parsed(&self.job, config.configuration(), &self.over);
        }
        let now = from_epoch_millis(line.now).ok_or_else(|| format!("expected an instant as now, not {}", line.now))?;
        let now = time::after(now, Duration::from_nanos(line.nanos.into()));
        self.clock.set(now);
        let job = ListedJob::new(self.job.job_id, self.job.job_key.as_str(), line.status).with_key(self.key());
        let context = JobAutoScalerContext::new(ClusterName::new(CLUSTER), &job, Arc::clone(&self.parsed));
        let round = RecordedRound { line: Arc::clone(line), names: Arc::clone(&self.names) };
        let CycleEnded { report, failures, .. } = block_on(self.scaler.scale(&context, &round, &Nobody));
        if let Some(failure) = failures.first() {
            return Err(format!("expected a store that works: {}", failure.error.chain()));
        }
        let report = report.ok_or("expected a cycle that ends with a report")?;
        Ok(ReplayedCycle { now, report: Arc::unwrap_or_clone(report) })
    }
}

fn parsed(job: &JobLine, mut configuration: Configuration, over: &Configuration) -> Arc<ParsedConfiguration> {
    configuration.merge(over);
    let parsed = ParsedConfiguration::new(configuration);
    Arc::new(parsed.with_task_manager(job.task_manager_cpu, job.task_manager_memory_bytes))
}
