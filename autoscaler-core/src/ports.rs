//! The outside world, one small trait for each thing in it.

use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;

use crate::collect::RememberedNames;
use crate::event::Event;
use crate::job::{JobAutoScalerContext, JobId, JobKey, JobStatus};
use crate::observation::{Observation, ObserveError};
use crate::report::Realization;
use crate::state::JobState;
use crate::state::codec::UnreadableRow;
use crate::time::Instant;

/// An outside thing that did not do what it was asked for.
#[derive(Debug, thiserror::Error)]
#[error("{what}")]
pub struct PortError {
    what: String,
    transient: bool,
}

impl PortError {
    /// A failure that may pass: the next cycle tries again.
    pub fn transient(what: impl Into<String>) -> Self {
        Self { what: what.into(), transient: true }
    }

    /// A failure that stays until somebody changes something.
    pub fn permanent(what: impl Into<String>) -> Self {
        Self { what: what.into(), transient: false }
    }

    /// Whether trying again may help.
    pub fn is_transient(&self) -> bool {
        self.transient
    }
}

/// A job's state as loaded, with the rows that could not be read.
#[derive(Debug, Default)]
pub struct LoadedState {
    /// The state; unreadable parts count as absent.
    pub state: JobState,
    /// The rows left aside.
    pub unreadable: Vec<UnreadableRow>,
}

/// What is remembered of jobs.
#[async_trait]
pub trait AutoScalerStateStore: Debug + Send + Sync + 'static {
    /// Loads a job's state.
    ///
    /// # Behavior
    /// - an unknown job has an empty state;
    /// - what was saved last is what is loaded, part by part, and nothing of it counts as changed.
    async fn load(&self, job: &JobKey) -> Result<LoadedState, PortError>;

    /// Saves the parts of a job's state that changed, all of them or none.
    ///
    /// # Behavior
    /// - parts that did not change stay as they were stored;
    /// - a part that was removed is gone;
    /// - jobs don't touch each other.
    async fn save(&self, job: &JobKey, state: &JobState) -> Result<(), PortError>;

    /// Forgets a job.
    ///
    /// # Behavior
    /// - removing an unknown job succeeds.
    async fn remove(&self, job: &JobKey) -> Result<(), PortError>;

    /// The jobs of which something is remembered, in order of key.
    ///
    /// # Behavior
    /// - a job that was saved is among them, one that was removed is not.
    async fn jobs(&self) -> Result<Vec<JobKey>, PortError>;
}

/// Who is told what happened.
#[async_trait]
pub trait AutoScalerEventHandler: Debug + Send + Sync + 'static {
    /// Takes an event of a job that happened at `now`.
    ///
    /// # Behavior
    /// - repeats of an event (same reason and key, within its interval) may be merged.
    async fn handle(&self, job: &JobAutoScalerContext, event: &Event, now: Instant) -> Result<(), PortError>;
}

/// How a scaling is applied.
#[async_trait]
pub trait ScalingRealizer: Debug + Send + Sync + 'static {
    /// Brings a job to what its state asks for.
    ///
    /// # Behavior
    /// - called every cycle: where nothing has to change, nothing is done;
    /// - events to tell are returned, not handled.
    async fn realize(&self, job: &JobAutoScalerContext, realization: &Realization) -> Result<Vec<Event>, PortError>;
}

/// A job as a cluster lists it.
#[derive(Clone, Debug)]
pub struct ListedJob {
    /// The key of its state and events.
    pub key: JobKey,
    /// Flink's id of it.
    pub id: JobId,
    /// The name its user gave it.
    pub name: Arc<str>,
    /// The effective status.
    pub status: JobStatus,
}

/// Which jobs there are.
#[async_trait]
pub trait JobListFetcher: Debug + Send + Sync + 'static {
    /// Lists the jobs that have not ended.
    ///
    /// # Behavior
    /// - asks nothing of single jobs, so that one of them can't hold up the list.
    async fn list(&self) -> Result<Vec<ListedJob>, PortError>;

    /// Learns all that is needed of one job.
    ///
    /// # Behavior
    /// - an error costs this job its cycle and no other.
    async fn context(&self, job: &ListedJob) -> Result<JobAutoScalerContext, PortError>;
}

/// How a job is looked at.
#[async_trait]
pub trait MetricsCollector: Debug + Send + Sync + 'static {
    /// Begins a round of looks: answers about the cluster as a whole are asked once for all of them.
    fn begin(&self) -> Arc<dyn Round>;
}

/// A round of looks at the jobs of a cluster.
#[async_trait]
pub trait Round: Debug + Send + Sync + 'static {
    /// Looks at a job. `names` is what is remembered of its metric names, `history_start` the first instant of its
    /// observation history.
    async fn observe(
        &self,
        job: &JobAutoScalerContext,
        names: &mut RememberedNames,
        history_start: Option<Instant>,
    ) -> Result<Observation, ObserveError>;
}
