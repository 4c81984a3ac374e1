//! The contract of [`ClusterSource`], as a suite. A source runs it from a test without harness, against a [`World`] in
//! which it works: `testkit::suite::run(testkit::source::trials("my source", || async { … }))`.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::future::Future;
use std::sync::Arc;

use autoscaler_core::{ClusterName, ClusterSource};
use libtest_mimic::Trial;

use crate::suite::{self, Case};

/// Where a source finds clusters: two of them, both there, with one running job each.
pub trait World: Debug + Send + Sync {
    /// The source.
    fn source(&self) -> Arc<dyn ClusterSource>;
}

/// The cases, by the behavior they hold a source to.
const CASES: &[Case<dyn World>] = &[
    ("clusters_are_listed_under_names_of_their_own", |world| Box::pin(names_are_unique(world))),
    ("a_cluster_that_stays_is_listed_again", |world| Box::pin(a_cluster_that_stays_is_listed_again(world))),
    ("a_listed_cluster_can_be_asked_for_its_jobs", |world| Box::pin(jobs_can_be_listed(world))),
];

/// The suite as trials. `new_world` makes a world with two clusters.
pub fn trials<F, S>(name: &str, new_world: F) -> Vec<Trial>
where
    F: Fn() -> S + Clone + Send + 'static,
    S: Future<Output = Arc<dyn World>>,
{
    suite::trials(format!("{name}::source"), CASES, new_world)
}

async fn names(world: &Arc<dyn World>) -> BTreeSet<ClusterName> {
    let list = world.source().clusters().await.unwrap();
    assert_eq!(list.unknown, []);
    assert_eq!(list.clusters.len(), 2, "{list:?}");
    list.clusters.into_iter().map(|cluster| cluster.name).collect()
}

async fn names_are_unique(world: Arc<dyn World>) {
    assert_eq!(names(&world).await.len(), 2);
}

async fn a_cluster_that_stays_is_listed_again(world: Arc<dyn World>) {
    let first = names(&world).await;
    assert_eq!(names(&world).await, first, "under the same name");
}

async fn jobs_can_be_listed(world: Arc<dyn World>) {
    for cluster in world.source().clusters().await.unwrap().clusters {
        let list = cluster.jobs.list().await.unwrap();
        assert_eq!((list.jobs.len(), list.is_whole()), (1, true), "{cluster:?}");
        let _snapshot = cluster.collector.begin();
    }
}
