//! Who may write: one autoscaler for each file.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

/// A lock that can't be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LockError {
    /// Somebody else has it.
    #[error("another flink-autoscaler is running on {}: two would rescale the same jobs; stop it, or use a file of its own", .0.display())]
    Held(PathBuf),
    /// The lock's file can't be used.
    #[error("can't lock {}: {source}", path.display())]
    Unusable {
        /// The lock's file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
}

/// The right to run on a SQLite file, held until dropped. On a network file system it is held against other hosts too.
#[derive(Debug)]
pub struct WriterLock {
    _file: File,
}

impl WriterLock {
    /// Takes the lock of a database's file, from a file beside it.
    ///
    /// # Errors
    /// Somebody else has it, or the file can't be made.
    pub fn take(database: &Path) -> Result<Self, LockError> {
        let mut path = database.as_os_str().to_owned();
        path.push(".lock");
        let path = PathBuf::from(path);
        let unusable = |source| LockError::Unusable { path: path.clone(), source };
        let file = File::options().create(true).truncate(false).write(true).open(&path).map_err(unusable)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(LockError::Held(database.to_owned())),
            Err(TryLockError::Error(source)) => Err(unusable(source)),
        }
    }
}
