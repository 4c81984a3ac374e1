//! The control loop of a cluster: every interval, a cycle for each of its jobs.

mod cycle;
mod keys;
mod removal;

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use autoscaler_core::{Cluster, ClusterSnapshot, JobKey, JobList, ListedJob, PortError, ScalingRealizer};
use tokio::sync::{Mutex, OwnedMutexGuard};
use tokio::time::{Instant, MissedTickBehavior};
use tokio_util::sync::CancellationToken;
use tokio_util::task::{AbortOnDropHandle, TaskTracker};
use tracing::Instrument;

use crate::configurations::Configurations;
use crate::gone_jobs::GoneJobs;
use crate::job::JobAutoScaler;
use crate::labelled;
use crate::lanes::Lanes;
use crate::observer::{CycleObserver, RoundEnded, Skipped};
use crate::pace::Pace;
use crate::pauses::Pauses;
use crate::ports::Ports;
use crate::right::Standing;
use keys::Keys;
use removal::Removals;

/// How long running cycles may take to end after a stop was asked for. With what comes after them it is less than the ten seconds
/// after which a container is killed.
const STOP_WITHIN: Duration = Duration::from_secs(6);
/// Into how many batches the cycles of a round are put. Those of one batch begin together: waking up for one answer
/// costs as much as for many.
const BATCHES: u32 = 50;
/// The longest pause after lists that failed.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// Runs a cycle for every job of a cluster, every interval. The cycles of a round begin one after the other over the
/// interval. No job has two cycles at a time, and none waits for another's.
pub struct ControlLoop {
    cluster: Arc<ClusterPorts>,
    keys: Keys,
    ports: Ports,
    pace: Pace,
    lanes: Lanes,
    /// The jobs of which something is in memory; one is locked while its cycle or its removal runs.
    jobs: HashMap<JobKey, Arc<Mutex<WatchedJob>>>,
    gone: GoneJobs,
    /// The tenure that the evidence of gone jobs is from.
    standing: Standing,
    removals: Removals,
    tasks: TaskTracker,
    /// After lists that failed.
    pauses: Pauses,
    /// Cycles that are still to begin in this round, in order of time.
    due: VecDeque<Due>,
    /// Ends what is still under way when the time for a clean stop is over.
    abandon: CancellationToken,
    /// Whether the store is still to be asked for jobs from before.
    finds_stored_jobs: bool,
    /// How long the first round waits.
    begins_after: Duration,
}

/// A cycle that is to begin.
struct Due {
    at: Instant,
    job: ListedJob,
    watched: OwnedMutexGuard<WatchedJob>,
    snapshot: Arc<dyn ClusterSnapshot>,
}

/// A list of jobs.
struct Listed {
    list: Result<JobList, PortError>,
    /// The jobs of which something is stored, where that was asked.
    stored: Option<Result<Vec<JobKey>, PortError>>,
    took: Duration,
    /// How much later than planned it was begun.
    lag: Duration,
}

/// A list that is under way.
type Listing = AbortOnDropHandle<Listed>;

/// A cluster with what its jobs' cycles need of it.
#[derive(Debug)]
struct ClusterPorts {
    cluster: Cluster,
    realizer: Arc<dyn ScalingRealizer>,
    configurations: Arc<Configurations>,
    cycle_timeout: Duration,
}

/// A job of the cluster.
#[derive(Debug)]
struct WatchedJob {
    scaler: JobAutoScaler,
    /// Whether its last cycle was slow.
    was_slow: bool,
    /// Whether the cluster has listed it.
    was_listed: bool,
}

impl fmt::Debug for ControlLoop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ControlLoop")
            .field("cluster", &self.cluster.cluster.name)
            .field("pace", &self.pace)
            .field("jobs", &self.jobs.len())
            .finish_non_exhaustive()
    }
}

impl ControlLoop {
    /// A loop over the jobs of `cluster`.
    pub fn new(
        cluster: Cluster,
        realizer: Arc<dyn ScalingRealizer>,
        ports: Ports,
        configurations: Arc<Configurations>,
        pace: Pace,
    ) -> Self {
        let ports = cluster.resource_check.iter().cloned().fold(ports, Ports::with_resource_check);
        let (cycle_timeout, standing) = (pace.cycle_timeout, ports.standing());
        Self {
            keys: Keys::of(&cluster),
            cluster: Arc::new(ClusterPorts { cluster, realizer, configurations, cycle_timeout }),
            ports,
            pace,
            lanes: Lanes::new(pace.parallelism, pace.slow_after()),
            jobs: HashMap::new(),
            gone: GoneJobs::new(pace.gone),
            standing,
            removals: Removals::default(),
            tasks: TaskTracker::new(),
            pauses: Pauses::default(),
            due: VecDeque::new(),
            abandon: CancellationToken::new(),
            finds_stored_jobs: false,
            begins_after: Duration::ZERO,
        }
    }

    /// Begins its first round after `delay`, and so each later one: the loops over many clusters are not to begin all at
    /// once.
    #[must_use]
    pub fn beginning_after(mut self, delay: Duration) -> Self {
        self.begins_after = delay;
        self
    }

    /// Also watches over the state of jobs that the store knows from before, once the store can be asked: those of this
    /// cluster that it does not list are gone, by the same evidence as others.
    #[must_use]
    pub fn finding_stored_jobs(mut self) -> Self {
        self.finds_stored_jobs = true;
        self
    }

    /// Runs until `stop` is cancelled, then lets running cycles end, within a bound.
    pub async fn run(mut self, stop: CancellationToken) {
        let mut ticks = tokio::time::interval_at(Instant::now() + self.begins_after, self.pace.interval);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let mut listing: Option<Listing> = None;
        loop {
            let next = self.due.front().map(|due| due.at);
            tokio::select! {
                biased;
                () = stop.cancelled() => break,
                // Listing does not hold up the cycles that are due from the round before.
                listed = async { listing.as_mut()?.await.ok() }, if listing.is_some() => {
                    listing = None;
                    if let Some(listed) = listed {
                        self.begin_round(listed);
                    }
                }
                () = tokio::time::sleep_until(next.unwrap_or_else(Instant::now)), if next.is_some() => self.begin_due(),
                planned = ticks.tick() => {
                    if listing.is_none() && !self.pauses.is_pausing() {
                        listing = Some(self.list(planned));
                    }
                }
            }
        }
        self.lanes.close();
        self.tasks.close();
        self.due.clear();
        if tokio::time::timeout(STOP_WITHIN, self.tasks.wait()).await.is_err() {
            tracing::warn!(
                cluster = %self.cluster.cluster.name,
                "stopped with {} cycles unfinished after {STOP_WITHIN:?}",
                self.tasks.len()
            );
            // Nothing may act any more when this returns: somebody else may be next.
            self.abandon.cancel();
            self.tasks.wait().await;
        }
    }

    /// Lists the jobs.
    fn list(&self, planned: Instant) -> Listing {
        let (cluster, clock) = (Arc::clone(&self.cluster), Arc::clone(&self.ports.clock));
        let keys = self.keys.clone();
        // Who follows would ask each round, and could do nothing about what it hears.
        let asks = self.finds_stored_jobs && self.ports.may_act();
        let store = asks.then(|| Arc::clone(&self.ports.store));
        let lag = planned.elapsed();
        let span = labelled::span(&cluster.cluster.jobs.labels());
        let listing = async move {
            let started = clock.watch();
            let mut list = cluster.cluster.jobs.list().await;
            if let Ok(list) = &mut list {
                keys.give(list);
            }
            let took = clock.watch().saturating_sub(started);
            let stored = match store {
                Some(store) => Some(store.jobs().await),
                None => None,
            };
            Listed { list, stored, took, lag }
        };
        // A list that is under way at the end is nobody's any more.
        AbortOnDropHandle::new(tokio::spawn(listing.instrument(span)))
    }

    /// Has a cycle become due for each job that has none running.
    fn begin_round(&mut self, listed: Listed) {
        let labels = self.cluster.cluster.jobs.labels();
        let _labelled = labelled::span(&labels).entered();
        // Who follows knows the cluster, and does nothing about its jobs.
        let may_act = self.ports.may_act();
        let standing = self.ports.standing();
        if std::mem::replace(&mut self.standing, standing) != standing {
            self.gone = GoneJobs::new(self.pace.gone);
        }
        let Listed { list, stored, took, lag } = listed;
        if let Some(Ok(jobs)) = stored
            && may_act
        {
            self.finds_stored_jobs = false;
            for key in &jobs {
                if self.keys.may_be_ours(key) {
                    drop(self.watched(key));
                }
            }
        }
        let mut round = RoundEnded { labels, listed: 0, unknown: Vec::new(), listing: took, failure: None, lag };
        match list {
            Ok(mut list) => {
                self.pauses.end();
                if may_act {
                    self.remove_gone(&list);
                }
                // In an order of its own, so that a job's place in the interval stays about the same.
                list.jobs.sort_by(|a, b| a.key.cmp(&b.key));
                round.listed = list.jobs.len();
                round.unknown = std::mem::take(&mut list.unknown);
                if may_act {
                    self.spread(list);
                }
            }
            Err(error) => {
                let interval = self.pace.interval;
                let pause = self.pauses.begin(&error, interval / 2, LONGEST_PAUSE.max(interval));
                round.failure = Some((error, pause));
            }
        }
        self.ports.observers.round_ended(&self.cluster.cluster.name, &round);
    }

    fn spread(&mut self, list: JobList) {
        let snapshot = self.cluster.cluster.collector.begin();
        let count = u32::try_from(list.jobs.len()).unwrap_or(u32::MAX).max(1);
        let step = self.pace.spread() / count;
        let together = count.div_ceil(BATCHES);
        let start = Instant::now();
        for (index, job) in (0u32..).zip(list.jobs) {
            // Locked from now on: the cycle that is due next round must not overtake this one.
            match self.watched(&job.key).try_lock_owned() {
                Ok(mut watched) => {
                    if !std::mem::replace(&mut watched.was_listed, true) {
                        self.ports.observers.job_found(&self.cluster.cluster.name, &job);
                    }
                    let snapshot = Arc::clone(&snapshot);
                    self.due.push_back(Due { at: start + step * (index - index % together), job, watched, snapshot });
                }
                Err(_) => {
                    let name = &self.cluster.cluster.name;
                    self.ports.observers.cycle_skipped(name, &job, &Skipped::StillRunning);
                }
            }
        }
    }

    /// Begins the cycles that are due.
    fn begin_due(&mut self) {
        if !self.ports.may_act() {
            self.due.clear();
            return;
        }
        let now = Instant::now();
        while let Some(Due { job, mut watched, snapshot, .. }) = self.due.pop_front_if(|due| due.at <= now) {
            let (cluster, ports, lanes) = (Arc::clone(&self.cluster), self.ports.clone(), self.lanes.clone());
            let abandon = self.abandon.clone();
            self.tasks.spawn(async move {
                let was_slow = watched.was_slow;
                let cycle = cycle::run(&cluster, &ports, &job, snapshot.as_ref(), &mut watched.scaler);
                let pass = Box::pin(lanes.pass(was_slow, cycle));
                if let Some(Some(((), is_slow))) = abandon.run_until_cancelled(pass).await {
                    watched.was_slow = is_slow;
                }
            });
        }
    }

    fn watched(&mut self, key: &JobKey) -> Arc<Mutex<WatchedJob>> {
        let new = || {
            let scaler = JobAutoScaler::new(self.ports.clone()).taking_over(self.keys.former(key));
            WatchedJob { scaler, was_slow: false, was_listed: false }
        };
        Arc::clone(self.jobs.entry(key.clone()).or_insert_with(|| Arc::new(Mutex::new(new()))))
    }
}
