//! What is told of clusters and jobs.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use autoscaler_core::time::Instant;
use autoscaler_core::{
    ClusterName, ErrorChain, ErrorKind, Event, JobAutoScalerContext, JobStatus, Labels, ListedJob, PortError,
};

use crate::observer::{CycleEnded, Failure, RoundEnded, Skipped, Step};

/// A cluster.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ClusterView {
    /// Its name.
    pub name: ClusterName,
    /// How many of its jobs are watched.
    pub jobs: usize,
    /// The latest round; none before the first.
    pub round: Option<Arc<RoundView>>,
}

/// A round over the jobs of a cluster.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RoundView {
    /// When the jobs were listed.
    pub at: Instant,
    /// What was known of the cluster then, beside its name.
    pub labels: Labels,
    /// Jobs that the cluster listed.
    pub listed: usize,
    /// What is wrong with entries of the list that can't be used.
    pub unknown: Vec<String>,
    /// How long listing took.
    pub listing: Duration,
    /// How much later than planned the round began.
    pub lag: Duration,
    /// Why the jobs could not be listed.
    pub failure: Option<FailureView>,
}

/// A failure, as text.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FailureView {
    /// The step that failed; none where it was not one of a cycle.
    pub step: Option<Step>,
    /// What kind of failure it is.
    pub kind: ErrorKind,
    /// What failed and why.
    pub text: String,
}

/// A job.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct JobView {
    /// Its cluster.
    pub cluster: ClusterName,
    /// What its latest cycle knew of the cluster, beside its name.
    pub labels: Labels,
    /// The job as it was listed.
    pub job: ListedJob,
    /// Whether autoscaling is on for it; none before its first cycle, and where its options can't be used.
    pub is_enabled: Option<bool>,
    /// Its latest cycle; none before the first.
    pub cycle: Option<Arc<CycleEnded>>,
    /// Why it had no cycle after that one.
    pub skipped: Option<SkippedView>,
    /// The latest events, oldest first.
    pub events: VecDeque<Arc<PastEvent>>,
}

/// A cycle that a job did not have.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SkippedView {
    /// When.
    pub at: Instant,
    /// Why.
    pub why: String,
}

/// An event of a job.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct PastEvent {
    /// When it happened last.
    pub at: Instant,
    /// How often in a row.
    pub count: u64,
    /// What was known of the cluster when it happened last, beside its name.
    pub labels: Labels,
    /// What happened.
    pub event: Event,
}

/// The state store.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct StoreView {
    /// When it did what it was asked last.
    pub worked_at: Option<Instant>,
    /// What it failed with since; none where it works.
    pub failure: Option<FailureView>,
}

impl FailureView {
    /// One that was not of a step of a cycle.
    pub(super) fn of(error: &PortError) -> Self {
        Self::new(None, error)
    }

    fn new(step: Option<Step>, error: &PortError) -> Self {
        Self { step, kind: error.kind(), text: ErrorChain(error).to_string() }
    }
}

impl From<&Failure> for FailureView {
    fn from(failure: &Failure) -> Self {
        Self::new(Some(failure.step), &failure.error)
    }
}

impl RoundView {
    pub(super) fn new(at: Instant, round: &RoundEnded) -> Self {
        Self {
            at,
            labels: round.labels.clone(),
            listed: round.listed,
            unknown: round.unknown.iter().map(|entry| entry.problem.clone()).collect(),
            listing: round.listing,
            lag: round.lag,
            failure: round.failure.as_ref().map(|(error, _)| FailureView::of(error)),
        }
    }
}

impl SkippedView {
    pub(super) fn new(at: Instant, why: &Skipped) -> Self {
        let why = match why {
            Skipped::Configuration(error) => format!("its configuration can't be had: {}", ErrorChain(error)),
            Skipped::StillRunning => "its last cycle still runs".to_owned(),
            Skipped::TimedOut(timeout) => format!("its cycle was ended after {timeout:?}"),
            Skipped::Panicked => "a bug ended its cycle".to_owned(),
        };
        Self { at, why }
    }
}

impl JobView {
    pub(super) fn new(cluster: &ClusterName, job: ListedJob) -> Self {
        Self {
            cluster: cluster.clone(),
            labels: Labels::default(),
            job,
            is_enabled: None,
            cycle: None,
            skipped: None,
            events: VecDeque::new(),
        }
    }

    /// The status as it was listed last.
    pub fn status(&self) -> JobStatus {
        self.job.status
    }

    pub(crate) fn listed(context: &JobAutoScalerContext) -> ListedJob {
        ListedJob::new(context.id, Arc::clone(&context.name), context.status).with_key(context.key.clone())
    }
}
