//! What can go wrong with a request.

use std::borrow::Cow;
use std::error::Error;
use std::time::Duration;

use autoscaler_core::{ErrorKind, ObserveError, PortError};

/// A request that did not bring what it should have. Credentials are in none of its texts.
#[derive(Debug, thiserror::Error)]
#[error("{endpoint}: {problem}{}", advice.as_ref().map_or(String::new(), |advice| format!("; {advice}")))]
#[non_exhaustive]
pub struct RestError {
    /// Method and URL.
    pub endpoint: String,
    /// What went wrong.
    pub problem: RestProblem,
    /// What to do about it.
    advice: Option<Cow<'static, str>>,
    #[source]
    cause: Option<Box<dyn Error + Send + Sync>>,
}

/// What went wrong with a request.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RestProblem {
    /// The URL can't be one of a cluster's REST API.
    #[error("it can't be the address of a Flink cluster: {0}")]
    Address(String),
    /// What the cluster is to be reached by can't be read or used, or TLS can't be set up.
    #[error("the cluster can't be reached as is set: {0}")]
    Access(String),
    /// No answer in time.
    #[error("no full answer within {0:?}")]
    Timeout(Duration),
    /// Nobody listens there.
    #[error("connection refused")]
    ConnectionRefused,
    /// No connection, or one that broke off.
    #[error("{0}")]
    Connection(&'static str),
    /// No connection by way of the proxy.
    #[error("no connection by way of the proxy")]
    Proxy,
    /// The certificate that is shown is not to be trusted.
    #[error("{0}")]
    Certificate(CertificateProblem),
    /// It does not speak TLS there, or none that we know.
    #[error("no TLS with it")]
    Tls,
    /// A certificate of ours is asked for: with this HTTP status, or 0 where TLS itself broke off.
    #[error("it wants to be shown another certificate than it was, or one at all")]
    ClientCertificate(u16),
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

/// What is wrong with a server's certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CertificateProblem {
    /// Nobody who is trusted has signed it.
    #[error("its certificate is signed by nobody who is trusted")]
    Untrusted,
    /// Its time is over.
    #[error("its certificate has expired")]
    Expired,
    /// Its time has not begun.
    #[error("its certificate is not valid yet")]
    NotYetValid,
    /// It is for other hosts.
    #[error("its certificate is for other hosts than this one")]
    OtherHost,
    /// Anything else.
    #[error("its certificate can't be accepted")]
    Unusable,
}

impl RestError {
    /// An error about an endpoint.
    pub(crate) fn new(endpoint: impl Into<String>, problem: RestProblem) -> Self {
        Self { endpoint: endpoint.into(), problem, advice: None, cause: None }
    }

    pub(crate) fn with_advice(self, advice: Option<Cow<'static, str>>) -> Self {
        Self { advice, ..self }
    }

    pub(crate) fn caused_by(self, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { cause: Some(cause.into()), ..self }
    }

    /// What kind of failure it is.
    pub fn kind(&self) -> ErrorKind {
        match &self.problem {
            RestProblem::Timeout(_) => ErrorKind::Timeout,
            RestProblem::ConnectionRefused | RestProblem::Connection(_) | RestProblem::Proxy => ErrorKind::Unavailable,
            RestProblem::ClientCertificate(_) => ErrorKind::Denied,
            RestProblem::Status { status, .. } => match status {
                401 | 403 | 407 => ErrorKind::Denied,
                404 => ErrorKind::NotFound,
                409 => ErrorKind::Conflict,
                429 | 500.. => ErrorKind::Unavailable,
                _ => ErrorKind::Refused,
            },
            RestProblem::TooLarge(_) => ErrorKind::TooLarge,
            RestProblem::Address(_)
            | RestProblem::Access(_)
            | RestProblem::Certificate(_)
            | RestProblem::Tls
            | RestProblem::Redirected { .. }
            | RestProblem::Unexpected(_) => ErrorKind::Invalid,
        }
    }
}

impl From<RestError> for PortError {
    fn from(error: RestError) -> Self {
        // Where nothing was asked yet, it is no matter of where the cluster is.
        let about = if matches!(error.problem, RestProblem::Access(_)) { "cluster" } else { "endpoint" };
        let mut port_error = Self::new(error.kind(), error.problem.to_string()).with(about, error.endpoint);
        if let Some(advice) = error.advice {
            port_error = port_error.with("what to do", advice);
        }
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
