//! How a job has fared, as its cluster tells.

use crate::time::Instant;

/// What went wrong with a job, as far as its cluster knows of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct JobHealth {
    /// Failures of its tasks that it was restarted for, in any order. Waiting for slots is none.
    pub failures: Vec<TaskFailure>,
    /// Its checkpoints, where it has any.
    pub checkpoints: Option<Checkpoints>,
}

/// A failure of a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskFailure {
    /// When, by the cluster's clock.
    pub at: Instant,
    /// What kind of failure, and of which task: nothing of what it says, which may be anything.
    pub what: String,
}

/// How many checkpoints a job had since it began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checkpoints {
    /// Those that failed.
    pub failed: u64,
    /// Those that were completed.
    pub completed: u64,
}

impl JobHealth {
    /// With a failure of a task.
    #[must_use]
    pub fn with_failure(mut self, failure: TaskFailure) -> Self {
        self.failures.push(failure);
        self
    }

    /// With its checkpoints.
    #[must_use]
    pub fn with_checkpoints(mut self, checkpoints: Checkpoints) -> Self {
        self.checkpoints = Some(checkpoints);
        self
    }
}
