//! What can go wrong with a request.

use std::error::Error;
use std::time::Duration;

use autoscaler_core::{ErrorKind, ObserveError, PortError};

/// A request that did not bring what it should have. Credentials are in none of its texts.
#[derive(Debug, thiserror::Error)]
#[error("{endpoint}: {problem}")]
#[non_exhaustive]
pub struct RestError {
    /// Method and URL.
    pub endpoint: String,
    /// What went wrong.
    pub problem: RestProblem,
    #[source]
    cause: Option<Box<dyn Error + Send + Sync>>,
}

/// What went wrong with a request.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RestProblem {
    /// The URL can't be one of a cluster's REST API, or TLS can't be set up.
    #[error("it can't be the address of a Flink cluster: {0}")]
    Address(String),
    /// No answer in time.
    #[error("no full answer within {0:?}")]
    Timeout(Duration),
    /// Nobody listens there.
    #[error("connection refused")]
    ConnectionRefused,
    /// No connection, or one that broke off.
    #[error("{0}")]
    Connection(&'static str),
    /// The answer sends us where a request for this cluster must not go.
    #[error("answered {status}, a redirect to {to}, which is not followed")]
    Redirected {
        /// The HTTP status.
        status: u16,
        /// Where to.
        to: String,
    },
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
    /// An error about an endpoint.
    pub(crate) fn new(endpoint: impl Into<String>, problem: RestProblem) -> Self {
        Self { endpoint: endpoint.into(), problem, cause: None }
    }

    pub(crate) fn caused_by(self, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { cause: Some(cause.into()), ..self }
    }

    /// What kind of failure it is.
    pub fn kind(&self) -> ErrorKind {
        match &self.problem {
            RestProblem::Timeout(_) => ErrorKind::Timeout,
            RestProblem::ConnectionRefused | RestProblem::Connection(_) => ErrorKind::Unavailable,
            RestProblem::Status { status, .. } => match status {
                401 | 403 | 407 => ErrorKind::Denied,
                404 => ErrorKind::NotFound,
                409 => ErrorKind::Conflict,
                429 | 500.. => ErrorKind::Unavailable,
                _ => ErrorKind::Refused,
            },
            RestProblem::TooLarge(_) => ErrorKind::TooLarge,
            RestProblem::Address(_) | RestProblem::Redirected { .. } | RestProblem::Unexpected(_) => ErrorKind::Invalid,
        }
    }
}

impl From<RestError> for PortError {
    fn from(error: RestError) -> Self {
        let port_error = Self::new(error.kind(), error.problem.to_string()).with("endpoint", error.endpoint);
        match error.cause {
            Some(cause) => port_error.caused_by(cause),
            None => port_error,
        }
    }
}

impl From<RestError> for ObserveError {
    fn from(error: RestError) -> Self {
        PortError::from(error).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_told_apart() {
        let kind = |problem| PortError::from(RestError::new("GET http://a", problem)).kind();
        let status = |status| kind(RestProblem::Status { status, message: String::new() });
        for (found, expected) in [
            (kind(RestProblem::ConnectionRefused), ErrorKind::Unavailable),
            (kind(RestProblem::Timeout(Duration::ZERO)), ErrorKind::Timeout),
            (kind(RestProblem::TooLarge(1)), ErrorKind::TooLarge),
            (kind(RestProblem::Unexpected(String::new())), ErrorKind::Invalid),
            (status(400), ErrorKind::Refused),
            (status(401), ErrorKind::Denied),
            (status(403), ErrorKind::Denied),
            (status(404), ErrorKind::NotFound),
            (status(409), ErrorKind::Conflict),
            (status(503), ErrorKind::Unavailable),
        ] {
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn the_endpoint_and_the_cause_are_kept() {
        let error = RestError::new("GET http://a/jobs", RestProblem::ConnectionRefused)
            .caused_by(std::io::Error::other("os error 111"));
        let error = PortError::from(error);
        assert_eq!(error.chain().to_string(), "connection refused (endpoint: GET http://a/jobs): os error 111");
    }
}
