//! Where the steps led, and the band that a vertex was held against.

use std::fmt;

use super::{Step, rate_text};
use crate::decimal::fixed;
use crate::ids::VertexId;
use crate::metric::{EvaluatedMetrics, ScalingMetric as M};
use crate::time::Instant;

/// What became of a vertex.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Verdict {
    /// It is to be scaled, if the job scales.
    Change {
        /// To this many subtasks.
        to: i32,
        /// Whether it is outside its utilization band: the reason for the job to scale at all.
        outside_utilization_bound: bool,
    },
    /// It already has the parallelism it should.
    AsItShouldBe,
    /// It is excluded by option, has finished, or has no busy time.
    Excluded,
    /// Its rates are not known yet.
    UnknownRate,
    /// Its last scale-up brought too little, and detection blocks another.
    Ineffective,
    /// A scale-down waits.
    Delayed {
        /// The parallelism wanted now.
        to: i32,
        /// When the wait ends.
        until: Instant,
    },
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Change { to, outside_utilization_bound: true } => write!(f, "outside its utilization band: to {to}"),
            Self::Change { to, outside_utilization_bound: false } => {
                write!(f, "within its utilization band: to {to} only together with others")
            }
            Self::AsItShouldBe => f.write_str("no change"),
            Self::Excluded => f.write_str("excluded from scaling"),
            Self::UnknownRate => f.write_str("its rates are not known yet"),
            Self::Ineffective => f.write_str("blocked: its last scale-up brought too little"),
            Self::Delayed { to, until } => write!(f, "scale-down to {to} waits until {}", until.format("%H:%M:%S")),
        }
    }
}

/// The chain that led to a vertex's number.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct VertexDecision {
    /// The vertex.
    pub vertex: VertexId,
    /// Subtasks it has.
    pub current: i32,
    /// The steps, in order.
    pub steps: Vec<Step>,
    /// Where they led.
    pub verdict: Verdict,
    /// The utilization band it was held against.
    pub band: Band,
}

/// The processing rates between which a vertex is left alone, records per second; NaN where not known.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Band {
    /// Able to do less, it is scaled up.
    pub scale_up_below: f64,
    /// Able to do more, it is scaled down.
    pub scale_down_above: f64,
}

impl Band {
    pub(crate) fn of(metrics: &EvaluatedMetrics) -> Self {
        Self {
            scale_up_below: metrics.current(M::ScaleUpRateThreshold),
            scale_down_above: metrics.current(M::ScaleDownRateThreshold),
        }
    }
}

impl fmt::Display for Band {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.scale_up_below, self.scale_down_above) {
            (low, high) if low.is_nan() || high.is_nan() => f.write_str("not known"),
            (f64::INFINITY, _) => f.write_str("out of reach"),
            (low, f64::INFINITY) => write!(f, "{} and more", rate_text(low, 0)),
            (low, high) => write!(f, "{} to {}", fixed(low, 0), rate_text(high, 0)),
        }
    }
}

impl VertexDecision {
    /// The parallelism it goes to if the job scales.
    pub fn target(&self) -> i32 {
        match self.verdict {
            Verdict::Change { to, .. } => to,
            _ => self.current,
        }
    }

    /// Whether that differs from what it has.
    pub fn changes(&self) -> bool {
        self.target() != self.current
    }

    /// Whether it gives the job a reason to scale.
    pub fn is_outside(&self) -> bool {
        matches!(self.verdict, Verdict::Change { outside_utilization_bound: true, .. })
    }
}

impl fmt::Display for VertexDecision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for step in &self.steps {
            write!(f, "{step}; ")?;
        }
        write!(f, "{}", self.verdict)?;
        match self.verdict {
            Verdict::Change { .. } => write!(f, " (the band is {})", self.band),
            _ => Ok(()),
        }
    }
}
