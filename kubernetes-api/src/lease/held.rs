//! A Lease that is ours.

use std::time::Duration;

use async_trait::async_trait;
use autoscaler_core::{HeldLease, LeaseToken, PortError};
use k8s_openapi::api::coordination::v1::Lease as LeaseObject;

use super::object::Found;
use super::{KubernetesLease, TRIES};

#[derive(Debug)]
pub(super) struct HeldLeaseObject {
    pub(super) lease: KubernetesLease,
    pub(super) token: LeaseToken,
    pub(super) duration: Duration,
}

impl HeldLeaseObject {
    /// Changes the Lease as long as it is ours; whether it was.
    async fn change(
        &self,
        change: impl Fn(&Found) -> LeaseObject + Send + Sync,
    ) -> Result<Result<(), Option<Found>>, PortError> {
        for _ in 0..TRIES {
            let found = match self.lease.look().await? {
                Some(found) if found.token == self.token && !found.is_free() => found,
                otherwise => return Ok(Err(otherwise)),
            };
            if self.lease.write(Some(&found), &change(&found)).await?.is_some() {
                return Ok(Ok(()));
            }
        }
        Err(self.lease.busy())
    }
}

#[async_trait]
impl HeldLease for HeldLeaseObject {
    fn token(&self) -> Option<LeaseToken> {
        Some(self.token)
    }

    fn duration(&self) -> Option<Duration> {
        Some(self.duration)
    }

    async fn renew(&self) -> Result<(), PortError> {
        let Err(otherwise) = self.change(Found::renewed).await? else { return Ok(()) };
        let error = self.lease.passed_on();
        Err(match otherwise {
            Some(found) => error.with("holder", found.holder),
            None => error.with("holder", "nobody: the Lease was deleted"),
        })
    }

    async fn release(self: Box<Self>) -> Result<(), PortError> {
        // Whoever has taken it keeps it.
        self.change(Found::released).await.map(drop)
    }
}
