//! Running the cycles of a trace.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use autoscaler_core::options::Configuration;
use autoscaler_core::state::StatePart;
use autoscaler_core::state::codec::{UnreadableRow, decode_whole, encode_whole};
use autoscaler_core::time::{Instant, from_epoch_millis};
use autoscaler_core::{
    Autoscaler, ClusterName, CycleMemory, CycleReport, JobAutoScalerContext, JobKey, JobState, ListedJob,
    ParsedConfiguration, Stage, stage,
};
use flink_rest::recorded::{MetricNames, observe};

use crate::line::{CycleLine, JobLine, TraceLine};
use crate::trace::{Trace, TraceError};

/// The name of the cluster in a trace, which has none.
const CLUSTER: &str = "recorded";

/// One recorded job as the autoscaler's process holds it.
#[derive(Debug)]
pub struct Replay {
    autoscaler: Autoscaler,
    job: JobLine,
    /// Options laid over the trace's.
    over: Configuration,
    parsed: Arc<ParsedConfiguration>,
    state: JobState,
    names: MetricNames,
    memory: CycleMemory,
    /// What a database would hold.
    stored: JobState,
    /// Whether that has the changes of the last cycle.
    is_saved: bool,
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
        Self {
            parsed: parsed(&job, job.config.configuration(), &over),
            autoscaler,
            job,
            over,
            state: JobState::default(),
            names: MetricNames::default(),
            memory: CycleMemory::default(),
            stored: JobState::default(),
            is_saved: false,
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
    /// as the cycle left it; the trace is there for errors about that line ([`Trace::broken`]).
    ///
    /// # Errors
    /// The trace can't be read, a line of it is not what it should be, or what `visit` says.
    pub fn each_cycle<E: From<TraceError>>(
        path: &Path,
        over: &Configuration,
        autoscaler: &Autoscaler,
        mut visit: impl FnMut(&Trace, &CycleLine, &Self, ReplayedCycle) -> Result<(), E>,
    ) -> Result<(), E> {
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
        Ok(())
    }

    /// The job as a process that starts now would hold it: what was in memory only is gone, what is stored is not.
    ///
    /// # Errors
    /// A row of our own can't be read back, which is a bug.
    pub fn restarted(&self) -> Result<Self, UnreadableRow> {
        let (mut state, mut stored) = (JobState::default(), JobState::default());
        for (part, text) in self.rows() {
            decode_whole(&mut state, part, &text)?;
            decode_whole(&mut stored, part, &text)?;
        }
        Ok(Self {
            autoscaler: self.autoscaler.clone(),
            job: self.job.clone(),
            over: self.over.clone(),
            parsed: Arc::clone(&self.parsed),
            state,
            names: MetricNames::default(),
            memory: CycleMemory::default(),
            stored,
            is_saved: false,
        })
    }

    /// The process restarts.
    ///
    /// # Errors
    /// As [`Self::restarted`].
    pub fn restart(&mut self) -> Result<(), UnreadableRow> {
        *self = self.restarted()?;
        Ok(())
    }

    /// The job's state as the process holds it, its changes of the last cycle marked as such.
    pub fn state(&self) -> &JobState {
        &self.state
    }

    /// What is stored of the job: a text for each part that is there. A part that has no form as a text, which is a
    /// bug, has instead what is wrong with it: it differs from any recording, and can't be read back.
    pub fn rows(&self) -> BTreeMap<StatePart, String> {
        let text = |part| encode_whole(&self.stored, part).unwrap_or_else(|error| Some(error.to_string()));
        StatePart::ALL.into_iter().filter_map(|part| Some((part, text(part)?))).collect()
    }

    /// Goes on from another state, such as one that a store loaded; what is remembered in memory only stays.
    pub fn go_on_from(&mut self, state: JobState) {
        (self.state, self.is_saved) = (state, false);
    }

    /// Runs a cycle.
    ///
    /// # Errors
    /// The cycle's instant is out of range, or the state has no form as rows.
    pub fn cycle(&mut self, line: &CycleLine) -> Result<ReplayedCycle, String> {
        if let Some(config) = &line.config {
            self.parsed = parsed(&self.job, config.configuration(), &self.over);
        }
        let now = from_epoch_millis(line.now).ok_or_else(|| format!("expected an instant as now, not {}", line.now))?;
        let report = self.walk(line, now);
        Ok(ReplayedCycle { now, report })
    }

    /// A cycle from observing to storing.
    fn walk(&mut self, line: &CycleLine, now: Instant) -> CycleReport {
        if self.is_saved {
            self.state.mark_stored();
        }
        let job = ListedJob::new(self.job.job_id, self.job.job_key.as_str(), line.status)
            .with_key(JobKey::new(self.job.job_key.as_str()));
        let context = JobAutoScalerContext::new(ClusterName::new(CLUSTER), &job, Arc::clone(&self.parsed));
        let observed = (stage(&context) == Stage::Observing).then(|| {
            let start = self.state.collected_metrics.get().start();
            futures::executor::block_on(observe(line, &mut self.names, start))
        });
        let report = self.autoscaler.cycle(&context, observed, &mut self.state, &mut self.memory, now);
        self.is_saved = report.store;
        if report.store {
            self.stored.take_changes_of(&self.state);
        }
        report
    }
}

fn parsed(job: &JobLine, mut configuration: Configuration, over: &Configuration) -> Arc<ParsedConfiguration> {
    configuration.merge(over);
    let parsed = ParsedConfiguration::new(configuration);
    Arc::new(parsed.with_task_manager(job.task_manager_cpu, job.task_manager_memory_bytes))
}
