//! Watches the cycles that are recorded.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use autoscaler_core::{ClusterName, JobAutoScalerContext, JobKey, JobState, ListedJob, ParsedConfiguration, PortError};
use autoscaler_runtime::{BeginningObserver, CycleEnded, CycleObserver, RoundEnded, Skipped};
use flink_rest::recorded::Tape;

use super::configuration::recorded;
use super::entry::{Entry, RecordedJob, job_line};
use super::file_name::file_name;
use super::queue::Queue;

/// Puts together what each cycle began with, what the cluster answered and what was decided, and has it written.
#[derive(Debug)]
pub struct Recorder {
    tape: Arc<Tape>,
    queue: Arc<Queue>,
    jobs: Mutex<HashMap<(ClusterName, JobKey), Watched>>,
    ids: AtomicU64,
}

#[derive(Debug)]
struct Watched {
    job: Arc<RecordedJob>,
    /// What it was configured with in its last cycle, and what the trace has of that.
    configured: Option<(Arc<ParsedConfiguration>, BTreeMap<String, String>)>,
    /// Whether a cycle has begun: one that only finishes what was decided before is none to replay.
    has_begun: bool,
    /// The `job` line of the cycle under way.
    beginning: Option<String>,
}

impl Recorder {
    pub(super) fn new(tape: Arc<Tape>, queue: Arc<Queue>) -> Self {
        Self { tape, queue, jobs: Mutex::default(), ids: AtomicU64::new(0) }
    }

    fn locked(&self) -> MutexGuard<'_, HashMap<(ClusterName, JobKey), Watched>> {
        // No operation leaves the map half changed, so a panic elsewhere does no harm here.
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn new_job(&self) -> Watched {
        let id = self.ids.fetch_add(1, Ordering::Relaxed);
        Watched { job: Arc::new(RecordedJob::new(id)), configured: None, has_begun: false, beginning: None }
    }
}

impl Watched {
    /// Takes note of a configuration; whether a replay would have to be told of it.
    fn configure(&mut self, parsed: &Arc<ParsedConfiguration>) -> bool {
        if self.configured.as_ref().is_some_and(|(known, _)| Arc::ptr_eq(known, parsed)) {
            return false;
        }
        let found = recorded(parsed);
        let same = self.configured.as_ref().is_some_and(|(known, recorded)| {
            known.task_manager_cpu == parsed.task_manager_cpu
                && known.task_manager_memory_bytes == parsed.task_manager_memory_bytes
                && *recorded == found
        });
        self.configured = Some((Arc::clone(parsed), found));
        !same
    }
}

/// Nothing is recorded of a job for which autoscaling is off.
fn is_off(job: &JobAutoScalerContext) -> bool {
    job.options().is_ok_and(|options| !options.enabled)
}

impl BeginningObserver for Recorder {
    fn cycle_begins(&self, job: &JobAutoScalerContext, state: &JobState, is_loaded: bool) {
        let mut jobs = self.locked();
        let watched = jobs.entry((job.cluster.clone(), job.key.clone())).or_insert_with(|| self.new_job());
        watched.beginning = None;
        watched.has_begun = !is_off(job);
        if !watched.has_begun {
            watched.job.set_needs_beginning(true);
            return;
        }
        let is_configured_anew = watched.configure(&job.parsed);
        if is_loaded || is_configured_anew || watched.job.needs_beginning() {
            let config = watched.configured.as_ref().map(|(_, config)| config);
            watched.beginning = config.and_then(|config| job_line(job, config, state).ok());
        }
    }
}

impl CycleObserver for Recorder {
    fn cycle_ended(&self, job: &JobAutoScalerContext, ended: &Arc<CycleEnded>) {
        let answers = self.tape.take(&job.cluster, &job.key);
        let Some(report) = ended.report.as_ref().filter(|_| !is_off(job)) else { return };
        let mut jobs = self.locked();
        let Some(watched) = jobs.get_mut(&(job.cluster.clone(), job.key.clone())) else { return };
        if !std::mem::take(&mut watched.has_begun) {
            return;
        }
        let beginning = watched.beginning.take();
        if beginning.is_some() {
            watched.job.set_needs_beginning(false);
        }
        self.queue.write(Entry {
            job: Arc::clone(&watched.job),
            name: if beginning.is_some() { file_name(job, ended.at) } else { String::new() },
            beginning,
            now: ended.at,
            status: job.status,
            answers: answers.unwrap_or_default(),
            report: Arc::clone(report),
        });
    }

    fn cycle_skipped(&self, cluster: &ClusterName, job: &ListedJob, why: &Skipped) {
        // A cycle that still runs is to have its answers.
        if !matches!(why, Skipped::StillRunning) {
            self.tape.take(cluster, &job.key);
        }
    }

    fn job_found(&self, _: &ClusterName, _: &ListedJob) {}

    fn job_gone(&self, cluster: &ClusterName, job: &JobKey) {
        self.tape.take(cluster, job);
        let gone = self.locked().remove(&(cluster.clone(), job.clone()));
        if let Some(gone) = gone {
            self.queue.end_of(gone.job);
        }
    }

    fn round_ended(&self, _: &ClusterName, _: &RoundEnded) {}

    fn clusters_watched(&self, clusters: &BTreeSet<ClusterName>) {
        for ((cluster, job), gone) in self.locked().extract_if(|(cluster, _), _| !clusters.contains(cluster)) {
            self.tape.take(&cluster, &job);
            self.queue.end_of(gone.job);
        }
    }

    fn right_to_act(&self, _: bool) {}

    fn right_asked_for(&self, _: Option<&PortError>) {}
}
