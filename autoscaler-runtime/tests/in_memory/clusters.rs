//! Several clusters.

use std::sync::{Arc, Mutex};

use autoscaler_core::options::Configuration;
use autoscaler_core::{Cluster, ClusterList, ClusterName, ClusterSource, ErrorKind, PortError};
use autoscaler_runtime::{Configurations, Supervisor};
use testkit::fakes::{FakeCluster, ListTrouble};
use tokio_util::sync::CancellationToken;

use crate::support::{INTERVAL, SHORT_WINDOWS, World, pace};

/// The clusters there are; none: it can't be told.
#[derive(Debug, Default)]
struct Source(Mutex<Option<Vec<Cluster>>>);

impl Source {
    fn set(&self, clusters: Option<&[Cluster]>) {
        *self.0.lock().unwrap() = clusters.map(<[Cluster]>::to_vec);
    }
}

#[async_trait::async_trait]
impl ClusterSource for Source {
    async fn clusters(&self) -> Result<ClusterList, PortError> {
        let clusters = self.0.lock().unwrap().clone();
        let clusters = clusters.ok_or_else(|| PortError::new(ErrorKind::Unavailable, "no answer"))?;
        Ok(ClusterList::new(clusters))
    }
}

fn named(name: &str, fake: &FakeCluster) -> Cluster {
    let mut cluster = fake.as_cluster();
    cluster.name = ClusterName::new(name);
    cluster
}

#[tokio::test(start_paused = true)]
async fn clusters_come_and_go_and_cost_each_other_nothing() {
    let world = World::new();
    let (first, second) = (world.cluster.clone(), FakeCluster::new(Arc::clone(&world.clock) as _));
    first.add_job(1, 0.7, SHORT_WINDOWS);
    second.add_job(2, 0.7, SHORT_WINDOWS);
    let source = Arc::new(Source::default());
    let (a, b) = (named("a", &first), named("b", &second));
    source.set(Some(std::slice::from_ref(&a)));
    let realizers = [(a.name.clone(), first.clone()), (b.name.clone(), second.clone())];
    let realizer = move |cluster: &Cluster| {
        let (_, fake) = realizers.iter().find(|(name, _)| *name == cluster.name).unwrap();
        Ok(Arc::new(fake.clone()) as _)
    };
    let configurations = Arc::new(Configurations::new(Configuration::new()));
    let supervisor = Supervisor::new(Arc::clone(&source) as _, realizer, world.ports(), configurations, pace());
    let stop = CancellationToken::new();
    let running = tokio::spawn(supervisor.run(stop.clone()));
    let observed_in_ten_rounds = async || {
        let before = (first.observed(1).len(), second.observed(2).len());
        tokio::time::sleep(INTERVAL * 10).await;
        (first.observed(1).len() - before.0, second.observed(2).len() - before.1)
    };

    assert_eq!(observed_in_ten_rounds().await, (10, 0), "only one is there");
    source.set(Some(&[a.clone(), b.clone()]));
    assert_eq!(observed_in_ten_rounds().await.0, 10);
    assert_eq!(observed_in_ten_rounds().await, (10, 10), "another came");
    first.set_list_trouble(ListTrouble::Fails(ErrorKind::Unavailable));
    assert_eq!(observed_in_ten_rounds().await, (0, 10), "one is away");
    source.set(None);
    assert_eq!(observed_in_ten_rounds().await, (0, 10), "unknown is not gone");
    source.set(Some(std::slice::from_ref(&a)));
    tokio::time::sleep(INTERVAL * 2).await;
    assert_eq!(observed_in_ten_rounds().await, (0, 0), "it is gone");
    stop.cancel();
    running.await.unwrap();
}
