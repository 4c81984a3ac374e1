//! Why a way to a cluster can't be used.

use std::error::Error;

use crate::error::{RestError, RestProblem};

/// Something that is needed to reach a cluster can't be used: which option or file, and why.
#[derive(Debug, thiserror::Error)]
#[error("{what} {problem}")]
pub(crate) struct AccessProblem {
    what: String,
    problem: String,
    #[source]
    cause: Option<Box<dyn Error + Send + Sync>>,
}

impl AccessProblem {
    /// What can't be used, and why, to follow it.
    pub(crate) fn new(what: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { what: what.into(), problem: problem.into(), cause: None }
    }

    pub(crate) fn caused_by(self, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { cause: Some(cause.into()), ..self }
    }

    /// As the error of what was to be reached.
    pub(crate) fn of(self, endpoint: &str) -> RestError {
        let error = RestError::new(endpoint, RestProblem::Access(self.to_string()));
        match self.cause {
            Some(cause) => error.caused_by(cause),
            None => error,
        }
    }
}
