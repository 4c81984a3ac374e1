//! The source before a stand-in for YARN: whom it asks, what it concludes, and what it does not.

#![expect(clippy::unwrap_used, reason = "a test")]

mod access;
mod life;
mod managers;
mod room;
mod server;
mod yarn;

use std::sync::Arc;

use autoscaler_core::options::{Configuration, Origin};
use autoscaler_core::registry::{Backends, Extensions, Opening};
use autoscaler_core::{Cluster, ClusterSource, JobKey, JobList};
use server::Server;
use yarn::World;

/// The source with these options, their common prefix left out.
fn opened(options: &[(&str, &str)]) -> Arc<dyn ClusterSource> {
    let mut configuration = Configuration::new();
    for (key, value) in options {
        configuration.set(format!("autoscaler.standalone.fetcher.{key}"), *value, Origin::Flag);
    }
    let mut backends = Backends::new();
    source_yarn::register(&mut backends);
    let source = backends.sources.named("fetcher.type", "yarn").unwrap();
    (source.open)(&mut Opening::new(&configuration, &mut Extensions::default())).unwrap().port
}

/// An active ResourceManager, and the source on it.
async fn active(world: &World, options: &[(&str, &str)]) -> (Server, Arc<dyn ClusterSource>) {
    let seen = world.clone();
    let manager = Server::start(move |asked| seen.answer(asked)).await;
    let url = manager.url();
    let source = opened(&[&[("yarn.resource-managers", url.as_str())], options].concat());
    (manager, source)
}

/// The names of the clusters there are.
async fn names(source: &Arc<dyn ClusterSource>) -> Vec<String> {
    source.clusters().await.unwrap().clusters.iter().map(|cluster| cluster.name.as_str().to_owned()).collect()
}

/// The only cluster there is.
async fn only(source: &Arc<dyn ClusterSource>) -> Cluster {
    let [cluster] = <[Cluster; 1]>::try_from(source.clusters().await.unwrap().clusters).unwrap();
    cluster
}

fn keys(list: &JobList) -> Vec<JobKey> {
    list.jobs.iter().map(|job| job.key.clone()).collect()
}

fn key(number: u64) -> JobKey {
    JobKey::new(format!("{number:032x}"))
}
