//! Why a vertex gets the parallelism it gets: the chain of steps, typed first, as text second.

mod verdict;

use std::fmt;
use std::sync::Arc;

use super::rule::Rule;
use crate::decimal::fixed;
pub use verdict::{Band, Verdict, VertexDecision};

/// A bound that moved a parallelism.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
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

/// Which bound of a schedule moved a parallelism.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Scheduled {
    /// At least so many.
    AtLeast,
    /// At most so many.
    AtMost,
}

/// One step on the way to a parallelism.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Step {
    /// What has to be processed, records per second.
    Needed {
        /// Records that arrive.
        target_rate: f64,
        /// Records to work off the backlog in time.
        catch_up_rate: f64,
        /// Records to work off what piles up during the rescale.
        restart_rate: f64,
        /// The utilization to run at, 0 to 1.
        utilization: f64,
        /// What it takes in all: `catch-up + restart + target / utilization`.
        capacity: f64,
    },
    /// What is needed against what there is, and the factor between them.
    Wanted {
        /// Records per second needed.
        capacity: f64,
        /// Records per second the vertex can process.
        rate: f64,
        /// Observed scalability: what a subtask more is really worth, 0 to 1.
        coefficient: f64,
        /// The factor: `capacity / rate / coefficient`.
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
        /// The mode, as the option names it.
        mode: String,
    },
    /// A larger parallelism wanted earlier in the scale-down interval holds.
    LargestOfInterval {
        /// Wanted now.
        from: i32,
        /// Taken.
        to: i32,
    },
    /// A rule of the responsive policy.
    Responsive(Rule),
    /// A rule of the schedule moved the parallelism.
    Scheduled {
        /// Before.
        from: i32,
        /// After.
        to: i32,
        /// What the rule asks for.
        bound: i32,
        /// Whether at least or at most that.
        kind: Scheduled,
        /// The rule's name.
        rule: Arc<str>,
        /// Whether the rule is yet to begin: the job is to be up by then.
        is_early: bool,
    },
    /// Slots that are taken anyway moved the parallelism.
    SlotsPaid {
        /// Before.
        from: i32,
        /// After.
        to: i32,
        /// Slots that the vertex's slot sharing group takes.
        slots: i32,
        /// The same with what the last TaskManager has left.
        room: i32,
    },
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Needed { target_rate, catch_up_rate, restart_rate, utilization, capacity } => {
                let (target, percent) = (rate_text(*target_rate, 1), fixed(utilization * 100.0, 0));
                write!(f, "{target} arrive, at {percent} % utilization")?;
                for (rate, purpose) in
                    [(catch_up_rate, "work off the backlog"), (restart_rate, "make up for the rescale")]
                {
                    if *rate > 0.0 {
                        write!(f, " and {} to {purpose}", rate_text(*rate, 1))?;
                    }
                }
                write!(f, " that takes {}", rate_text(*capacity, 0))
            }
            Self::Wanted { capacity, rate, coefficient, factor } => {
                // The rate of a vertex that was not busy at all is infinite: nobody saw where its limit is.
                match (*rate == f64::INFINITY, *rate == 0.0, *capacity == 0.0) {
                    (true, ..) => f.write_str("it is idle, as few subtasks as are allowed will do")?,
                    (_, true, true) => f.write_str("it does nothing, and nothing is asked of it")?,
                    (_, true, false) => f.write_str("it does nothing of that: no factor is enough")?,
                    _ => write!(f, "it can do {}: factor {}", rate_text(*rate, 1), fixed(*factor, 2))?,
                }
                if *coefficient == 1.0 { Ok(()) } else { write!(f, " with scalability {}", fixed(*coefficient, 2)) }
            }
            Self::FactorLimited { from, to, option } => {
                let to = fixed(*to, 2);
                match from.is_finite() {
                    true => write!(f, "{option} moves the factor from {} to {to}", fixed(*from, 2)),
                    false => write!(f, "{option} allows the factor {to}"),
                }
            }
            Self::Raw { parallelism } => write!(f, "so {parallelism}"),
            Self::Limited { from, to, by } => write!(f, "{by} moves {from} to {to}"),
            Self::Aligned { from, to, groups, mode } => {
                write!(f, "alignment {mode} with {groups} key groups or partitions moves {from} to {to}")
            }
            Self::LargestOfInterval { from, to } => {
                write!(f, "{to} was wanted within scale-down.interval, so not {from}")
            }
            Self::Responsive(rule) => rule.fmt(f),
            Self::Scheduled { from, to, bound, kind, rule, is_early } => {
                let kind = if *kind == Scheduled::AtLeast { "at least" } else { "at most" };
                let early = if *is_early { ", which begins within the time that a rescale takes" } else { "" };
                write!(f, "{kind} {bound} because of rule '{rule}'{early}: {to} and not {from}")
            }
            Self::SlotsPaid { from, to, slots, room } => {
                write!(f, "its slot sharing group takes {slots} slots anyway")?;
                if room > slots {
                    write!(f, ", {room} with what the last TaskManager has left")?;
                }
                write!(f, ": {to} and not {from}")
            }
        }
    }
}

/// A rate, for people.
fn rate_text(rate: f64, decimals: usize) -> String {
    match rate {
        rate if rate.is_nan() => "an unknown rate".to_owned(),
        f64::INFINITY => "more than any rate".to_owned(),
        rate => format!("{}/s", fixed(rate, decimals)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(capacity: f64, rate: f64, coefficient: f64) -> String {
        let factor = capacity / rate / coefficient;
        let limited = Step::FactorLimited { from: factor, to: 0.4, option: "scale-down.max-factor" };
        format!("{}; {limited}", Step::Wanted { capacity, rate, coefficient, factor })
    }

    #[test]
    fn numbers_that_are_none_are_put_into_words() {
        assert_eq!(
            wanted(100.0, 50.0, 0.5),
            "it can do 50.0/s: factor 4.00 with scalability 0.50; scale-down.max-factor moves the factor from 4.00 to 0.40"
        );
        for (capacity, rate) in [(0.0, f64::INFINITY), (100.0, f64::INFINITY), (0.0, 0.0), (100.0, 0.0)] {
            let text = wanted(capacity, rate, 1.0);
            assert!(!text.contains("Infinity") && !text.contains("NaN"), "{text}");
        }
        assert!(wanted(0.0, f64::INFINITY, 1.0).starts_with("it is idle"));
        for (low, high, text) in [
            (0.0, f64::INFINITY, "0/s and more"),
            (305.0, 609.0, "305 to 609/s"),
            (f64::NAN, 609.0, "not known"),
            (f64::INFINITY, f64::INFINITY, "out of reach"),
        ] {
            assert_eq!(Band { scale_up_below: low, scale_down_above: high }.to_string(), text);
        }
    }
}
