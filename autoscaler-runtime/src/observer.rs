//! Watching the autoscaler from outside its loop.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use autoscaler_core::state::ScalingHistory;
use autoscaler_core::time::Instant;
use autoscaler_core::window::MetricHistory;
use autoscaler_core::{
    ClusterName, CycleReport, Event, JobAutoScalerContext, JobKey, Labels, ListedJob, PortError, UnknownJob,
};

/// A step of a cycle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Step {
    /// Asking what the job is configured with.
    Configuration,
    /// Loading its state.
    Load,
    /// Observing it.
    Observe,
    /// Deciding.
    Decide,
    /// Saving its state.
    Save,
    /// Having the scaling applied.
    Realize,
    /// Handing events over.
    Report,
}

impl Step {
    /// All of them, in order.
    pub const ALL: [Self; 7] =
        [Self::Configuration, Self::Load, Self::Observe, Self::Decide, Self::Save, Self::Realize, Self::Report];

    /// Its name, in lower case.
    pub fn name(self) -> &'static str {
        match self {
            Self::Configuration => "configuration",
            Self::Load => "load",
            Self::Observe => "observe",
            Self::Decide => "decide",
            Self::Save => "save",
            Self::Realize => "realize",
            Self::Report => "report",
        }
    }
}

/// How long each step of a cycle took; zero for steps that were not taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Durations([Duration; Step::ALL.len()]);

impl Durations {
    /// The time of a step.
    pub fn of(&self, step: Step) -> Duration {
        self.0[step as usize]
    }

    /// The time of all steps.
    pub fn total(&self) -> Duration {
        self.0.iter().sum()
    }

    pub(crate) fn add(&mut self, step: Step, duration: Duration) {
        self.0[step as usize] += duration;
    }
}

/// A step that failed.
#[derive(Debug)]
#[non_exhaustive]
pub struct Failure {
    /// Which.
    pub step: Step,
    /// How.
    pub error: PortError,
}

/// What a cycle came to.
#[derive(Debug)]
#[non_exhaustive]
pub struct CycleEnded {
    /// The instant it decided for.
    pub at: Instant,
    /// What was decided and why; none where it did not get so far.
    pub report: Option<Arc<CycleReport>>,
    /// The metric window as the cycle left it; shared with the job's state, not a copy. Empty where its state could not
    /// be loaded.
    pub window: MetricHistory,
    /// The job's past scalings as the cycle left them.
    pub scaling_history: Arc<ScalingHistory>,
    /// What was handed over to the event handler, in order.
    pub events: Vec<Event>,
    /// How long its steps took.
    pub durations: Durations,
    /// Whether the store now holds what is to be realized.
    pub is_stored: bool,
    /// Whether the realizer was asked and did not fail.
    pub is_realized: bool,
    /// Steps that failed, in order.
    pub failures: Vec<Failure>,
}

impl CycleEnded {
    pub(crate) fn new(at: Instant) -> Self {
        Self {
            at,
            report: None,
            window: MetricHistory::new(),
            scaling_history: Arc::default(),
            events: Vec::new(),
            durations: Durations::default(),
            is_stored: false,
            is_realized: false,
            failures: Vec::new(),
        }
    }
}

/// Why a job had no cycle.
#[derive(Debug)]
#[non_exhaustive]
pub enum Skipped {
    /// What it is configured with can't be had.
    Configuration(PortError),
    /// Its last cycle still runs.
    StillRunning,
    /// The cycle was ended because it took longer than the deadline.
    TimedOut(Duration),
    /// A bug ended the cycle.
    Panicked,
}

/// What a round over the jobs of a cluster came to.
#[derive(Debug)]
#[non_exhaustive]
pub struct RoundEnded {
    /// What is known of the cluster beside its name.
    pub labels: Labels,
    /// Jobs that the cluster lists.
    pub listed: usize,
    /// Entries of the list that can't be used.
    pub unknown: Vec<UnknownJob>,
    /// How long listing took.
    pub listing: Duration,
    /// Why the jobs could not be listed, and how long until the next try.
    pub failure: Option<(PortError, Duration)>,
    /// How much later than planned the round began.
    pub lag: Duration,
}

/// Watches cycles. Called from within the loop, so it must return at once; several may watch.
pub trait CycleObserver: Debug + Send + Sync + 'static {
    /// A job's cycle has ended. Whoever keeps what it came to shares it with the others that do.
    fn cycle_ended(&self, job: &JobAutoScalerContext, ended: &Arc<CycleEnded>);

    /// A job had no cycle, or not a whole one.
    fn cycle_skipped(&self, cluster: &ClusterName, job: &ListedJob, why: &Skipped);

    /// A job is listed for the first time.
    fn job_found(&self, cluster: &ClusterName, job: &ListedJob);

    /// A job is gone from a cluster, and so is its state, unless that is somebody else's by now.
    fn job_gone(&self, cluster: &ClusterName, job: &JobKey);

    /// The jobs of a cluster were listed, or could not be.
    fn round_ended(&self, cluster: &ClusterName, round: &RoundEnded);

    /// Which clusters are watched from here on, told when it could be told which there are and they are others than before. Of those
    /// that are gone nothing more is told; what is stored of their jobs may still be there.
    fn clusters_watched(&self, clusters: &BTreeSet<ClusterName>);

    /// Saving and realizing are ours to do from now on, or no longer. Until the first call they are.
    fn right_to_act(&self, is_ours: bool);

    /// The store was asked for the right to act, or to renew it: whether it is ours or not it has said, unless there is a
    /// failure. Told at each try.
    fn right_asked_for(&self, failure: Option<&PortError>);
}

/// Several observers as one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Observers(Vec<Arc<dyn CycleObserver>>);

impl Observers {
    pub(crate) fn add(&mut self, observer: Arc<dyn CycleObserver>) {
        self.0.push(observer);
    }
}

impl CycleObserver for Observers {
    fn cycle_ended(&self, job: &JobAutoScalerContext, ended: &Arc<CycleEnded>) {
        self.0.iter().for_each(|observer| observer.cycle_ended(job, ended));
    }

    fn cycle_skipped(&self, cluster: &ClusterName, job: &ListedJob, why: &Skipped) {
        self.0.iter().for_each(|observer| observer.cycle_skipped(cluster, job, why));
    }

    fn job_found(&self, cluster: &ClusterName, job: &ListedJob) {
        self.0.iter().for_each(|observer| observer.job_found(cluster, job));
    }

    fn job_gone(&self, cluster: &ClusterName, job: &JobKey) {
        self.0.iter().for_each(|observer| observer.job_gone(cluster, job));
    }

    fn round_ended(&self, cluster: &ClusterName, round: &RoundEnded) {
        self.0.iter().for_each(|observer| observer.round_ended(cluster, round));
    }

    fn clusters_watched(&self, clusters: &BTreeSet<ClusterName>) {
        self.0.iter().for_each(|observer| observer.clusters_watched(clusters));
    }

    fn right_to_act(&self, is_ours: bool) {
        self.0.iter().for_each(|observer| observer.right_to_act(is_ours));
    }

    fn right_asked_for(&self, failure: Option<&PortError>) {
        self.0.iter().for_each(|observer| observer.right_asked_for(failure));
    }
}
