//! What cycles came to, kept.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use autoscaler_core::{ClusterName, CycleReport, JobAutoScalerContext, JobKey, ListedJob, PortError};
use autoscaler_runtime::{CycleEnded, CycleObserver, Durations, RoundEnded, Skipped};
use tokio::sync::watch;

/// A cycle that ended.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct EndedCycle {
    /// The job's key.
    pub job: JobKey,
    /// What was decided.
    pub report: Option<Arc<CycleReport>>,
    /// How long its steps took.
    pub durations: Durations,
    /// Whether what is to be realized is stored.
    pub is_stored: bool,
    /// What failed, as text.
    pub failures: Vec<String>,
}

/// Keeps what cycles came to.
#[derive(Debug)]
pub struct RecordingObserver {
    cycles: Mutex<Vec<EndedCycle>>,
    skipped: Mutex<Vec<(JobKey, String)>>,
    found: Mutex<Vec<JobKey>>,
    gone: Mutex<Vec<JobKey>>,
    rounds: Mutex<Vec<(usize, usize, Option<Duration>)>>,
    clusters: Mutex<Vec<String>>,
    /// Grows with everything that happens.
    happened: watch::Sender<u64>,
}

impl Default for RecordingObserver {
    fn default() -> Self {
        let (happened, _) = watch::channel(0);
        Self {
            cycles: Mutex::default(),
            skipped: Mutex::default(),
            found: Mutex::default(),
            gone: Mutex::default(),
            rounds: Mutex::default(),
            clusters: Mutex::default(),
            happened,
        }
    }
}

impl RecordingObserver {
    /// The cycles of a job, in order.
    pub fn cycles(&self, job: &JobKey) -> Vec<EndedCycle> {
        self.cycles.lock().unwrap().iter().filter(|cycle| cycle.job == *job).cloned().collect()
    }

    /// Cycles of all jobs.
    pub fn count(&self) -> usize {
        self.cycles.lock().unwrap().len()
    }

    /// Why a job had no cycle, each time.
    pub fn skipped(&self, job: &JobKey) -> Vec<String> {
        self.skipped.lock().unwrap().iter().filter(|(key, _)| key == job).map(|(_, why)| why.clone()).collect()
    }

    /// Jobs that were listed for the first time, each time.
    pub fn found(&self) -> Vec<JobKey> {
        self.found.lock().unwrap().clone()
    }

    /// Jobs that are gone with their state.
    pub fn gone(&self) -> Vec<JobKey> {
        self.gone.lock().unwrap().clone()
    }

    /// Rounds: jobs listed, entries that can't be used, and the pause after a failure.
    pub fn rounds(&self) -> Vec<(usize, usize, Option<Duration>)> {
        self.rounds.lock().unwrap().clone()
    }

    /// Clusters that are watched, as told last.
    pub fn clusters(&self) -> Vec<String> {
        self.clusters.lock().unwrap().clone()
    }

    /// Waits until something holds, looking whenever anything happened. The deadline is generous in real time; in
    /// paused time it is reached only if nothing else can happen.
    ///
    /// # Panics
    /// It does not hold within ten minutes.
    pub async fn until(&self, what: &str, holds: impl Fn() -> bool + Send + Sync) {
        let mut happened = self.happened.subscribe();
        let waiting = async {
            while !holds() {
                let _something = tokio::time::timeout(Duration::from_millis(100), happened.changed()).await;
            }
        };
        if tokio::time::timeout(Duration::from_secs(600), waiting).await.is_err() {
            panic!("not within ten minutes: {what}");
        }
    }

    /// Waits for so many more cycles of all jobs.
    pub async fn more_cycles(&self, more: usize) {
        let goal = self.count() + more;
        self.until("more cycles", || self.count() >= goal).await;
    }

    fn happens(&self) {
        self.happened.send_modify(|count| *count += 1);
    }
}

impl CycleObserver for RecordingObserver {
    fn cycle_ended(&self, job: &JobAutoScalerContext, ended: &Arc<CycleEnded>) {
        let failures = ended.failures.iter().map(|failure| failure.error.chain().to_string()).collect();
        let (report, durations) = (ended.report.clone(), ended.durations);
        let cycle = EndedCycle { job: job.key.clone(), report, durations, is_stored: ended.is_stored, failures };
        self.cycles.lock().unwrap().push(cycle);
        self.happens();
    }

    fn cycle_skipped(&self, _: &ClusterName, job: &ListedJob, why: &Skipped) {
        self.skipped.lock().unwrap().push((job.key.clone(), format!("{why:?}")));
        self.happens();
    }

    fn job_found(&self, _: &ClusterName, job: &ListedJob) {
        self.found.lock().unwrap().push(job.key.clone());
        self.happens();
    }

    fn job_gone(&self, _: &ClusterName, job: &JobKey) {
        self.gone.lock().unwrap().push(job.clone());
        self.happens();
    }

    fn round_ended(&self, _: &ClusterName, round: &RoundEnded) {
        let pause = round.failure.as_ref().map(|(_, pause)| *pause);
        self.rounds.lock().unwrap().push((round.listed, round.unknown.len(), pause));
        self.happens();
    }

    fn clusters_watched(&self, clusters: &BTreeSet<ClusterName>) {
        *self.clusters.lock().unwrap() = clusters.iter().map(ToString::to_string).collect();
        self.happens();
    }

    fn right_to_act(&self, _: bool) {
        self.happens();
    }

    fn right_asked_for(&self, _: Option<&PortError>) {
        self.happens();
    }
}
