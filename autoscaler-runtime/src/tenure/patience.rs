//! Waiting for a lease of somebody who may be dead.

use std::time::Duration;

use autoscaler_core::Occupied;
use tokio::time::Instant;

/// Waiting for a lease that somebody has who may have been killed, until its time is over.
#[derive(Debug)]
pub struct Patience {
    lock: Duration,
    since: Instant,
    renewal: Option<i64>,
}

/// What comes of another look at who has a lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// Whether they are alive is to be seen, and from here on it is waited for.
    Begins,
    /// It is still to be seen.
    GoesOn,
    /// They are alive: they have renewed it, or it is one that does not expire and is still held.
    InVain,
}

impl Patience {
    /// From now on. A lease that does not expire is waited for as long as `lock`: the process that held it may just have been killed.
    pub fn new(lock: Duration) -> Self {
        Self { lock, since: Instant::now(), renewal: None }
    }

    /// Looks at who has the lease.
    pub fn look(&mut self, occupied: &Occupied) -> Look {
        match occupied.until.map(|until| (until.renewal, self.renewal.replace(until.renewal))) {
            Some((_, None)) => Look::Begins,
            Some((now, Some(before))) if now == before => Look::GoesOn,
            None if self.since.elapsed() < self.lock => Look::GoesOn,
            Some(_) | None => Look::InVain,
        }
    }
}
