//! What is recorded of jobs, and what a model makes of it with other options.

mod desk;
mod figures;

use std::fmt::Debug;

use autoscaler_core::options::Configuration;
use autoscaler_core::time::Instant;
use autoscaler_core::{ClusterName, ListedJob};
use tokio_util::sync::CancellationToken;

pub(crate) use desk::Desk;
pub(crate) use figures::Figures;

/// Recordings of jobs, and a model of what would have become of those with other options.
pub trait Recordings: Debug + Send + Sync + 'static {
    /// What a job was like, and what it would have been like with each of some options over its own. Runs on a thread that may
    /// block.
    ///
    /// # Behavior
    /// - changes nothing
    /// - ends soon after `stop` is cancelled, whatever it then returns
    ///
    /// # Errors
    /// Nothing is recorded of that time, or nothing can be made of what is.
    fn compare(&self, question: &Question, stop: &CancellationToken) -> Result<Compared, NotCompared>;
}

/// What is asked.
#[derive(Clone, Debug)]
pub struct Question {
    /// The cluster of the job.
    pub cluster: ClusterName,
    /// The job.
    pub job: ListedJob,
    /// From when on.
    pub from: Instant,
    /// Options to lay over the job's own, a course for each.
    pub tries: Vec<Configuration>,
}

/// Courses of a job over the same time.
#[derive(Clone, Debug, PartialEq)]
pub struct Compared {
    /// As it was observed.
    pub seen: Course,
    /// As the model has it, in the order of the question.
    pub tried: Vec<Course>,
}

/// How it went with a job.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Course {
    /// What it was like, oldest first.
    pub moments: Vec<Moment>,
    /// When it was rescaled.
    pub rescales: Vec<Rescale>,
}

/// What a job was like at an instant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moment {
    /// When.
    pub at: Instant,
    /// Records per second that arrived at its sources.
    pub load: f64,
    /// Seconds that its worst source lagged; NaN where that is not known.
    pub lag: f64,
    /// Subtasks of all vertices.
    pub subtasks: f64,
    /// Task slots that they took.
    pub slots: f64,
}

/// A rescale.
#[derive(Clone, Debug, PartialEq)]
pub struct Rescale {
    /// When.
    pub at: Instant,
    /// Subtasks of all vertices before.
    pub from: f64,
    /// And after.
    pub to: f64,
    /// Why; empty where that is not known.
    pub why: String,
}

/// Why there is nothing to be compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotCompared {
    /// Nothing is recorded of the job in that time.
    NotRecorded,
    /// What is recorded can't be used; why not.
    Unusable(String),
    /// It was to end before it was through.
    Ended,
}
