//! Why nothing can be recorded.

use autoscaler_core::options::InvalidOption;

/// Why a recording can't begin. No path is shown: an option's value may be a password in the wrong place.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// An option can't be used.
    #[error(transparent)]
    Option(InvalidOption),
    /// The directory can't be used.
    #[error(
        "the directory of recordings can't be used: expected one that can be written, or could be made in one that is there"
    )]
    Directory(#[source] std::io::Error),
    /// Somebody else has the directory.
    #[error("another process records into the directory of recordings: expected one for each process")]
    InUse,
    /// The file can't be made.
    #[error("the file to record into can't be made: expected one that is not there yet, in a directory that is")]
    File(#[source] std::io::Error),
    /// The thread that writes can't be started.
    #[error("the thread that writes recordings can't be started")]
    Thread(#[source] std::io::Error),
}
