//! The right to act on the directory: a file in it, locked until whoever holds it is done or dead.

use std::fs::{self, File, TryLockError};
use std::path::Path;

use std::time::Duration;

use autoscaler::autoscaler_core::{Acquired, ErrorKind, HeldLease, Lease, LeaseTerms, LeaseToken, Occupied, PortError};

use crate::FileStore;

#[derive(Debug)]
struct Held(#[expect(dead_code, reason = "the lock lasts as long as the file is open")] File);

#[async_trait::async_trait]
impl Lease for FileStore {
    async fn acquire(&self, _: &LeaseTerms) -> Result<Acquired, PortError> {
        let lock = |directory: &Path| {
            fs::create_dir_all(directory)?;
            let file = File::create(directory.join("lock"))?;
            match file.try_lock() {
                Ok(()) => Ok(Some(file)),
                Err(TryLockError::WouldBlock) => Ok(None),
                Err(TryLockError::Error(error)) => Err(error),
            }
        };
        if let Some(file) = self.on_disk("lock", None, lock).await? {
            return Ok(Acquired::Held(Box::new(Held(file))));
        }
        let other = PortError::new(ErrorKind::Conflict, "another process works in the directory");
        Ok(Acquired::Occupied(Occupied::new("another process", other.with("directory", self.0.display().to_string()))))
    }
}

#[async_trait::async_trait]
impl HeldLease for Held {
    /// Nobody else can take it, so writes need no token, and nothing is to be renewed.
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
