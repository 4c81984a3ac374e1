//! The state a job is in.

use std::str::FromStr;

/// The state of a job as Flink's REST API names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum JobStatus {
    /// The JobMaster is starting.
    Initializing,
    /// The job waits for resources or for its tasks to run.
    Created,
    /// All tasks run or have finished.
    Running,
    /// A failure is being handled.
    Failing,
    /// Ended by a failure.
    Failed,
    /// Being cancelled.
    Cancelling,
    /// Ended by a cancel.
    Canceled,
    /// Ended by itself.
    Finished,
    /// Starting again after a failure.
    Restarting,
    /// The JobMaster lost leadership.
    Suspended,
    /// Waiting for TaskManagers to report.
    Reconciling,
}

impl JobStatus {
    /// As Flink names it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Initializing => "INITIALIZING",
            Self::Created => "CREATED",
            Self::Running => "RUNNING",
            Self::Failing => "FAILING",
            Self::Failed => "FAILED",
            Self::Cancelling => "CANCELLING",
            Self::Canceled => "CANCELED",
            Self::Finished => "FINISHED",
            Self::Restarting => "RESTARTING",
            Self::Suspended => "SUSPENDED",
            Self::Reconciling => "RECONCILING",
        }
    }

    /// Whether the job will not run again.
    pub fn is_ended(self) -> bool {
        matches!(self, Self::Failed | Self::Canceled | Self::Finished)
    }
}

impl FromStr for JobStatus {
    type Err = UnknownStatus;

    fn from_str(text: &str) -> Result<Self, UnknownStatus> {
        Ok(match text {
            "INITIALIZING" => Self::Initializing,
            "CREATED" => Self::Created,
            "RUNNING" => Self::Running,
            "FAILING" => Self::Failing,
            "FAILED" => Self::Failed,
            "CANCELLING" => Self::Cancelling,
            "CANCELED" => Self::Canceled,
            "FINISHED" => Self::Finished,
            "RESTARTING" => Self::Restarting,
            "SUSPENDED" => Self::Suspended,
            "RECONCILING" => Self::Reconciling,
            _ => return Err(UnknownStatus { text: text.chars().take(64).collect() }),
        })
    }
}

/// A text that is no job status this build knows.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{text}' is no job status that this build knows")]
pub struct UnknownStatus {
    text: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_back() {
        use JobStatus as S;
        for status in [
            S::Initializing,
            S::Created,
            S::Running,
            S::Failing,
            S::Failed,
            S::Cancelling,
            S::Canceled,
            S::Finished,
            S::Restarting,
            S::Suspended,
            S::Reconciling,
        ] {
            assert_eq!(status.name().parse(), Ok(status));
        }
    }
}
