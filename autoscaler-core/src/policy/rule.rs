//! The responsive policy's reasons: typed first, as text second.

use std::fmt;

use crate::decimal::fixed;

/// What moved a number of the responsive policy.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Rule {
    /// The load of a source.
    Arrives {
        /// Records per second now.
        rate: f64,
        /// By what share of it the load changes in a minute; 0 where it does not stand out of the noise.
        per_minute: f64,
        /// Seconds that has held.
        held: f64,
    },
    /// A source held back hides its backlog: more arrives than it reads.
    Hidden {
        /// Records per second that are assumed.
        rate: f64,
    },
    /// What reaches a vertex, and what it can do as it is.
    Does {
        /// Records per second that reach it.
        demand: f64,
        /// Records per second it can do.
        capacity: f64,
    },
    /// A scale-up did nothing for it: it does no more, whatever its parallelism.
    AtCeiling {
        /// Records per second.
        ceiling: f64,
    },
    /// The load would exceed the tolerated lag.
    Overload {
        /// Of the tight vertex, 1 is all it can do.
        utilization: f64,
        /// Seconds that the worst source lags.
        lag: f64,
    },
    /// Close to what can be done, and not falling.
    Hot {
        /// Two minutes ahead along the trend.
        ahead: f64,
        /// What may be reached.
        high: f64,
    },
    /// A backlog that is worked off too slowly.
    Slow {
        /// Seconds that the worst source lags.
        lag: f64,
        /// Seconds until it is gone; infinite if it does not shrink.
        clears: f64,
    },
    /// What a smaller job would have saved is worth the rescale.
    Saves {
        /// Share of the job.
        share: f64,
        /// For how many minutes it would have done.
        minutes: f64,
        /// What had to be saved, minutes of the whole job.
        price: f64,
        /// Whether the load is falling, so that the size looks ahead.
        falling: bool,
    },
    /// What that takes.
    Sized {
        /// Subtasks.
        parallelism: i32,
    },
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Arrives { rate, per_minute, held } => {
                write!(f, "{}/s arrive", fixed(*rate, 1))?;
                if *per_minute == 0.0 {
                    return Ok(());
                }
                let way = if *per_minute > 0.0 { "rising" } else { "falling" };
                write!(f, ", {way} by {} % a minute for {}", fixed(per_minute.abs() * 100.0, 1), span(*held))
            }
            Self::Hidden { rate } => {
                write!(f, "it is held back and hides its backlog: {}/s are assumed to arrive", fixed(*rate, 1))
            }
            Self::Does { demand, capacity: f64::INFINITY } => {
                write!(f, "{}/s reach it, and it was never seen at work", fixed(*demand, 1))
            }
            Self::Does { demand, capacity } => write!(
                f,
                "{}/s reach it, and it can do {}/s: utilization {}",
                fixed(*demand, 1),
                fixed(*capacity, 1),
                fixed(demand / capacity, 2)
            ),
            Self::AtCeiling { ceiling } => {
                write!(f, "a scale-up did nothing for it: it does no more than {}/s", fixed(*ceiling, 1))
            }
            Self::Overload { utilization, lag } => write!(
                f,
                "overload: the tightest vertex needs {} % of its time, and the lag is {}",
                fixed(utilization * 100.0, 0),
                span(*lag)
            ),
            Self::Hot { ahead, high } => write!(
                f,
                "hot: {} % utilization expected in 2 min, responsive.utilization.high is {} %",
                fixed(ahead * 100.0, 0),
                fixed(high * 100.0, 0)
            ),
            Self::Slow { lag, clears } => {
                let clears = if clears.is_finite() { format!("in {}", span(*clears)) } else { "never".to_owned() };
                write!(f, "slow: the lag is {}, and gone {clears} at this rate", span(*lag))
            }
            Self::Saves { share, minutes, price, falling } => write!(
                f,
                "{} % less would have done for {} min, worth the {} min that are waited for{}",
                fixed(share * 100.0, 0),
                fixed(*minutes, 0),
                fixed(*price, 1),
                if *falling { "; the load is falling" } else { "" }
            ),
            Self::Sized { parallelism } => write!(f, "so {parallelism}"),
        }
    }
}

/// Why the responsive policy leaves a job as it is.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Reason {
    /// It was scaled or restarted a moment ago.
    Settling {
        /// Seconds until it may be judged.
        left: f64,
    },
    /// More is needed, and nothing more can be had of the tight vertex.
    Stuck {
        /// Its utilization.
        utilization: f64,
    },
    /// It works off a backlog, or is close to what it can do.
    Busy {
        /// Of the tight vertex.
        utilization: f64,
        /// Seconds that the worst source lags.
        lag: f64,
    },
    /// Metrics are incomplete: it may be scaled up, and not down.
    Incomplete,
    /// Nothing smaller that is worth a rescale would do.
    Right {
        /// Of the tight vertex.
        utilization: f64,
    },
    /// A smaller job would do now, and has not been for long enough: the load may be back.
    Waits {
        /// Share of the job that could be saved.
        share: f64,
        /// Minutes of the whole job that have to be saved first.
        price: f64,
    },
    /// Between two looks: rates need half a minute.
    NextLook {
        /// Seconds until the next one.
        left: f64,
    },
    /// As many rescales as are allowed within a day.
    DailyLimit {
        /// How many.
        rescales: usize,
    },
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent = |share: &f64| fixed(share * 100.0, 0);
        match self {
            Self::Settling { left } => write!(f, "it was restarted a moment ago and is judged in {}", span(*left)),
            Self::Stuck { utilization } => write!(
                f,
                "the tightest vertex needs {} % of its time, and more subtasks would not help it or can't be had",
                percent(utilization)
            ),
            Self::Busy { utilization, lag } => {
                write!(f, "in use at {} %, with a lag of {}: nothing to take away", percent(utilization), span(*lag))
            }
            Self::Incomplete => f.write_str("some metrics are missing: nothing is taken away meanwhile"),
            Self::Right { utilization } => write!(f, "in use at {} %, as it should be", percent(utilization)),
            Self::Waits { share, price } => write!(
                f,
                "{} % less would do now, and has to have done until that had saved {} min of the whole job",
                percent(share),
                fixed(*price, 1)
            ),
            Self::NextLook { left } => write!(f, "it is looked at each half minute, the next time in {}", span(*left)),
            Self::DailyLimit { rescales } => {
                write!(f, "responsive.rescale.max-per-day is reached: {rescales} rescales within a day")
            }
        }
    }
}

/// A span of seconds, for people.
fn span(seconds: f64) -> String {
    if seconds >= 120.0 { format!("{} min", fixed(seconds / 60.0, 0)) } else { format!("{} s", fixed(seconds, 0)) }
}
