//! Acting only while the lease is held.

use std::sync::Arc;
use std::time::Duration;

use autoscaler_core::{ErrorKind, HeldLease, Lease, PortError};
use tokio_util::sync::CancellationToken;

use crate::ports::Ports;
use crate::quiet::{Say, Standing};

/// How long a start waits for a lease that somebody else holds: one that was just killed may not be let go yet.
const START_WITHIN: Duration = Duration::from_secs(5);
/// Time between two tries.
const RETRY: Duration = Duration::from_millis(500);

/// Holds a lease, and gets it back after it was lost.
#[derive(Debug)]
pub(crate) struct Tenure {
    lease: Arc<dyn Lease>,
    ports: Ports,
    held: Option<Box<dyn HeldLease>>,
    complaints: Standing<()>,
}

impl Tenure {
    /// Takes the lease. What keeps it is not there for now: nothing is done until it is.
    ///
    /// # Errors
    /// Somebody else holds it, or it can't be had at all.
    pub(crate) async fn begin(lease: Arc<dyn Lease>, ports: Ports) -> Result<Self, PortError> {
        let mut tenure = Self { lease, ports, held: None, complaints: Standing::default() };
        let deadline = tokio::time::Instant::now() + START_WITHIN;
        loop {
            match tenure.lease.acquire().await {
                Ok(held) => {
                    tenure.held = Some(held);
                    return Ok(tenure);
                }
                Err(error) if error.kind() == ErrorKind::Conflict && tokio::time::Instant::now() < deadline => {
                    tokio::time::sleep(RETRY).await;
                }
                Err(error) if error.is_transient() && error.kind() != ErrorKind::Conflict => {
                    tenure.ports.allow(false);
                    tenure.complain(&error);
                    return Ok(tenure);
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Keeps the lease until `stop` is cancelled. Nothing is saved or realized while it is lost.
    pub(crate) async fn keep(mut self, stop: CancellationToken) {
        let kept = async {
            loop {
                match self.held.take() {
                    Some(held) => {
                        let why = held.lost().await;
                        self.ports.allow(false);
                        drop(held);
                        self.complain(&why);
                    }
                    None => self.held = Some(self.again().await),
                }
            }
        };
        stop.run_until_cancelled(kept).await;
    }

    async fn again(&self) -> Box<dyn HeldLease> {
        loop {
            match self.lease.acquire().await {
                Ok(held) => {
                    self.complaints.end(&());
                    self.ports.allow(true);
                    tracing::info!("the right to act is ours: jobs are scaled again");
                    return held;
                }
                Err(error) => self.complain(&error),
            }
            tokio::time::sleep(RETRY).await;
        }
    }

    fn complain(&self, why: &PortError) {
        let why = why.chain().to_string();
        if self.complaints.complain((), &why) == Say::Aloud {
            tracing::warn!("no job is scaled until the right to act can be had: {why}");
        }
    }
}
