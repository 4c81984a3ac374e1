//! What the operator does with a rescale in place: the overrides of a new spec become the job's requirements, and then the
//! spec is the reconciled one.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use servers::standin::StandIn;
use tokio::sync::{Mutex, OwnedMutexGuard};
use tokio::task::JoinHandle;

use crate::support::Deployment;

/// It works until it is dropped; while its API server is away it waits.
pub(super) struct Operator {
    works: JoinHandle<()>,
    turn: Arc<Mutex<()>>,
}

impl Operator {
    pub(super) fn start(deployment: Arc<Deployment>, cluster: Arc<StandIn>) -> Self {
        let turn = Arc::<Mutex<()>>::default();
        let its = Arc::clone(&turn);
        let works = tokio::spawn(async move {
            loop {
                let turn = its.lock().await;
                // A failure is one of the API server, which is away.
                let _passes = reconcile(&deployment, &cluster).await;
                drop(turn);
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        });
        Self { works, turn }
    }

    /// Has it do nothing until what is returned is dropped, once what it is doing is done.
    pub(super) async fn pause(&self) -> OwnedMutexGuard<()> {
        Arc::clone(&self.turn).lock_owned().await
    }
}

impl Drop for Operator {
    fn drop(&mut self) {
        self.works.abort();
    }
}

async fn reconcile(deployment: &Deployment, cluster: &StandIn) -> Result<(), kube::Error> {
    let object = deployment.get().await?;
    if object.metadata.generation == object.data["status"]["observedGeneration"].as_i64() {
        return Ok(());
    }
    let overrides = crate::support::overrides_of(&object);
    let of = |vertex: u32| (vertex, overrides.get(&testkit::job::id(vertex)).copied().map_or(1, i64::from));
    cluster.rescale(1, &[1, 2].map(of).into_iter().collect::<BTreeMap<_, _>>());
    deployment.try_reconcile(1, &object).await
}
