//! Why a job does not scale although it was decided on.

use std::fmt;

use super::rule::Reason;
use crate::decimal::fixed;
use crate::time::Instant;

/// What holds a scaling up.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Hold {
    /// A TaskManager is short of memory: its rates are not the job's own.
    MemoryPressure {
        /// The option whose limit is exceeded.
        option: &'static str,
        /// What was measured, as a share.
        measured: f64,
        /// The limit, as a share.
        limit: f64,
    },
    /// Every vertex already has the parallelism it should, or waits to be scaled down.
    NothingToChange,
    /// Some vertices would change, but none is outside its utilization band.
    AllWithinBounds,
    /// An option keeps scalings from being carried out.
    Blocked {
        /// Its key.
        key: &'static str,
        /// Its value.
        value: String,
    },
    /// The resource check says that the TaskManagers can't be had.
    Resources {
        /// TaskManagers now.
        before: u64,
        /// TaskManagers after the scaling.
        after: u64,
    },
    /// `quota.cpu` or `quota.memory` would be exceeded.
    Quota,
    /// A custom executor vetoed the scaling.
    Vetoed {
        /// Its name.
        by: String,
        /// Why.
        why: String,
    },
    /// It was tried, did harm and was put back.
    RolledBack {
        /// Until when it is not tried again.
        until: Instant,
        /// How often it was tried.
        times: u32,
    },
    /// Custom executors make another scaling of one that somebody approved.
    NotAsApproved,
    /// The responsive policy leaves it as it is.
    Responsive(Reason),
}

impl fmt::Display for Hold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MemoryPressure { option, measured, limit } => {
                write!(f, "memory pressure: {} measured, {option} allows {}", fixed(*measured, 3), fixed(*limit, 3))
            }
            Self::NothingToChange => f.write_str("no vertex is to be changed now"),
            Self::AllWithinBounds => f.write_str("no vertex is outside its utilization band"),
            Self::Blocked { key, value } => write!(f, "not carried out because of {key}: {value}"),
            Self::Resources { before, after } => {
                write!(f, "the resource check refuses {after} TaskManagers instead of {before}")
            }
            Self::Quota => f.write_str("quota.cpu or quota.memory would be exceeded"),
            Self::Vetoed { by, why } => write!(f, "vetoed by {by}: {why}"),
            Self::RolledBack { until, times } => {
                let until = until.format("%Y-%m-%d %H:%M:%S UTC");
                write!(f, "it did harm and was put back ({times} times): not tried again before {until}")
            }
            Self::NotAsApproved => f.write_str("custom executors make another scaling of it than was approved"),
            Self::Responsive(reason) => reason.fmt(f),
        }
    }
}
