//! The names of the parts of a job's state.

use std::fmt;
use std::str::FromStr;

/// A part of a job's state that is one row of the reference's table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum RowPart {
    /// Past scalings.
    ScalingHistory,
    /// Restart durations.
    ScalingTracking,
    /// Parallelism by vertex.
    ParallelismOverrides,
    /// Configuration changes.
    ConfigOverrides,
    /// Waiting scale-downs.
    DelayedScaleDown,
}

impl RowPart {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::ScalingHistory,
        Self::ScalingTracking,
        Self::ParallelismOverrides,
        Self::ConfigOverrides,
        Self::DelayedScaleDown,
    ];

    /// Its row's `state_type`.
    pub fn name(self) -> &'static str {
        match self {
            Self::ScalingHistory => "scalingHistory",
            Self::ScalingTracking => "scalingTracking",
            Self::ParallelismOverrides => "parallelismOverrides",
            Self::ConfigOverrides => "configOverrides",
            Self::DelayedScaleDown => "delayedScaleDown",
        }
    }
}

/// A part of a job's state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum StatePart {
    /// One that is a row.
    Row(RowPart),
    /// The observations of the metric window: a row of the reference's table, a row each in ours.
    CollectedMetrics,
    /// What the policy remembers. Never a row of the reference's table: the Java process fails on a `state_type` it
    /// does not know.
    PolicyMemory,
    /// What is remembered of scalings that are looked after. Never a row of the reference's table either.
    Verification,
    /// On which cluster the job is. Never a row of the reference's table either.
    Cluster,
}

impl StatePart {
    /// All parts.
    pub const ALL: [Self; 9] = [
        Self::Row(RowPart::ScalingHistory),
        Self::Row(RowPart::ScalingTracking),
        Self::CollectedMetrics,
        Self::Row(RowPart::ParallelismOverrides),
        Self::Row(RowPart::ConfigOverrides),
        Self::Row(RowPart::DelayedScaleDown),
        Self::PolicyMemory,
        Self::Verification,
        Self::Cluster,
    ];

    /// Its name; but for the policy's memory, verification and the cluster, that is what the reference's rows have as `state_type`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Row(part) => part.name(),
            Self::CollectedMetrics => "collectedMetrics",
            Self::PolicyMemory => "policyMemory",
            Self::Verification => "verification",
            Self::Cluster => "cluster",
        }
    }
}

impl fmt::Display for RowPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for StatePart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A text that names no part of a job's state.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{text}' is no part of a job's state")]
pub struct UnknownPart {
    /// The text, cut.
    text: String,
}

impl FromStr for StatePart {
    type Err = UnknownPart;

    fn from_str(text: &str) -> Result<Self, UnknownPart> {
        let found = Self::ALL.into_iter().find(|part| part.name() == text);
        found.ok_or_else(|| UnknownPart { text: text.chars().take(80).collect() })
    }
}
