//! In which order jobs stand.

use crate::cli::asked::answers::Job;

/// In which order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Sort {
    #[default]
    Name,
    Utilization,
    Lag,
    Subtasks,
    /// Scaled last first.
    Scaled,
    /// In trouble first.
    Trouble,
}

impl Sort {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Utilization => "utilization",
            Self::Lag => "lag",
            Self::Subtasks => "subtasks",
            Self::Scaled => "scaled last",
            Self::Trouble => "trouble",
        }
    }

    pub(super) fn next(self) -> Self {
        match self {
            Self::Name => Self::Utilization,
            Self::Utilization => Self::Lag,
            Self::Lag => Self::Subtasks,
            Self::Subtasks => Self::Scaled,
            Self::Scaled => Self::Trouble,
            Self::Trouble => Self::Name,
        }
    }

    /// Orders jobs; those that are alike stay as they were.
    pub(super) fn order(self, jobs: &mut [&Job]) {
        let highest =
            |a: Option<f64>, b: Option<f64>| b.unwrap_or(f64::NEG_INFINITY).total_cmp(&a.unwrap_or(f64::NEG_INFINITY));
        match self {
            Self::Name => jobs.sort_by_cached_key(|job| job.name.to_lowercase()),
            Self::Utilization => jobs.sort_by(|a, b| highest(a.utilization, b.utilization)),
            Self::Lag => jobs.sort_by(|a, b| highest(a.lag, b.lag)),
            Self::Subtasks => jobs.sort_by_key(|job| std::cmp::Reverse(job.subtasks)),
            Self::Scaled => jobs.sort_by(|a, b| b.scaled_at.cmp(&a.scaled_at)),
            Self::Trouble => jobs.sort_by_key(|job| trouble(job).is_none()),
        }
    }
}

/// What fails of a job.
pub(super) fn trouble(job: &Job) -> Option<&str> {
    let undone = || job.outcome.as_deref().filter(|outcome| matches!(*outcome, "error" | "invalid"));
    let why = || undone().map(|outcome| job.why.as_deref().unwrap_or(outcome));
    job.skipped.as_deref().or(job.failure.as_deref()).or_else(why)
}
