//! Acting only while the lease is held.

mod keep;
mod patience;

use std::sync::Arc;
use std::time::Duration;

use autoscaler_core::{Acquired, ErrorKind, Lease, LeaseTerms, Occupied, PortError};

use crate::ports::Ports;
use crate::quiet::{Say, Standing};
use keep::Held;

pub use patience::{Look, Patience};

/// How long a start waits for a lease that does not expire: a process that was just killed may not be gone yet.
const START_WITHIN: Duration = Duration::from_secs(5);
/// Time between two tries, at most.
const RETRY: Duration = Duration::from_millis(500);

/// Holds a lease, and gets it back after it was lost.
#[derive(Debug)]
pub(crate) struct Tenure {
    lease: Arc<dyn Lease>,
    ports: Ports,
    terms: LeaseTerms,
    held: Option<Held>,
    complaints: Standing<()>,
}

impl Tenure {
    fn new(lease: Arc<dyn Lease>, ports: Ports, terms: LeaseTerms) -> Self {
        // Until it is there, nothing is ours to do.
        ports.revoke();
        Self { lease, ports, terms, held: None, complaints: Standing::default() }
    }

    /// Takes the lease of a process that wants to be the only one. What keeps it is not there for now: nothing is done until
    /// it is. Whoever was killed is waited for until its time is over.
    ///
    /// # Errors
    /// Somebody else holds it and is alive, or it can't be had at all.
    pub(crate) async fn begin(lease: Arc<dyn Lease>, ports: Ports, terms: LeaseTerms) -> Result<Self, PortError> {
        let mut tenure = Self::new(lease, ports, terms);
        let mut patience = Patience::new(START_WITHIN);
        loop {
            match tenure.tried().await {
                Ok(Ok(held)) => {
                    tenure.held = Some(held);
                    return Ok(tenure);
                }
                Ok(Err(occupied)) => match patience.look(&occupied) {
                    Look::Begins => say_waiting(&occupied),
                    Look::GoesOn => {}
                    Look::InVain => return Err(occupied.error),
                },
                Err(error) if error.is_transient() => {
                    tenure.complain(&error);
                    return Ok(tenure);
                }
                Err(error) => return Err(error),
            }
            tokio::time::sleep(tenure.retry()).await;
        }
    }

    /// Takes the lease of a process that is one of several, or follows whoever has it.
    ///
    /// # Errors
    /// It can't be had at all.
    pub(crate) async fn follow(lease: Arc<dyn Lease>, ports: Ports, terms: LeaseTerms) -> Result<Self, PortError> {
        let mut tenure = Self::new(lease, ports, terms);
        match tenure.tried().await {
            Ok(Ok(held)) => {
                tenure.held = Some(held);
                say_ours();
            }
            Ok(Err(occupied)) => tenure.say_who_leads(&occupied),
            Err(error) if error.is_transient() => tenure.complain(&error),
            Err(error) => return Err(error),
        }
        Ok(tenure)
    }

    /// Tries once: the lease, and the right to act with it, or who has it.
    async fn tried(&self) -> Result<Result<Held, Occupied>, PortError> {
        // Its time may begin as soon as it is asked for.
        let began = self.ports.moment();
        let answer = self.lease.acquire(&self.terms).await;
        self.ports.asked(answer.as_ref().err());
        Ok(match answer? {
            Acquired::Held(lease) => {
                let held = Held::new(lease);
                self.ports.grant(held.token(), held.until(began));
                Ok(held)
            }
            Acquired::Occupied(occupied) => Err(occupied),
        })
    }

    fn retry(&self) -> Duration {
        (self.terms.duration / 10).min(RETRY)
    }

    fn say_who_leads(&self, occupied: &Occupied) {
        if self.complaints.complain((), &occupied.holder) == Say::Aloud {
            let holder = &occupied.holder;
            tracing::info!("following: {holder} has the right to act, no job is scaled here until it is ours");
        }
    }

    fn complain(&self, why: &PortError) {
        let why = why.chain().to_string();
        if self.complaints.complain((), &why) == Say::Aloud {
            tracing::warn!("no job is scaled until the right to act can be had: {why}");
        }
    }
}

fn say_waiting(occupied: &Occupied) {
    let Occupied { holder, until, .. } = occupied;
    if let Some(left) = until.map(|until| until.left) {
        tracing::info!(
            "{holder} has the right to act: waiting up to {left:.1?} to see whether it was killed, or is alive"
        );
    }
}

fn say_ours() {
    tracing::info!("the right to act is ours: jobs are scaled from here");
}

/// Whether it can only be that somebody else has taken the lease.
fn is_taken(error: &PortError) -> bool {
    error.kind() == ErrorKind::Conflict
}
