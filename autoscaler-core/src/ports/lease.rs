//! The right to act, held by one process at a time.

use std::fmt::Debug;
use std::time::Duration;

use async_trait::async_trait;

use crate::error::PortError;

/// On what terms a lease is taken.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LeaseTerms {
    /// Who takes it, for others to read; no two processes have the same.
    pub holder: String,
    /// How long it lasts unless it is renewed, where it can expire.
    pub duration: Duration,
}

impl LeaseTerms {
    /// Taken by `holder`, for `duration` at a time.
    pub fn new(holder: impl Into<String>, duration: Duration) -> Self {
        Self { holder: holder.into(), duration }
    }
}

/// Tells the times that a lease was taken apart: each has a greater one than those before. What is written under a token
/// counts only as long as nobody has taken the lease since.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LeaseToken(pub i64);

/// The right to act on what a store remembers. Two processes that both acted would undo each other's scalings.
#[async_trait]
pub trait Lease: Debug + Send + Sync + 'static {
    /// Takes the lease, if it is free.
    ///
    /// # Behavior
    /// - while somebody holds it, in this process or another, everybody else learns who does and on what;
    /// - it is free again once it was released, or its process has died, or its time is over without a renewal;
    /// - of several who try at once, one gets it.
    async fn acquire(&self, terms: &LeaseTerms) -> Result<Acquired, PortError>;
}

/// What came of trying to take a lease.
#[derive(Debug)]
pub enum Acquired {
    /// It is ours. The time that it lasts began before the call returned: count from before it was made.
    Held(Box<dyn HeldLease>),
    /// It is somebody else's.
    Occupied(Occupied),
}

/// A lease that somebody else holds.
#[derive(Debug)]
#[non_exhaustive]
pub struct Occupied {
    /// Who holds it.
    pub holder: String,
    /// Says who holds it, and what it is on: of kind [`Conflict`](super::ErrorKind::Conflict).
    pub error: PortError,
    /// Until when, unless it is renewed; none: until it is released, or its process ends.
    pub until: Option<Expiry>,
}

impl Occupied {
    /// Held by `holder` until it is released or its process ends.
    pub fn new(holder: impl Into<String>, error: PortError) -> Self {
        Self { holder: holder.into(), error, until: None }
    }

    /// Held until then, unless it is renewed.
    #[must_use]
    pub fn until(mut self, expiry: Expiry) -> Self {
        self.until = Some(expiry);
        self
    }
}

/// When a lease that somebody else holds will be free.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expiry {
    /// After this time, unless it is renewed.
    pub left: Duration,
    /// Another one after each renewal, and after each change of hands.
    pub renewal: i64,
}

/// A lease that is held until it is released, or its time is over, or it is dropped with its process.
#[async_trait]
pub trait HeldLease: Debug + Send + Sync + 'static {
    /// Under what token writes count; none where it can't pass to another process while this one lives.
    fn token(&self) -> Option<LeaseToken>;

    /// How long it lasts from when it was taken or renewed; none: as long as this process holds it.
    fn duration(&self) -> Option<Duration>;

    /// Has its time begin anew.
    ///
    /// # Behavior
    /// - one that somebody else has taken is a [`Conflict`](super::ErrorKind::Conflict) that says who and on what;
    /// - one that expired and that nobody has taken since is held again.
    async fn renew(&self) -> Result<(), PortError>;

    /// Gives it back: whoever comes next gets it at once.
    ///
    /// # Behavior
    /// - giving back what somebody else has taken meanwhile succeeds, and leaves it theirs.
    async fn release(self: Box<Self>) -> Result<(), PortError>;
}
