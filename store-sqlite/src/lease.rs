//! The right to act: a lock on files beside the database, which ends with its process.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use autoscaler_core::{Acquired, ErrorKind, HeldLease, Lease, LeaseTerms, LeaseToken, Occupied, PortError};
use sql_database::SqlDatabase;

use crate::files::aside;

/// A lease for each file. On a network file system it is held against other hosts, too.
#[derive(Debug)]
pub(crate) struct SqliteLease {
    database: Arc<dyn SqlDatabase>,
    path: PathBuf,
    timeout: Duration,
}

impl SqliteLease {
    /// A lease on a file; each answer is waited for no longer than `timeout`.
    pub(crate) fn new(database: Arc<dyn SqlDatabase>, path: PathBuf, timeout: Duration) -> Self {
        Self { database, path, timeout }
    }
}

#[async_trait]
impl Lease for SqliteLease {
    async fn acquire(&self, _: &LeaseTerms) -> Result<Acquired, PortError> {
        // The file has to exist before it can be told which it is. Opening and closing it ourselves would end the locks
        // that SQLite has on it.
        self.database.version().await?;
        let path = self.path.clone();
        let locked = aside(self.timeout, move || Ok(lock_all(&path))).await;
        Ok(match locked.map_err(|error| unusable(&self.path, error))?? {
            Some(files) => Acquired::Held(Box::new(HeldFiles { _files: files })),
            None => Acquired::Occupied(Occupied::new(
                "another process",
                PortError::new(
                    ErrorKind::Conflict,
                    "another flink-autoscaler is running on the same file, and two would rescale the same jobs: stop it, or use a file of its own",
                )
                .with("database", format!("SQLite file {}", self.path.display())),
            )),
        })
    }
}

/// All of them, or none while somebody else has one.
fn lock_all(database: &Path) -> Result<Option<Vec<File>>, PortError> {
    let files = lock_files(database).map_err(|error| unusable(database, error))?;
    files.iter().map(|file| lock(file)).collect()
}

/// The files to lock: one named after the database, so that one put in its place meets it; one named after the file
/// itself, so that another name of it does.
fn lock_files(database: &Path) -> std::io::Result<Vec<PathBuf>> {
    let canonical = database.canonicalize()?;
    let mut beside = canonical.clone().into_os_string();
    beside.push(".lock");
    let mut files = vec![PathBuf::from(beside)];
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let inode = canonical.metadata()?.ino();
        files.push(canonical.with_file_name(format!(".flink-autoscaler-{inode}.lock")));
    }
    Ok(files)
}

fn lock(path: &Path) -> Result<Option<File>, PortError> {
    let file = File::options().create(true).truncate(false).write(true).open(path);
    let file = file.map_err(|error| unusable(path, error))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(unusable(path, error)),
    }
}

fn unusable(path: &Path, error: std::io::Error) -> PortError {
    PortError::new(ErrorKind::Unavailable, "the right to run on a SQLite file can't be taken")
        .with("file", path.display().to_string())
        .caused_by(error)
}

/// Locks that last until they are dropped.
#[derive(Debug)]
struct HeldFiles {
    _files: Vec<File>,
}

#[async_trait]
impl HeldLease for HeldFiles {
    fn token(&self) -> Option<LeaseToken> {
        None
    }

    fn duration(&self) -> Option<Duration> {
        None
    }

    async fn renew(&self) -> Result<(), PortError> {
        Ok(())
    }

    async fn release(self: Box<Self>) -> Result<(), PortError> {
        Ok(())
    }
}
