//! A cluster on the heap.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};

use async_trait::async_trait;
use autoscaler_core::time::Instant;
use autoscaler_core::{
    Cluster, ClusterName, ClusterSnapshot, ErrorKind, Event, JobAutoScalerContext, JobConfiguration, JobId, JobKey,
    JobList, JobListFetcher, JobStatus, Labels, ListedJob, MetricsCollector, Observation, ObserveError, PortError,
    Realization, ScalingRealizer, UnknownJob,
};
use autoscaler_runtime::Clock;

use super::job::{FakeJob, JobTrouble};
use crate::job::{CLUSTER, id};

/// What is wrong with the list of jobs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListTrouble {
    /// It fails in this way.
    Fails(ErrorKind),
    /// It has an entry of which not even the job is known.
    NamelessEntry,
}

/// A cluster on the heap: its own job list, collector and realizer. Clones share everything.
#[derive(Clone, Debug)]
pub struct FakeCluster {
    clock: Arc<dyn Clock>,
    world: Arc<Mutex<World>>,
}

#[derive(Debug, Default)]
struct World {
    jobs: BTreeMap<u32, FakeJob>,
    labels: Labels,
    list_trouble: Option<ListTrouble>,
    lists: usize,
    snapshots: usize,
    observed: Vec<(u32, Instant)>,
    rescaled: Vec<(u32, i32)>,
    /// Jobs of which it was reported that they refuse to be rescaled.
    refused: BTreeSet<JobKey>,
    /// One of each content.
    configurations: Vec<Arc<JobConfiguration>>,
    forgotten: Vec<JobKey>,
}

impl FakeCluster {
    /// A cluster without jobs.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, world: Arc::default() }
    }

    /// The cluster as a source of clusters hands it over.
    pub fn as_cluster(&self) -> Cluster {
        let shared = Arc::new(self.clone());
        Cluster::new(ClusterName::new(CLUSTER), Arc::clone(&shared) as _, Arc::clone(&shared) as _, shared)
    }

    fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Adds a running job that `load` subtasks' worth of work comes for, with one subtask so far.
    pub fn add_job(&self, number: u32, load: f64, options: &[(&str, &str)]) {
        let options = options.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        let running_since = self.clock.now();
        let status = JobStatus::Running;
        let job = FakeJob { number, options, load, source: 1, parallelism: 1, status, trouble: None, running_since };
        self.world().jobs.insert(number, job);
    }

    /// Changes a job.
    pub fn change(&self, number: u32, change: impl FnOnce(&mut FakeJob)) {
        change(self.world().jobs.get_mut(&number).unwrap());
    }

    /// Gets a job into trouble, or out of it.
    pub fn set_trouble(&self, number: u32, trouble: impl Into<Option<JobTrouble>>) {
        let trouble = trouble.into();
        self.change(number, |job| job.trouble = trouble);
    }

    /// Takes a job away, and returns it.
    pub fn remove_job(&self, number: u32) -> FakeJob {
        self.world().jobs.remove(&number).unwrap()
    }

    /// Puts a job back.
    pub fn put_back(&self, job: FakeJob) {
        self.world().jobs.insert(job.number, job);
    }

    /// Changes what is known of the cluster beside its name.
    pub fn set_labels(&self, labels: Labels) {
        self.world().labels = labels;
    }

    /// Gets the list into trouble, or out of it.
    pub fn set_list_trouble(&self, trouble: impl Into<Option<ListTrouble>>) {
        self.world().list_trouble = trouble.into();
    }

    /// The subtasks a job's keyed vertex has.
    pub fn parallelism(&self, number: u32) -> i32 {
        self.world().jobs[&number].parallelism
    }

    /// The subtasks a job's source has.
    pub fn source_parallelism(&self, number: u32) -> i32 {
        self.world().jobs[&number].source
    }

    /// How often the jobs were listed.
    pub fn lists(&self) -> usize {
        self.world().lists
    }

    /// How often a round of observations was begun.
    pub fn snapshots(&self) -> usize {
        self.world().snapshots
    }

    /// When a job was observed.
    pub fn observed(&self, number: u32) -> Vec<Instant> {
        self.world().observed.iter().filter(|(job, _)| *job == number).map(|(_, at)| *at).collect()
    }

    /// What the keyed vertices of jobs were rescaled to, in order.
    pub fn rescaled(&self) -> Vec<(u32, i32)> {
        self.world().rescaled.clone()
    }

    /// The jobs that were forgotten, by each port of this cluster.
    pub fn forgotten(&self) -> Vec<JobKey> {
        self.world().forgotten.clone()
    }

    fn job(&self, job: JobId) -> Result<FakeJob, PortError> {
        let world = self.world();
        let found = world.jobs.values().find(|known| id(known.number) == job.to_string());
        found.cloned().ok_or_else(|| PortError::new(ErrorKind::NotFound, "there is no such job"))
    }
}

#[async_trait]
impl JobListFetcher for FakeCluster {
    async fn list(&self) -> Result<JobList, PortError> {
        let mut world = self.world();
        world.lists += 1;
        let mut list = JobList::default();
        match world.list_trouble {
            Some(ListTrouble::Fails(kind)) => return Err(PortError::new(kind, "the cluster is away")),
            Some(ListTrouble::NamelessEntry) => {
                list.unknown.push(UnknownJob::new(None, "an entry without an id"));
            }
            None => {}
        }
        for job in world.jobs.values() {
            let listed = job.listed();
            if job.trouble == Some(JobTrouble::Unreadable) {
                list.unknown.push(UnknownJob::new(Some(listed.key), "its status is not known"));
            } else if job.status.is_ended() {
                list.ended.push(listed.key);
            } else {
                list.jobs.push(listed);
            }
        }
        Ok(list)
    }

    async fn configuration(&self, job: &ListedJob) -> Result<Arc<JobConfiguration>, PortError> {
        let job = self.job(job.id)?;
        match job.trouble {
            Some(JobTrouble::NoConfiguration) => {
                Err(PortError::new(ErrorKind::Unavailable, "the configuration is away"))
            }
            _ => {
                let (configuration, mut world) = (job.configuration(), self.world());
                if let Some(known) = world.configurations.iter().find(|known| ***known == configuration) {
                    return Ok(Arc::clone(known));
                }
                let configuration = Arc::new(configuration);
                world.configurations.push(Arc::clone(&configuration));
                Ok(configuration)
            }
        }
    }

    fn labels(&self) -> Labels {
        self.world().labels.clone()
    }

    fn forget(&self, job: &JobKey) {
        self.world().forgotten.push(job.clone());
    }
}

impl MetricsCollector for FakeCluster {
    fn begin(&self) -> Arc<dyn ClusterSnapshot> {
        self.world().snapshots += 1;
        Arc::new(self.clone())
    }

    fn forget(&self, job: &JobKey) {
        self.world().forgotten.push(job.clone());
    }
}

#[async_trait]
impl ClusterSnapshot for FakeCluster {
    async fn observe(&self, job: &JobAutoScalerContext, _: Option<Instant>) -> Result<Observation, ObserveError> {
        let job = self.job(job.id)?;
        let now = self.clock.now();
        self.world().observed.push((job.number, now));
        match &job.trouble {
            Some(JobTrouble::ObservationFails) => {
                return Err(PortError::new(ErrorKind::Unavailable, "something broke").into());
            }
            Some(JobTrouble::Slow(delay)) => tokio::time::sleep(*delay).await,
            Some(JobTrouble::Hangs) => std::future::pending().await,
            Some(JobTrouble::Panics) => panic!("a collector with a bug"),
            _ => {}
        }
        Ok(job.observation(now))
    }
}

#[async_trait]
impl ScalingRealizer for FakeCluster {
    async fn realize(&self, job: &JobAutoScalerContext, realization: &Realization) -> Result<Vec<Event>, PortError> {
        let known = self.job(job.id)?;
        if known.trouble == Some(JobTrouble::RescaleFails) {
            return Err(PortError::new(ErrorKind::Unavailable, "the job can't be rescaled now"));
        }
        let wanted = |vertex: u32, now: i32| {
            let mut overrides = realization.parallelism.iter().flatten();
            overrides.find(|(known, _)| known.to_string() == id(vertex)).map_or(now, |(_, wanted)| *wanted)
        };
        let (source, parallelism) = (wanted(1, known.source), wanted(2, known.parallelism));
        let is_running = job.status == JobStatus::Running && known.status == JobStatus::Running;
        if !is_running || (source, parallelism) == (known.source, known.parallelism) {
            return Ok(Vec::new());
        }
        let now = self.clock.now();
        let mut world = self.world();
        if known.trouble == Some(JobTrouble::RefusesRescale) {
            let is_new = world.refused.insert(job.key.clone());
            return Ok(Vec::from_iter(is_new.then(|| Event::warning("Scaling", "the job refuses to be rescaled"))));
        }
        world.refused.remove(&job.key);
        world.rescaled.push((known.number, parallelism));
        if let Some(job) = world.jobs.get_mut(&known.number) {
            (job.source, job.parallelism, job.running_since) = (source, parallelism, now);
        }
        Ok(vec![Event::normal("Scaling", format!("rescaled to {source} and {parallelism}"))])
    }

    fn forget(&self, job: &JobKey) {
        let mut world = self.world();
        world.refused.remove(job);
        world.forgotten.push(job.clone());
    }
}
