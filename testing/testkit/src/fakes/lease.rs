//! A right to act, on the heap.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use async_trait::async_trait;
use autoscaler_core::{Acquired, ErrorKind, Expiry, HeldLease, Lease, LeaseTerms, LeaseToken, Occupied, PortError};
use tokio::time::Instant;

/// Who holds a lease that was taken away.
const SOMEBODY: &str = "somebody else";

/// A lease in tokio's time, paused or not, that others can hold and that can be out of reach. Clones are the same lease.
#[derive(Clone, Debug, Default)]
pub struct FakeLease {
    row: Arc<Mutex<Row>>,
}

#[derive(Debug, Default)]
struct Row {
    /// Nobody, if empty.
    holder: String,
    token: i64,
    /// Another one with each renewal.
    renewal: i64,
    /// None: never.
    expires: Option<Instant>,
    is_away: bool,
}

impl Row {
    fn is_held(&self) -> bool {
        !self.holder.is_empty() && self.expires.is_none_or(|at| Instant::now() < at)
    }

    fn put(&mut self, holder: &str, expires: Option<Instant>) {
        (self.holder, self.expires) = (holder.to_owned(), expires);
        self.token += 1;
        self.renewal += 1;
    }
}

impl FakeLease {
    /// Has somebody else hold it from now on until [`FakeLease::give_back`].
    pub fn take_away(&self) {
        self.row.lock().unwrap().put(SOMEBODY, None);
    }

    /// What somebody else held is free again.
    pub fn give_back(&self) {
        self.row.lock().unwrap().holder.clear();
    }

    /// Has somebody else who holds it renew it.
    pub fn renew_elsewhere(&self) {
        self.row.lock().unwrap().renewal += 1;
    }

    /// Whether nobody can reach it from now on.
    pub fn put_away(&self, is_away: bool) {
        self.row.lock().unwrap().is_away = is_away;
    }

    /// Under which token it is held, or was last.
    pub fn token(&self) -> LeaseToken {
        LeaseToken(self.row.lock().unwrap().token)
    }

    fn reached(&self) -> Result<MutexGuard<'_, Row>, PortError> {
        let row = self.row.lock().unwrap();
        if row.is_away {
            return Err(PortError::new(ErrorKind::Unavailable, "the lease can't be reached"));
        }
        Ok(row)
    }
}

#[derive(Debug)]
struct Held {
    lease: FakeLease,
    token: i64,
    duration: Duration,
}

#[async_trait]
impl HeldLease for Held {
    fn token(&self) -> Option<LeaseToken> {
        Some(LeaseToken(self.token))
    }

    fn duration(&self) -> Option<Duration> {
        Some(self.duration)
    }

    async fn renew(&self) -> Result<(), PortError> {
        let mut row = self.lease.reached()?;
        if row.token != self.token {
            return Err(PortError::new(ErrorKind::Conflict, "the lease was taken away"));
        }
        row.expires = Some(Instant::now() + self.duration);
        row.renewal += 1;
        Ok(())
    }

    async fn release(self: Box<Self>) -> Result<(), PortError> {
        let mut row = self.lease.reached()?;
        if row.token == self.token {
            row.holder.clear();
        }
        Ok(())
    }
}

#[async_trait]
impl Lease for FakeLease {
    async fn acquire(&self, terms: &LeaseTerms) -> Result<Acquired, PortError> {
        let mut row = self.reached()?;
        if row.is_held() && row.holder != terms.holder {
            let error = PortError::new(ErrorKind::Conflict, "somebody else holds the lease");
            let left = row.expires.map_or(terms.duration, |at| at - Instant::now());
            return Ok(Acquired::Occupied(
                Occupied::new(row.holder.as_str(), error).until(Expiry { left, renewal: row.renewal }),
            ));
        }
        row.put(&terms.holder, Some(Instant::now() + terms.duration));
        Ok(Acquired::Held(Box::new(Held { lease: self.clone(), token: row.token, duration: terms.duration })))
    }
}
