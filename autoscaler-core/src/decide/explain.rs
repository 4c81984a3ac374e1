//! Why a vertex gets the parallelism it gets: the chain of steps, typed first, as text second.

use std::fmt;

use crate::decimal::fixed;
use crate::job::VertexId;
use crate::time::Instant;

/// A bound that moved a parallelism.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// `job.autoscaler.vertex.min-parallelism`
    VertexMin,
    /// `job.autoscaler.vertex.max-parallelism`
    VertexMax,
    /// The vertex's own maximum parallelism.
    MaxParallelism,
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::VertexMin => "vertex.min-parallelism",
            Self::VertexMax => "vertex.max-parallelism",
            Self::MaxParallelism => "the vertex's maximum parallelism",
        })
    }
}

/// One step on the way to a parallelism.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// What is needed against what there is, records per second, and the factor between them.
    Wanted {
        /// Records per second needed at the target utilization.
        capacity: f64,
        /// Records per second the vertex can process.
        rate: f64,
        /// Observed scalability: what a subtask more is really worth, 0 to 1.
        coefficient: f64,
        /// The factor.
        factor: f64,
    },
    /// `scale-up.max-factor` or `scale-down.max-factor` moved the factor.
    FactorLimited {
        /// Before.
        from: f64,
        /// After.
        to: f64,
        /// The option.
        option: &'static str,
    },
    /// The parallelism by the factor alone.
    Raw {
        /// Subtasks.
        parallelism: i32,
    },
    /// A bound moved the parallelism.
    Limited {
        /// Before.
        from: i32,
        /// After.
        to: i32,
        /// The bound.
        by: Limit,
    },
    /// Alignment with key groups or partitions moved the parallelism.
    Aligned {
        /// Before.
        from: i32,
        /// After.
        to: i32,
        /// Key groups or partitions.
        groups: i32,
    },
    /// A larger parallelism wanted earlier in the scale-down interval holds.
    LargestOfInterval {
        /// Wanted now.
        from: i32,
        /// Taken.
        to: i32,
    },
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Wanted { capacity, rate, coefficient, factor } => {
                write!(
                    f,
                    "needs {}/s, can do {}/s: factor {}",
                    fixed(*capacity, 0),
                    fixed(*rate, 1),
                    fixed(*factor, 2)
                )?;
                if *coefficient == 1.0 { Ok(()) } else { write!(f, " with scalability {}", fixed(*coefficient, 2)) }
            }
            Self::FactorLimited { from, to, option } => {
                write!(f, "{option} moves the factor from {} to {}", fixed(*from, 2), fixed(*to, 2))
            }
            Self::Raw { parallelism } => write!(f, "so {parallelism}"),
            Self::Limited { from, to, by } => write!(f, "{by} moves {from} to {to}"),
            Self::Aligned { from, to, groups } => {
                write!(f, "alignment with {groups} key groups or partitions moves {from} to {to}")
            }
            Self::LargestOfInterval { from, to } => {
                write!(f, "{to} was wanted within scale-down.interval, so not {from}")
            }
        }
    }
}

/// What became of a vertex.
#[derive(Clone, Debug, PartialEq)]
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
pub struct VertexDecision {
    /// The vertex.
    pub vertex: VertexId,
    /// Subtasks it has.
    pub current: i32,
    /// The steps, in order.
    pub steps: Vec<Step>,
    /// Where they led.
    pub verdict: Verdict,
}

impl VertexDecision {
    /// The parallelism it goes to if the job scales.
    pub fn target(&self) -> i32 {
        match self.verdict {
            Verdict::Change { to, .. } => to,
            _ => self.current,
        }
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
        write!(f, "{}", self.verdict)
    }
}
