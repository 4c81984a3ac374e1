//! Why a request failed.

use std::error::Error;

use crate::error::RestProblem;

/// Why a request failed, before it is known which.
pub(super) struct Failure {
    pub(super) problem: RestProblem,
    pub(super) cause: Option<reqwest::Error>,
}

impl From<RestProblem> for Failure {
    fn from(problem: RestProblem) -> Self {
        Self { problem, cause: None }
    }
}

impl From<reqwest::Error> for Failure {
    fn from(error: reqwest::Error) -> Self {
        let problem = match error.is_connect() {
            true if is_refusal(&error) => RestProblem::ConnectionRefused,
            true => RestProblem::Connection("no connection"),
            false => RestProblem::Connection("the connection broke off"),
        };
        // The URL may hold a password, and the endpoint is in the error anyway.
        Self { problem, cause: Some(error.without_url()) }
    }
}

fn is_refusal(error: &reqwest::Error) -> bool {
    let mut next = error.source();
    while let Some(cause) = next {
        let io = cause.downcast_ref::<std::io::Error>();
        if io.is_some_and(|io| io.kind() == std::io::ErrorKind::ConnectionRefused) {
            return true;
        }
        next = cause.source();
    }
    false
}
