//! The right to act, held by a command while it writes what is stored: a running autoscaler would go on from what it has in
//! memory.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, anyhow, bail};
use autoscaler::autoscaler_core::options::Configuration;
use autoscaler::autoscaler_core::{Acquired, HeldLease, Lease, LeaseTerms, LeaseToken, Occupied};
use autoscaler::autoscaler_runtime::{Look, Patience, RuntimeOptions};

use super::say;

/// How long a command that writes keeps others from acting at most, should it be killed.
const WRITE_WITHIN: Duration = Duration::from_secs(15);
const NAMESPACE: &str = "autoscaler.standalone.state-store.kubernetes.namespace";
/// A variable that is set in pods only; the source of clusters goes by it, too.
const IN_A_POD: &str = "KUBERNETES_SERVICE_HOST";
/// Time between two looks at a lease of somebody who may be dead.
const LOOK: Duration = Duration::from_millis(500);

/// The right to act while a command writes.
#[derive(Debug)]
pub(super) struct Right(Option<Box<dyn HeldLease>>);

impl Right {
    /// Takes it; of a store that needs none, what is held is nothing.
    ///
    /// # Errors
    /// Somebody else has it and is alive, or it can't be had, or nothing says where it is.
    pub(super) async fn take(configuration: &Configuration, lease: Option<Arc<dyn Lease>>) -> Result<Self> {
        let Some(lease) = lease else { return Ok(Self(None)) };
        let store = RuntimeOptions::from_configuration(configuration)?.state_store;
        if let Some(problem) = unplaced(&store, configuration.get(NAMESPACE), std::env::var_os(IN_A_POD).is_some()) {
            bail!("{problem}");
        }
        let terms = terms();
        // A lock that does not expire is not waited for: somebody is at the terminal, and can try again.
        let mut patience = Patience::new(Duration::ZERO);
        loop {
            let occupied = match lease.acquire(&terms).await? {
                Acquired::Held(held) => return Ok(Self(Some(held))),
                Acquired::Occupied(occupied) => occupied,
            };
            match patience.look(&occupied) {
                Look::Begins => say_waiting(&occupied),
                Look::GoesOn => {}
                Look::InVain => {
                    return Err(anyhow!(occupied.error).context(
                        "nothing is written while an autoscaler runs, which would go on from what it has in memory: stop it, \
                         do this again, and start it again",
                    ));
                }
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Under what writes count.
    pub(super) fn token(&self) -> Option<LeaseToken> {
        self.0.as_ref().and_then(|held| held.token())
    }

    /// Has its time begin anew.
    ///
    /// # Errors
    /// It has passed to somebody else, or that can't be told.
    #[cfg_attr(not(feature = "realizer-kubernetes"), expect(dead_code, reason = "no other command takes so long"))]
    pub(super) async fn renew(&self) -> Result<()> {
        match &self.0 {
            Some(held) => Ok(held.renew().await?),
            None => Ok(()),
        }
    }

    /// Gives it back after what was done with it came to `ended`. What is not given back expires.
    pub(super) async fn release<T>(self, ended: Result<T>) -> Result<T> {
        let Some(held) = self.0 else { return ended };
        let released = held.release().await;
        ended.and_then(|ended| Ok(released.map(|()| ended)?))
    }
}

/// Why the right to act can't be told from one of the same name elsewhere: outside of the autoscaler's pods the kubeconfig's
/// namespace is hardly theirs.
fn unplaced(store: &str, namespace: Option<&str>, is_in_a_pod: bool) -> Option<String> {
    let is_lease = store.trim().eq_ignore_ascii_case("KUBERNETES");
    let is_placed = is_in_a_pod || namespace.is_some_and(|namespace| !namespace.trim().is_empty());
    (is_lease && !is_placed).then(|| {
        format!(
            "the right to act is the Lease in the namespace where flink-autoscaler is installed, which {NAMESPACE} has to name              here (and autoscaler.standalone.state-store.kubernetes.instance, if the installation has one set, as that of Helm)"
        )
    })
}

fn say_waiting(occupied: &Occupied) {
    if let Some(until) = occupied.until {
        let (holder, left) = (&occupied.holder, until.left.as_secs());
        say::remark(&format!("{holder} has the right to act: waiting up to {left} s to see whether it was killed"));
    }
}

/// Nobody else has the same name.
fn terms() -> LeaseTerms {
    let at = std::time::UNIX_EPOCH.elapsed().unwrap_or_default().as_millis();
    LeaseTerms::new(format!("a command of flink-autoscaler (process {}, {at})", std::process::id()), WRITE_WITHIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lease_of_kubernetes_has_to_be_placed() {
        assert!(unplaced("kubernetes", None, false).unwrap().contains(NAMESPACE));
        assert!(unplaced("KUBERNETES", Some(" "), false).is_some());
        assert_eq!(unplaced("KUBERNETES", Some("flink"), false), None);
        assert_eq!(unplaced("KUBERNETES", None, true), None);
        assert_eq!(unplaced("SQLITE", None, false), None);
    }
}
