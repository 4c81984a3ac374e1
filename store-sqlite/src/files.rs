//! Files beside the database. A file system may hang, one over a network above all, and the program has one thread.

use std::fs::{File, TryLockError};
use std::io::{Error, ErrorKind, Read, Result, Write};
use std::path::Path;
use std::time::Duration;

/// Does what may block on another thread, and waits for it no longer than `within`. What it comes to after that is
/// dropped: a lock that is taken too late is let go of again.
pub(crate) async fn aside<T: Send + 'static>(
    within: Duration,
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    let late = || Error::new(ErrorKind::TimedOut, format!("the file system did not answer within {within:?}"));
    let ended = tokio::time::timeout(within, tokio::task::spawn_blocking(work)).await.map_err(|_| late())?;
    ended.map_err(Error::other)?
}

/// Takes the lock that migrations are run under: SQLite itself has none that lasts over several transactions.
pub(crate) fn try_migration_lock(path: &Path) -> Result<std::result::Result<File, String>> {
    let mut file = File::options().create(true).truncate(false).read(true).write(true).open(path)?;
    match file.try_lock() {
        Ok(()) => {
            file.set_len(0)?;
            write!(file, "{}", std::process::id())?;
            Ok(Ok(file))
        }
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            let _read = file.take(20).read_to_string(&mut holder);
            Ok(Err(if holder.is_empty() { "another process".to_owned() } else { format!("process {holder}") }))
        }
        Err(TryLockError::Error(error)) => Err(error),
    }
}
