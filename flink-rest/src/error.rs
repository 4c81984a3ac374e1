//! What can go wrong with a request.

use std::time::Duration;

use autoscaler_core::{ObserveError, PortError};

/// A request that did not bring what it should have; names the endpoint and what to do.
#[derive(Debug, thiserror::Error)]
#[error("{method} {url}: {problem}")]
pub struct RestError {
    /// The HTTP method.
    pub method: &'static str,
    /// The endpoint.
    pub url: String,
    /// What went wrong.
    pub problem: RestProblem,
}

/// What went wrong with a request.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RestProblem {
    /// No answer in time.
    #[error("no full answer within {0:?} (job.autoscaler.flink.rest-client.timeout)")]
    Timeout(Duration),
    /// No connection, or one that broke.
    #[error("{0}")]
    Connection(String),
    /// Flink answered with an error.
    #[error("answered {status}: {message}")]
    Status {
        /// The HTTP status.
        status: u16,
        /// The first line of what Flink says.
        message: String,
    },
    /// The answer is too large to be read.
    #[error("the answer is larger than {0} bytes")]
    TooLarge(usize),
    /// The answer is not what this endpoint of Flink answers.
    #[error("the answer is not the JSON expected here: {0}")]
    Unexpected(String),
}

impl RestError {
    /// Whether the thing asked for is not there (any more).
    pub fn is_not_found(&self) -> bool {
        matches!(self.problem, RestProblem::Status { status: 404, .. })
    }

    /// Whether trying again may help.
    pub fn is_transient(&self) -> bool {
        match &self.problem {
            RestProblem::Timeout(_) | RestProblem::Connection(_) => true,
            RestProblem::Status { status, .. } => *status >= 500 || *status == 404,
            RestProblem::TooLarge(_) | RestProblem::Unexpected(_) => false,
        }
    }

    /// The error without its first line's details, for matching on what Flink said.
    pub fn message(&self) -> String {
        self.problem.to_string()
    }
}

impl From<RestError> for PortError {
    fn from(error: RestError) -> Self {
        if error.is_transient() { Self::transient(error.to_string()) } else { Self::permanent(error.to_string()) }
    }
}

impl From<RestError> for ObserveError {
    fn from(error: RestError) -> Self {
        Self::Cluster(error.to_string())
    }
}
