//! What happened, in the reference's reasons and words.

mod repeats;

use std::borrow::Cow;
use std::time::Duration;

use crate::scaling_report::ScalingReport;

/// How serious an event is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EventType {
    /// Things go as they should.
    Normal,
    /// Somebody should look.
    Warning,
}

impl EventType {
    /// Its name in event tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Normal => "Normal",
            Self::Warning => "Warning",
        }
    }
}

/// What an event is about, for programs; its text says the same for people.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum EventDetail {
    /// Nothing but the text.
    #[default]
    Text,
    /// A scaling, carried out or blocked.
    ScalingReport(ScalingReport),
}

/// Something that happened to a job.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Event {
    /// How serious it is.
    pub event_type: EventType,
    /// What kind of thing happened, such as `ScalingReport`.
    pub reason: Cow<'static, str>,
    /// What happened, for people.
    pub message: String,
    /// What it is about, for programs.
    pub detail: EventDetail,
    /// Events of one reason and key are repeats of each other; without a key, those of one message are.
    pub key: Option<String>,
    /// Span in which repeats are merged; none: never.
    pub interval: Option<Duration>,
}

/// Constants and the list of them.
macro_rules! reasons {
    ($( $(#[$doc:meta])+ $name:ident = $text:literal ),* $(,)?) => {
        $( $(#[$doc])+ pub const $name: &str = $text; )*

        /// All of them; a backend may have others.
        pub const ALL: &[&str] = &[$( $name, )*];
    };
}

/// The reasons of events.
pub mod reason {
    reasons! {
        /// A cycle failed.
        AUTOSCALER_ERROR = "AutoscalerError",
        /// Options that can't be used.
        OPTIONS_VALIDATION = "AutoScaler Options Validation",
        /// A scaling, decided or blocked.
        SCALING_REPORT = "ScalingReport",
        /// A scale-up that brought too little.
        INEFFECTIVE_SCALING = "IneffectiveScaling",
        /// Alignment moved a parallelism.
        SCALING_LIMITED = "ScalingLimited",
        /// Too much garbage collection or heap usage.
        MEMORY_PRESSURE = "MemoryPressure",
        /// A quota would be exceeded.
        RESOURCE_QUOTA_REACHED = "ResourceQuotaReached",
        /// What the job asked its cluster for does not come (ours, not the reference's).
        RESOURCES_WAITED_FOR = "ResourcesWaitedFor",
        /// A custom executor vetoed a scaling.
        SCALING_VETOED = "ScalingVetoed",
        /// What memory tuning recommends.
        CONFIGURATION_RECOMMENDATION = "Configuration recommendation",
        /// A part of the stored state can't be read (ours, not the reference's).
        STATE_UNREADABLE = "StateUnreadable",
        /// The stored state was changed by somebody else (ours, not the reference's).
        STATE_CHANGED = "StateChanged",
        /// Another autoscaler scales the job (ours, not the reference's).
        AUTOSCALER_CONFLICT = "AutoscalerConflict",
        /// Metrics leave out subtasks, so that nothing can be decided (ours, not the reference's).
        INCOMPLETE_METRICS = "IncompleteMetrics",
        /// A batch job is left alone (ours, not the reference's).
        BATCH_JOB = "BatchJob",
        /// The clock was set back (ours, not the reference's).
        CLOCK_SET_BACK = "ClockSetBack",
        /// The clock was set forward, or the machine was suspended (ours, not the reference's).
        CLOCK_SET_FORWARD = "ClockSetForward",
        /// What the policy that runs along would do (ours, not the reference's).
        SHADOW_RECOMMENDATION = "ShadowRecommendation",
        /// A scaling did harm and is put back (ours, not the reference's).
        SCALING_ROLLED_BACK = "ScalingRolledBack",
        /// A proposed scaling that somebody approved is carried out (ours, not the reference's).
        SCALING_APPROVED = "ScalingApproved",
        /// Somebody approved a scaling that is not carried out (ours, not the reference's).
        APPROVAL_REFUSED = "ApprovalRefused",
        /// A realizer changed a job, or can't.
        SCALING = "Scaling",
    }
}

impl Event {
    /// An event without a key that is never merged.
    pub fn new(event_type: EventType, reason: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self {
            event_type,
            reason: reason.into(),
            message: message.into(),
            detail: EventDetail::Text,
            key: None,
            interval: None,
        }
    }

    /// A normal event without a key that is never merged.
    pub fn normal(reason: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self::new(EventType::Normal, reason, message)
    }

    /// A warning without a key that is never merged.
    pub fn warning(reason: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self::new(EventType::Warning, reason, message)
    }

    /// A scaling report: the text is the reference's.
    pub fn scaling_report(report: ScalingReport) -> Self {
        let event = Self::normal(reason::SCALING_REPORT, report.to_string());
        Self { detail: EventDetail::ScalingReport(report), ..event }
    }

    /// The scaling that it tells of, unless that was blocked.
    pub fn scaling(&self) -> Option<&ScalingReport> {
        match &self.detail {
            EventDetail::ScalingReport(report) if report.blocked.is_none() => Some(report),
            _ => None,
        }
    }

    /// With what its repeats have in common.
    #[must_use]
    pub fn with_key(mut self, key: impl Into<String>) -> Self {
        self.key = Some(key.into());
        self
    }

    /// Merged with repeats within a span.
    #[must_use]
    pub fn merged_within(mut self, interval: Duration) -> Self {
        self.interval = Some(interval);
        self
    }
}
