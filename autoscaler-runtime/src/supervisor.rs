//! A control loop for each cluster there is.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use autoscaler_core::{Cluster, ClusterName, ClusterSource, ErrorChain, JobListFetcher, PortError, ScalingRealizer};
use futures::FutureExt;
use tokio::task::JoinHandle;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::configurations::Configurations;
use crate::control_loop::ControlLoop;
use crate::deadline::Deadline;
use crate::labelled;
use crate::observer::CycleObserver;
use crate::pace::Pace;
use crate::ports::Ports;
use crate::quiet::{Say, Standing};

/// Time between the beginnings of the loops over clusters that are found together: what thousands of them would need at
/// once, connections and room for answers, few need at a time.
const BETWEEN_CLUSTERS: Duration = Duration::from_millis(10);

/// How the realizer of a cluster is made.
type MakeRealizer = Box<dyn Fn(&Cluster) -> Result<Arc<dyn ScalingRealizer>, PortError> + Send + Sync>;

/// Runs a loop of its own for each cluster of a source: a cluster that is slow or away costs the others nothing.
pub struct Supervisor {
    source: Arc<dyn ClusterSource>,
    realizer: MakeRealizer,
    ports: Ports,
    configurations: Arc<Configurations>,
    pace: Pace,
    /// Whether jobs from before are to be found.
    finds_stored_jobs: bool,
    running: HashMap<ClusterName, Running>,
    /// The clusters that observers were told of last.
    told: Option<BTreeSet<ClusterName>>,
    loops: TaskTracker,
    complaints: Standing<Option<ClusterName>>,
}

/// The loop of a cluster.
struct Running {
    stop: CancellationToken,
    task: JoinHandle<()>,
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
            finds_stored_jobs: false,
            running: HashMap::new(),
            told: None,
            loops: TaskTracker::new(),
            complaints: Standing::default(),
        }
    }

    /// Also looks after jobs that the store knows from before: the state of those that ended while nobody ran is removed.
    #[must_use]
    pub fn finding_stored_jobs(mut self) -> Self {
        self.finds_stored_jobs = true;
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
        let there: HashSet<&ClusterName> =
            list.clusters.iter().map(|cluster| &cluster.name).chain(&list.unknown).collect();
        for (name, running) in &self.running {
            if there.contains(name) || running.stop.is_cancelled() {
                continue;
            }
            tracing::info!(cluster = %name, "the cluster is gone");
            running.stop.cancel();
        }
        // A cluster that comes back waits until its old loop has ended: no job has two cycles at a time.
        for (name, running) in self.running.extract_if(|_, running| running.task.is_finished()) {
            if let Some(Err(_)) = running.task.now_or_never() {
                tracing::error!(cluster = %name, "a bug ended the loop over the cluster's jobs; please report it");
            }
        }
        let mut delay = Duration::ZERO;
        for cluster in list.clusters {
            if !self.running.contains_key(&cluster.name) {
                self.start(cluster, delay, stop);
                delay += BETWEEN_CLUSTERS;
                if delay > self.pace.spread() {
                    delay = Duration::ZERO;
                }
            }
        }
        let watched: BTreeSet<ClusterName> = self.running.keys().cloned().collect();
        if self.told.as_ref() != Some(&watched) {
            self.ports.observers.clusters_watched(&watched);
            self.told = Some(watched);
        }
    }

    fn start(&mut self, mut cluster: Cluster, delay: Duration, stop: &CancellationToken) {
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
        let (labels, within) = (cluster.jobs.labels(), self.pace.cycle_timeout);
        cluster.jobs = Arc::new(Deadline::<dyn JobListFetcher>::new(cluster.jobs, within));
        let realizer = Arc::new(Deadline::<dyn ScalingRealizer>::new(realizer, within));
        let mut control_loop =
            ControlLoop::new(cluster, realizer, self.ports.clone(), Arc::clone(&self.configurations), self.pace)
                .beginning_after(delay);
        if self.finds_stored_jobs {
            control_loop = control_loop.finding_stored_jobs();
        }
        let stop = stop.child_token();
        let _labelled = labelled::span(&labels).entered();
        tracing::info!(cluster = %name, "watching a cluster each {:?}", self.pace.interval);
        let task = self.loops.spawn(control_loop.run(stop.clone()));
        self.running.insert(name, Running { stop, task });
    }
}
