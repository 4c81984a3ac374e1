//! What happened, in the reference's reasons and words.

use std::time::Duration;

/// How serious an event is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

/// Something that happened to a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// How serious it is.
    pub event_type: EventType,
    /// What kind of thing happened, such as `ScalingReport`.
    pub reason: &'static str,
    /// What happened, for people.
    pub message: String,
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
    /// A realizer changed a job, or can't.
    pub const SCALING: &str = "Scaling";
}

impl Event {
    /// A warning without a key that is never merged.
    pub fn warning(reason: &'static str, message: impl Into<String>) -> Self {
        Self { event_type: EventType::Warning, reason, message: message.into(), key: None, interval: None }
    }
}
