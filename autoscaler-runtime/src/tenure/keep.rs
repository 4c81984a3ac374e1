//! Keeping a lease: renewing it in time, and knowing when it is over.

use std::time::Duration;

use autoscaler_core::{ErrorKind, HeldLease, LeaseToken, PortError};
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;

use super::{Tenure, is_taken, say_ours};
use crate::right::Moment;

/// A lease is renewed as often as this in the time that it lasts.
const RENEWALS: u32 = 3;
/// Which part of its time we don't make use of: what was begun at the end of ours must be over when somebody else begins,
/// and the database's clock may run faster.
const MARGIN: u32 = 5;
/// How long giving it back may take at the end.
const RELEASE_WITHIN: Duration = Duration::from_secs(1);

/// A lease that is ours.
#[derive(Debug)]
pub(super) struct Held {
    lease: Box<dyn HeldLease>,
    /// When it was taken or renewed last.
    renewed: Instant,
}

impl Held {
    pub(super) fn new(lease: Box<dyn HeldLease>) -> Self {
        Self { lease, renewed: Instant::now() }
    }

    pub(super) fn token(&self) -> Option<LeaseToken> {
        self.lease.token()
    }

    /// Until when it is ours if its time began at a moment.
    pub(super) fn until(&self, began: Moment) -> Option<Moment> {
        self.lease.duration().map(|duration| began.after(duration - duration / MARGIN))
    }
}

impl Tenure {
    /// Keeps the lease until `stop` is cancelled, then gives it back. Nothing is saved or realized while it is lost.
    pub(crate) async fn keep(mut self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            match self.held.take() {
                Some(mut held) => match stop.run_until_cancelled(self.lost(&mut held)).await {
                    Some(why) => {
                        self.ports.revoke();
                        self.complain(&why);
                    }
                    None => self.held = Some(held),
                },
                None => self.held = stop.run_until_cancelled(self.again()).await,
            }
        }
        if let Some(held) = self.held.take() {
            self.ports.revoke();
            give_back(held).await;
        }
    }

    /// Renews the lease until it is lost; why it is.
    async fn lost(&self, held: &mut Held) -> PortError {
        let Some(duration) = held.lease.duration() else { return std::future::pending().await };
        let mut next = held.renewed + duration / RENEWALS;
        loop {
            tokio::select! {
                () = tokio::time::sleep_until(next) => {}
                () = self.ports.doubted() => {}
            }
            let (began, asked) = (self.ports.moment(), Instant::now());
            let Some(left) = self.ports.left() else { return over(duration) };
            match timeout(left.min(duration / RENEWALS), held.lease.renew()).await {
                Ok(Ok(())) => {
                    self.ports.asked(None);
                    // One that came too late is none: nobody may have acted for us meanwhile, nor we.
                    if self.ports.left().is_none() {
                        return over(duration);
                    }
                    held.until(began).into_iter().for_each(|until| self.ports.extend(until));
                    held.renewed = asked;
                    next = asked + duration / RENEWALS;
                    self.complaints.end(&());
                }
                Ok(Err(error)) if is_taken(&error) => {
                    self.ports.asked(None);
                    return error;
                }
                failed => {
                    let late = |_| PortError::new(ErrorKind::Timeout, "the store does not answer");
                    if let Err(error) = failed.map_err(late).flatten() {
                        self.ports.asked(Some(&error));
                        self.say_unrenewed(&error);
                    }
                    next = Instant::now() + self.retry();
                }
            }
        }
    }

    /// Gets the lease, however long it takes.
    async fn again(&self) -> Held {
        loop {
            match self.tried().await {
                Ok(Ok(held)) => {
                    self.complaints.end(&());
                    say_ours();
                    return held;
                }
                Ok(Err(occupied)) => self.say_who_leads(&occupied),
                Err(error) => self.complain(&error),
            }
            tokio::time::sleep(self.retry()).await;
        }
    }

    fn say_unrenewed(&self, why: &PortError) {
        let why = why.chain().to_string();
        tracing::debug!("the right to act could not be renewed, will try again: {why}");
    }
}

fn over(duration: Duration) -> PortError {
    PortError::new(ErrorKind::Timeout, "the right to act is over: it could not be renewed in time")
        .with("duration", format!("{duration:?}"))
}

async fn give_back(held: Held) {
    match timeout(RELEASE_WITHIN, held.lease.release()).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::warn!("the right to act is not given back, others wait for it: {}", error.chain()),
        Err(_) => tracing::warn!("the right to act is not given back, others wait for it: the store does not answer"),
    }
}
