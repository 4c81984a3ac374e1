//! The right to act, held by one process at a time.

use std::fmt::Debug;

use async_trait::async_trait;

use crate::error::PortError;

/// The right to act on what a store remembers. Two processes that both acted would undo each other's scalings.
#[async_trait]
pub trait Lease: Debug + Send + Sync + 'static {
    /// Takes the lease.
    ///
    /// # Behavior
    /// - while somebody holds it, in this process or another, everybody else gets a
    ///   [`Conflict`](super::ErrorKind::Conflict) that says on what;
    /// - it is free again when what is returned is dropped, or its process has died.
    async fn acquire(&self) -> Result<Box<dyn HeldLease>, PortError>;
}

/// A lease that is held, until it is dropped or lost.
#[async_trait]
pub trait HeldLease: Debug + Send + Sync + 'static {
    /// Waits until the lease is lost, and says why; for one that can't be lost, for ever.
    async fn lost(&self) -> PortError;
}
