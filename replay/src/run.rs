//! Running the cycles of a trace.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use autoscaler_core::collect::RememberedNames;
use autoscaler_core::options::{Configuration, JobOptions};
use autoscaler_core::plugin::Plugins;
use autoscaler_core::state::codec::{StatePart, UnreadableRow, decode, encode};
use autoscaler_core::time::{Instant, from_epoch_millis};
use autoscaler_core::{CycleReport, JobAutoScalerContext, JobKey, JobState, Stage, cycle, stage};
use flink_rest::observe;

use crate::line::{CycleLine, JobLine, TraceLine};
use crate::trace::{Trace, TraceError};

/// One recorded job as the autoscaler's process holds it.
#[derive(Debug)]
pub struct Replay {
    job: JobLine,
    /// Options laid over the trace's.
    over: Configuration,
    configuration: Arc<Configuration>,
    options: Result<Arc<JobOptions>, autoscaler_core::options::InvalidOption>,
    plugins: Arc<Plugins>,
    state: JobState,
    names: RememberedNames,
    /// What a database would hold.
    rows: BTreeMap<StatePart, String>,
}

/// What became of one recorded cycle.
#[derive(Debug)]
pub struct ReplayedCycle {
    /// When it was.
    pub now: Instant,
    /// What it came to.
    pub report: CycleReport,
    /// What is stored after it, by part.
    pub rows: BTreeMap<StatePart, String>,
}

impl Replay {
    /// The job of a trace's first line, with options laid over its own.
    pub fn new(job: JobLine, over: Configuration, plugins: Arc<Plugins>) -> Self {
        let mut replay = Self {
            configuration: Arc::default(),
            options: JobOptions::from_configuration(&Configuration::new()).map(Arc::new),
            state: JobState::default(),
            names: RememberedNames::default(),
            rows: BTreeMap::new(),
            job,
            over,
            plugins,
        };
        replay.configure(replay.job.config.configuration());
        replay
    }

    /// Runs a whole trace and returns all its cycles.
    ///
    /// # Errors
    /// As [`Self::each_cycle`].
    pub fn run(path: &Path, over: &Configuration, plugins: &Arc<Plugins>) -> Result<Vec<ReplayedCycle>, TraceError> {
        let mut cycles = Vec::new();
        Self::each_cycle(path, over, plugins, |_, _, cycle| {
            cycles.push(cycle);
            Ok::<(), TraceError>(())
        })?;
        Ok(cycles)
    }

    /// Runs a whole trace and hands on each cycle, with the line it was recorded in, until `visit` fails. The trace is
    /// there for errors about that line ([`Trace::broken`]).
    ///
    /// # Errors
    /// The trace can't be read, a line of it is not what it should be, or what `visit` says.
    pub fn each_cycle<E: From<TraceError>>(
        path: &Path,
        over: &Configuration,
        plugins: &Arc<Plugins>,
        mut visit: impl FnMut(&Trace, &CycleLine, ReplayedCycle) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut trace = Trace::open(path)?;
        let mut replay: Option<Self> = None;
        while let Some(line) = trace.next() {
            let job_first = || trace.broken("expected a job before any cycle");
            match line? {
                TraceLine::Job(job) => replay = Some(Self::new(job, over.clone(), Arc::clone(plugins))),
                TraceLine::Restart => {
                    let restarted = replay.as_mut().ok_or_else(job_first)?.restart();
                    restarted.map_err(|error| trace.broken(error.to_string()))?;
                }
                TraceLine::Cycle(line) => {
                    let cycle = replay.as_mut().ok_or_else(job_first)?.cycle(&line);
                    visit(&trace, &line, cycle.map_err(|expected| trace.broken(expected))?)?;
                }
            }
        }
        Ok(())
    }

    fn configure(&mut self, mut configuration: Configuration) {
        configuration.merge(&self.over);
        self.options = JobOptions::from_configuration(&configuration).map(Arc::new);
        self.configuration = Arc::new(configuration);
    }

    /// The process restarts: memory is gone, the rows are not.
    ///
    /// # Errors
    /// A row of our own can't be read back, which is a bug.
    pub fn restart(&mut self) -> Result<(), UnreadableRow> {
        let mut state = JobState::default();
        for (part, text) in &self.rows {
            decode(&mut state, *part, text)?;
        }
        (self.state, self.names) = (state, RememberedNames::default());
        Ok(())
    }

    /// The job's state as the process holds it.
    pub fn state(&self) -> &JobState {
        &self.state
    }

    /// Goes on from another state, such as one that a store loaded; what is remembered in memory only stays.
    pub fn go_on_from(&mut self, state: JobState) {
        self.state = state;
    }

    /// Runs a cycle.
    ///
    /// # Errors
    /// The cycle's instant is out of range.
    pub fn cycle(&mut self, line: &CycleLine) -> Result<ReplayedCycle, String> {
        if let Some(config) = &line.config {
            self.configure(config.configuration());
        }
        let now = from_epoch_millis(line.now).ok_or_else(|| format!("expected an instant as now, not {}", line.now))?;
        let context = self.context(line);
        let seen = (stage(&context) == Stage::Observing).then(|| {
            let start = self.state.collected_metrics.get().start();
            futures::executor::block_on(observe(line, &mut self.names, start))
        });
        let report = cycle(&context, seen, &mut self.state, &mut self.names, now);
        if report.store {
            for part in StatePart::ALL {
                match encode(&self.state, part) {
                    Some(text) => self.rows.insert(part, text),
                    None => self.rows.remove(&part),
                };
            }
        }
        Ok(ReplayedCycle { now, report, rows: self.rows.clone() })
    }

    fn context(&self, line: &CycleLine) -> JobAutoScalerContext {
        JobAutoScalerContext {
            key: JobKey::new(self.job.job_key.as_str()),
            id: self.job.job_id,
            name: self.job.job_key.as_str().into(),
            status: line.status,
            options: self.options.clone(),
            configuration: Arc::clone(&self.configuration),
            task_manager_cpu: self.job.task_manager_cpu,
            task_manager_memory_bytes: self.job.task_manager_memory_bytes,
            time_zone: chrono_tz::UTC,
            plugins: Arc::clone(&self.plugins),
        }
    }
}
