//! Why a scenario can't be run.

use std::path::PathBuf;

use autoscaler_core::options::InvalidOption;

/// Why a scenario can't be run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SimulateError {
    /// A file can't be read.
    #[error("can't read {path}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// A file is no scenario.
    #[error("{path} is no scenario: {problem}")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        problem: String,
    },
    /// Something in a scenario makes no sense.
    #[error("scenario {scenario}: {problem}")]
    Invalid {
        /// The scenario's name.
        scenario: String,
        /// What is wrong, and what was expected.
        problem: String,
    },
    /// An option can't be used.
    #[error(transparent)]
    Option(#[from] Box<InvalidOption>),
    /// The autoscaler failed at something that can't fail here, which is a bug.
    #[error("the autoscaler failed: {0}")]
    Failed(String),
    /// It was to end before it was through.
    #[error("the simulation was ended before it was through")]
    Ended,
    /// A plot can't be drawn.
    #[error("can't draw the plot: {0}")]
    Plot(String),
}
