//! A control loop for each cluster there is.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use autoscaler_core::{
    Cluster, ClusterName, ClusterSource, ErrorChain, JobKey, JobListFetcher, PortError, ScalingRealizer,
};
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::configurations::Configurations;
use crate::control_loop::ControlLoop;
use crate::deadline::Deadline;
use crate::pace::Pace;
use crate::ports::Ports;
use crate::quiet::{Say, Standing};

/// How the realizer of a cluster is made.
type MakeRealizer = Box<dyn Fn(&Cluster) -> Result<Arc<dyn ScalingRealizer>, PortError> + Send + Sync>;

/// Runs a loop of its own for each cluster of a source: a cluster that is slow or away costs the others nothing.
pub struct Supervisor {
    source: Arc<dyn ClusterSource>,
    realizer: MakeRealizer,
    ports: Ports,
    configurations: Arc<Configurations>,
    pace: Pace,
    /// Jobs with a state from before, until somebody watches over them.
    stored_jobs: Vec<JobKey>,
    running: HashMap<ClusterName, CancellationToken>,
    loops: TaskTracker,
    complaints: Standing<Option<ClusterName>>,
}

impl fmt::Debug for Supervisor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Supervisor").field("source", &self.source).field("clusters", &self.running.keys()).finish()
    }
}

impl Supervisor {
    /// Over the clusters of `source`, each with a realizer made by `realizer`.
    pub fn new(
        source: Arc<dyn ClusterSource>,
        realizer: impl Fn(&Cluster) -> Result<Arc<dyn ScalingRealizer>, PortError> + Send + Sync + 'static,
        ports: Ports,
        configurations: Arc<Configurations>,
        pace: Pace,
    ) -> Self {
        Self {
            source,
            realizer: Box::new(realizer),
            ports,
            configurations,
            pace,
            stored_jobs: Vec::new(),
            running: HashMap::new(),
            loops: TaskTracker::new(),
            complaints: Standing::default(),
        }
    }

    /// With the jobs that have a state from before: those that ended while nobody ran are found among them.
    #[must_use]
    pub fn with_stored_jobs(mut self, jobs: Vec<JobKey>) -> Self {
        self.stored_jobs = jobs;
        self
    }

    /// Runs until `stop` is cancelled and every loop has ended.
    pub async fn run(mut self, stop: CancellationToken) {
        let mut ticks = tokio::time::interval(self.pace.interval);
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
                () = self.compare(&stop) => {}
            }
        }
        self.loops.close();
        self.loops.wait().await;
    }

    /// Starts loops for clusters that are new, and stops those of clusters that are gone. What can't be told stays.
    async fn compare(&mut self, stop: &CancellationToken) {
        let list = match self.source.clusters().await {
            Ok(list) => list,
            Err(error) => {
                let error = error.chain().to_string();
                if self.complaints.complain(None, &error) == Say::Aloud {
                    tracing::warn!("can't tell which clusters there are, those that were there stay: {error}");
                }
                return;
            }
        };
        if self.complaints.end(&None).is_some() {
            tracing::info!("it can be told again which clusters there are");
        }
        let is_there = |name: &ClusterName| {
            list.clusters.iter().any(|cluster| cluster.name == *name) || list.unknown.contains(name)
        };
        self.running.retain(|name, stop| {
            let stays = is_there(name);
            if !stays {
                tracing::info!(cluster = %name, "the cluster is gone");
                stop.cancel();
            }
            stays
        });
        let is_only_one = list.clusters.len() == 1 && list.unknown.is_empty();
        for cluster in list.clusters {
            if !self.running.contains_key(&cluster.name) {
                self.start(cluster, is_only_one, stop);
            }
        }
    }

    fn start(&mut self, mut cluster: Cluster, is_only_one: bool, stop: &CancellationToken) {
        let name = cluster.name.clone();
        let realizer = match (self.realizer)(&cluster) {
            Ok(realizer) => realizer,
            Err(error) => {
                let error = ErrorChain(&error).to_string();
                if self.complaints.complain(Some(name.clone()), &error) == Say::Aloud {
                    tracing::warn!(cluster = %name, "the cluster's jobs can't be scaled: {error}");
                }
                return;
            }
        };
        self.complaints.end(&Some(name.clone()));
        let within = self.pace.cycle_timeout;
        cluster.jobs = Arc::new(Deadline::<dyn JobListFetcher>::new(cluster.jobs, within));
        let realizer = Arc::new(Deadline::<dyn ScalingRealizer>::new(realizer, within));
        let mut control_loop =
            ControlLoop::new(cluster, realizer, self.ports.clone(), Arc::clone(&self.configurations), self.pace);
        let stored_jobs = std::mem::take(&mut self.stored_jobs);
        if is_only_one {
            control_loop = control_loop.with_stored_jobs(stored_jobs);
        } else if !stored_jobs.is_empty() {
            // A key does not say whose it is, so nothing can be concluded from one cluster's list.
            tracing::info!("the state of jobs that ended while nobody ran is kept: there are several clusters");
        }
        let stop = stop.child_token();
        self.running.insert(name.clone(), stop.clone());
        tracing::info!(cluster = %name, "watching a cluster each {:?}", self.pace.interval);
        self.loops.spawn(control_loop.run(stop));
    }
}
