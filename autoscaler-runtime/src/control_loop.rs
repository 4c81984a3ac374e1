//! The control loop: every interval, a cycle for every job of the cluster.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use autoscaler_core::{JobKey, ListedJob, Round};
use futures::FutureExt;
use tokio::sync::{Mutex, Semaphore};
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::job_cycle::{JobMemory, run_cycle};
use crate::ports::Ports;

/// How long running cycles may take to end after a stop was asked for.
const STOP_WITHIN: Duration = Duration::from_secs(20);

/// Runs a cycle for every job, every interval. No job has two cycles at a time, and none waits for another's.
pub struct ControlLoop {
    ports: Ports,
    interval: Duration,
    cycles_at_once: Arc<Semaphore>,
    /// What is kept in memory of each job; locked while its cycle runs.
    memories: HashMap<JobKey, Arc<Mutex<JobMemory>>>,
    tasks: TaskTracker,
    /// Jobs that are gone and whose state could not be removed yet.
    not_removed: Arc<std::sync::Mutex<HashSet<JobKey>>>,
    /// Whether the last list of jobs could be had, so that only changes are logged at full volume.
    listing_works: bool,
}

impl fmt::Debug for ControlLoop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ControlLoop")
            .field("interval", &self.interval)
            .field("jobs", &self.memories.len())
            .finish_non_exhaustive()
    }
}

impl ControlLoop {
    /// A loop with a cycle each `interval`, of at most `parallelism` jobs at once.
    pub fn new(ports: Ports, interval: Duration, parallelism: usize) -> Self {
        Self {
            ports,
            interval,
            cycles_at_once: Arc::new(Semaphore::new(parallelism.clamp(1, Semaphore::MAX_PERMITS))),
            memories: HashMap::new(),
            tasks: TaskTracker::new(),
            not_removed: Arc::default(),
            listing_works: true,
        }
    }

    /// Runs until `stop` is cancelled, then lets running cycles end, within a bound.
    pub async fn run(mut self, stop: CancellationToken) {
        let mut ticks = tokio::time::interval(self.interval);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
        loop {
            tokio::select! {
                biased;
                () = stop.cancelled() => break,
                _ = ticks.tick() => {}
            }
            tokio::select! {
                biased;
                () = stop.cancelled() => break,
                () = self.begin_cycles() => {}
            }
        }
        self.tasks.close();
        let running = self.tasks.len();
        if running > 0 {
            tracing::info!("stopping: {running} cycles still run");
        }
        if tokio::time::timeout(STOP_WITHIN, self.tasks.wait()).await.is_err() {
            tracing::warn!("stopped with {} cycles unfinished after {STOP_WITHIN:?}", self.tasks.len());
        }
    }

    /// Lists the jobs and begins a cycle for each that has none running.
    async fn begin_cycles(&mut self) {
        let listed = match self.ports.jobs.list().await {
            Ok(listed) => listed,
            Err(error) => {
                if std::mem::replace(&mut self.listing_works, false) {
                    tracing::warn!(
                        "can't list the cluster's jobs, will go on trying each {:?}: {error}",
                        self.interval
                    );
                } else {
                    tracing::debug!("still can't list the cluster's jobs: {error}");
                }
                return;
            }
        };
        if !std::mem::replace(&mut self.listing_works, true) {
            tracing::info!("the cluster's jobs can be listed again");
        }
        self.clean_up(&listed);
        let round = self.ports.collector.begin();
        for job in listed {
            self.begin_cycle(job, &round);
        }
    }

    fn begin_cycle(&mut self, job: ListedJob, round: &Arc<dyn Round>) {
        let memory = self.memories.entry(job.key.clone()).or_insert_with(|| {
            tracing::info!(job = %job.key, name = %job.name, "watching the job");
            Arc::default()
        });
        let Ok(mut memory) = Arc::clone(memory).try_lock_owned() else {
            tracing::warn!(job = %job.key, name = %job.name, "the job's last cycle still runs; this one is left out");
            return;
        };
        let (ports, round, permits) = (self.ports.clone(), Arc::clone(round), Arc::clone(&self.cycles_at_once));
        self.tasks.spawn(async move {
            let Ok(_permit) = permits.acquire_owned().await else { return };
            let cycle = AssertUnwindSafe(run_cycle(&ports, &job, round.as_ref(), &mut memory));
            if cycle.catch_unwind().await.is_err() {
                // Whatever it left half done is dropped; the stored state is whole.
                *memory = JobMemory::default();
                tracing::error!(job = %job.key, name = %job.name, "a bug ended the job's cycle; please report it");
            }
        });
    }

    /// Forgets jobs that are no longer listed, once their last cycle has ended. What could not be removed is tried again.
    fn clean_up(&mut self, listed: &[ListedJob]) {
        let keys: HashSet<&JobKey> = listed.iter().map(|job| &job.key).collect();
        let is_gone =
            |(key, memory): &(&JobKey, &Arc<Mutex<JobMemory>>)| !keys.contains(key) && memory.try_lock().is_ok();
        let mut gone: Vec<JobKey> = self.memories.iter().filter(is_gone).map(|(key, _)| key.clone()).collect();
        gone.extend(lock(&self.not_removed).drain().filter(|key| !keys.contains(key)));
        for key in gone {
            self.memories.remove(&key);
            let (store, not_removed) = (Arc::clone(&self.ports.store), Arc::clone(&self.not_removed));
            self.tasks.spawn(async move {
                match store.remove(&key).await {
                    Ok(()) => tracing::info!(job = %key, "the job is gone: its state is removed"),
                    Err(error) => {
                        tracing::warn!(job = %key, "the job is gone, its state can't be removed, will try again: {error}");
                        lock(&not_removed).insert(key);
                    }
                }
            });
        }
    }
}

fn lock(keys: &std::sync::Mutex<HashSet<JobKey>>) -> std::sync::MutexGuard<'_, HashSet<JobKey>> {
    // A set of keys is whole at every moment, so a panic elsewhere does no harm here.
    keys.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
