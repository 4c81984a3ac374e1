//! The right to act on the directory: a file in it, locked until whoever holds it is done or dead.

use std::fs::{self, File, TryLockError};
use std::path::Path;

use autoscaler::autoscaler_core::{ErrorKind, HeldLease, Lease, PortError};

use crate::FileStore;

#[derive(Debug)]
struct Held(#[expect(dead_code, reason = "the lock lasts as long as the file is open")] File);

#[async_trait::async_trait]
impl Lease for FileStore {
    async fn acquire(&self) -> Result<Box<dyn HeldLease>, PortError> {
        let lock = |directory: &Path| {
            fs::create_dir_all(directory)?;
            let file = File::create(directory.join("lock"))?;
            match file.try_lock() {
                Ok(()) => Ok(Some(file)),
                Err(TryLockError::WouldBlock) => Ok(None),
                Err(TryLockError::Error(error)) => Err(error),
            }
        };
        let held = self.on_disk("lock", None, lock).await?.map(|file| Box::new(Held(file)) as _);
        let other = PortError::new(ErrorKind::Conflict, "another process works in the directory");
        held.ok_or_else(|| other.with("directory", self.0.display().to_string()))
    }
}

#[async_trait::async_trait]
impl HeldLease for Held {
    async fn lost(&self) -> PortError {
        std::future::pending().await
    }
}
