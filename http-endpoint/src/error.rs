//! Why the endpoint can't be had.

use std::io;

use autoscaler_core::options::InvalidOption;

/// Why the endpoint can't be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HttpError {
    /// An option can't be used.
    #[error(transparent)]
    Option(#[from] InvalidOption),
    /// Others could ask, and nothing says who may.
    #[error(
        "autoscaler.standalone.http.address is {address}, which other machines reach, and there is no token: set \
         FLINK_AUTOSCALER_HTTP_TOKEN or autoscaler.standalone.http.token-file, or listen at 127.0.0.1"
    )]
    Open {
        /// The address.
        address: String,
    },
    /// The token can't be read, or is none.
    #[error("autoscaler.standalone.http.token-file: {problem}")]
    Token {
        /// What is wrong with it, without its content.
        problem: String,
    },
    /// The address can't be listened at.
    #[error("can't listen at {address} (autoscaler.standalone.http.address)")]
    Address {
        /// The address.
        address: String,
        /// Why.
        source: io::Error,
    },
}
