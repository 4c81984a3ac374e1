//! A right to act, on the heap.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use autoscaler_core::{ErrorKind, HeldLease, Lease, PortError};
use tokio::sync::watch;

/// A lease that can be held by others and lost. Clones are the same lease.
#[derive(Clone, Debug)]
pub struct FakeLease {
    held: Arc<Mutex<bool>>,
    lost: watch::Sender<u64>,
}

impl Default for FakeLease {
    fn default() -> Self {
        let (lost, _) = watch::channel(0);
        Self { held: Arc::default(), lost }
    }
}

impl FakeLease {
    /// Has whoever holds it lose it; it is then held by somebody else until [`FakeLease::give_back`].
    pub fn take_away(&self) {
        self.lost.send_modify(|count| *count += 1);
        *self.held.lock().unwrap() = true;
    }

    /// What somebody else held is free again.
    pub fn give_back(&self) {
        *self.held.lock().unwrap() = false;
    }
}

#[derive(Debug)]
struct Held {
    lease: FakeLease,
    lost: watch::Receiver<u64>,
}

#[async_trait]
impl HeldLease for Held {
    async fn lost(&self) -> PortError {
        let mut lost = self.lost.clone();
        let _changed = lost.changed().await;
        PortError::new(ErrorKind::Conflict, "the lease was taken away")
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        // What was taken away is somebody else's now.
        if !self.lost.has_changed().unwrap_or(true) {
            self.lease.give_back();
        }
    }
}

#[async_trait]
impl Lease for FakeLease {
    async fn acquire(&self) -> Result<Box<dyn HeldLease>, PortError> {
        let mut held = self.held.lock().unwrap();
        if *held {
            return Err(PortError::new(ErrorKind::Conflict, "somebody else holds the lease"));
        }
        *held = true;
        Ok(Box::new(Held { lease: self.clone(), lost: self.lost.subscribe() }))
    }
}
