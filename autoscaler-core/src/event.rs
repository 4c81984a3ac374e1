//! What happened, in the reference's reasons and words.

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

/// The reasons of events.
pub mod reason {
    /// A cycle failed.
    pub const AUTOSCALER_ERROR: &str = "AutoscalerError";
    /// Options that can't be used.
    pub const OPTIONS_VALIDATION: &str = "AutoScaler Options Validation";
    /// A scaling, decided or blocked.
    pub const SCALING_REPORT: &str = "ScalingReport";
    /// A scale-up that brought too little.
    pub const INEFFECTIVE_SCALING: &str = "IneffectiveScaling";
    /// Alignment moved a parallelism.
    pub const SCALING_LIMITED: &str = "ScalingLimited";
    /// Too much garbage collection or heap usage.
    pub const MEMORY_PRESSURE: &str = "MemoryPressure";
    /// A quota would be exceeded.
    pub const RESOURCE_QUOTA_REACHED: &str = "ResourceQuotaReached";
    /// A custom executor vetoed a scaling.
    pub const SCALING_VETOED: &str = "ScalingVetoed";
    /// What memory tuning recommends.
    pub const CONFIGURATION_RECOMMENDATION: &str = "Configuration recommendation";
    /// A part of the stored state can't be read (ours, not the reference's).
    pub const STATE_UNREADABLE: &str = "StateUnreadable";
    /// The stored state was changed by somebody else (ours, not the reference's).
    pub const STATE_CHANGED: &str = "StateChanged";
    /// Metrics leave out subtasks, so that nothing can be decided (ours, not the reference's).
    pub const INCOMPLETE_METRICS: &str = "IncompleteMetrics";
    /// A batch job is left alone (ours, not the reference's).
    pub const BATCH_JOB: &str = "BatchJob";
    /// The clock was set back (ours, not the reference's).
    pub const CLOCK_SET_BACK: &str = "ClockSetBack";
    /// The clock was set forward, or the machine was suspended (ours, not the reference's).
    pub const CLOCK_SET_FORWARD: &str = "ClockSetForward";
    /// A realizer changed a job, or can't.
    pub const SCALING: &str = "Scaling";

    /// All of them; a backend may have others.
    pub const ALL: &[&str] = &[
        AUTOSCALER_ERROR,
        OPTIONS_VALIDATION,
        SCALING_REPORT,
        INEFFECTIVE_SCALING,
        SCALING_LIMITED,
        MEMORY_PRESSURE,
        RESOURCE_QUOTA_REACHED,
        SCALING_VETOED,
        CONFIGURATION_RECOMMENDATION,
        STATE_UNREADABLE,
        STATE_CHANGED,
        INCOMPLETE_METRICS,
        BATCH_JOB,
        CLOCK_SET_BACK,
        SCALING,
    ];
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
