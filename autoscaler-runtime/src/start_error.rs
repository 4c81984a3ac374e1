//! Why a process can't start.

use autoscaler_core::PortError;
use autoscaler_core::options::InvalidOption;

/// Why a process can't start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// An option can't be used.
    #[error(transparent)]
    Option(#[from] InvalidOption),
    /// A backend can't be opened or used.
    #[error("the {what} can't be used")]
    Backend {
        /// Which: `state store`, `event handler`, …
        what: &'static str,
        /// Why not.
        #[source]
        error: PortError,
    },
}

impl StartError {
    pub(crate) fn of(what: &'static str) -> impl FnOnce(PortError) -> Self {
        move |error| Self::Backend { what, error }
    }

    /// The backend's error, where it is one.
    pub fn port_error(&self) -> Option<&PortError> {
        match self {
            Self::Backend { error, .. } => Some(error),
            Self::Option(_) => None,
        }
    }
}
