//! What is remembered of jobs.

use std::fmt::Debug;

use async_trait::async_trait;

use crate::error::PortError;
use crate::ids::JobKey;
use crate::ports::LeaseToken;
use crate::state::JobState;
use crate::state::codec::UnreadableRow;

/// Which version of a job's state a store has: opaque, and the same as long as nobody writes. Of use to the store that
/// gave it, in the process it was given in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Revision(pub u64);

/// On what condition a write counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fence {
    /// The version that the writer knows; a store that has another refuses. None: whatever the store has is replaced.
    pub revision: Option<Revision>,
    /// The lease under which is written: a store whose lease can pass to another process refuses once it has. None:
    /// whoever holds it.
    pub lease: Option<LeaseToken>,
}

impl Fence {
    /// Counts only if nobody has written since this version was loaded or saved.
    pub fn at(revision: Revision) -> Self {
        Self { revision: Some(revision), ..Self::default() }
    }

    /// Counts in any case.
    pub fn open() -> Self {
        Self::default()
    }

    /// Counts only while the lease has not passed to somebody else.
    #[must_use]
    pub fn under(mut self, lease: Option<LeaseToken>) -> Self {
        self.lease = lease;
        self
    }
}

/// A job's state as loaded, with the rows that could not be read.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct LoadedState {
    /// The state; unreadable parts count as absent.
    pub state: JobState,
    /// The rows left aside.
    pub unreadable: Vec<UnreadableRow>,
    /// Its version.
    pub revision: Revision,
}

impl LoadedState {
    /// A state of which every row could be read.
    pub fn new(state: JobState, revision: Revision) -> Self {
        Self { state, unreadable: Vec::new(), revision }
    }
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

    /// Saves the parts of a job's state that changed, all of them or none, and returns the state's new version.
    ///
    /// # Behavior
    /// - parts that did not change stay as they were stored;
    /// - a part that was removed is gone;
    /// - jobs don't touch each other;
    /// - a fence with another version than the store has is a [`Conflict`](super::ErrorKind::Conflict), and nothing is
    ///   written;
    /// - so is one with a token under which the lease is no longer held, and a save that began before the lease passed on
    ///   is either done before whoever took it can load, or refused;
    /// - a failure in the middle leaves everything as it was.
    async fn save(&self, job: &JobKey, state: &JobState, fence: &Fence) -> Result<Revision, PortError>;

    /// Forgets a job.
    ///
    /// # Behavior
    /// - removing an unknown job succeeds;
    /// - a fence that does not hold is a [`Conflict`](super::ErrorKind::Conflict), and nothing is removed.
    async fn remove(&self, job: &JobKey, fence: &Fence) -> Result<(), PortError>;

    /// The jobs of which something is remembered, in order of key.
    ///
    /// # Behavior
    /// - a job that was saved is among them, one that was removed is not.
    async fn jobs(&self) -> Result<Vec<JobKey>, PortError>;
}
