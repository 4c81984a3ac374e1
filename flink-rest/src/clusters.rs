//! The source of clusters `FLINK_CLUSTER`: those at fixed addresses.

mod addresses;
mod remarks;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use autoscaler_core::options::{Configuration, InvalidOption, JobOptions};
use autoscaler_core::ports::BackendObservers;
use autoscaler_core::registry::{Backends, Opened, Opening};
use autoscaler_core::{Cluster, ClusterList, ClusterName, ClusterSource, JobKeys, PortError};

use crate::client::{AnswerRoom, FlinkClient};
use crate::collector::FlinkCollector;
use crate::error::RestProblem;
use crate::jobs::FlinkJobs;
use crate::options::{ClusterAccessOptions, FlinkClusterOptions};
use addresses::Place;

/// Clusters that are there for as long as the process runs.
#[derive(Debug)]
pub struct FixedClusters {
    clusters: Vec<Cluster>,
}

impl FixedClusters {
    /// The clusters of these clients, named by where they are.
    pub fn new(clients: impl IntoIterator<Item = FlinkClient>) -> Self {
        Self { clusters: clients.into_iter().map(cluster).collect() }
    }
}

/// These clusters, whose names must differ.
impl FromIterator<Cluster> for FixedClusters {
    fn from_iter<T: IntoIterator<Item = Cluster>>(clusters: T) -> Self {
        Self { clusters: clusters.into_iter().collect() }
    }
}

/// The cluster of a client, named by its host, port and prefix: see [`named_cluster`].
pub fn cluster(client: FlinkClient) -> Cluster {
    named_cluster(ClusterName::new(client.place()), client)
}

/// The cluster of a client: its jobs and their metrics over REST, and the client itself as [`Cluster::access`].
pub fn named_cluster(name: ClusterName, client: FlinkClient) -> Cluster {
    let jobs = Arc::new(FlinkJobs::new(client.clone()));
    let collector = Arc::new(FlinkCollector::new(client.clone()));
    Cluster::new(name, jobs, collector, Arc::new(client))
}

#[async_trait]
impl ClusterSource for FixedClusters {
    async fn clusters(&self) -> Result<ClusterList, PortError> {
        Ok(ClusterList::new(self.clusters.clone()))
    }
}

/// Adds the source of clusters `FLINK_CLUSTER` and its options.
pub fn register(backends: &mut Backends) {
    backends.add_options(FlinkClusterOptions::SPECS);
    backends.add_options(ClusterAccessOptions::SPECS);
    backends.add_options(ClusterAccessOptions::NAMED_SPECS);
    let doc = "the clusters at fetcher.flink-cluster.addresses, or the one at .host and .port";
    backends.sources.add("FLINK_CLUSTER", doc, open);
}

/// How many clusters options name.
///
/// # Errors
/// An option that can't be used.
pub fn read_addresses(configuration: &Configuration) -> Result<usize, InvalidOption> {
    let places = addresses::places(configuration)?;
    for place in &places {
        ClusterAccessOptions::of(configuration, place.name.as_deref())?;
    }
    Ok(places.len())
}

fn open(opening: &mut Opening<'_>) -> Result<Opened<dyn ClusterSource>, PortError> {
    let places = addresses::places(opening.configuration)?;
    let timeout = JobOptions::from_configuration(opening.configuration)?.rest_client_timeout;
    opening.remarks.extend(remarks::of_tls(opening.configuration, &places));
    opening.remarks.extend(remarks::of_plain(opening.configuration, &places));
    opening.remarks.extend(remarks::of_names(opening.configuration, &places));
    let shared = Shared {
        is_only_one: places.len() == 1,
        timeout,
        room: opening.extensions.get_or_default::<AnswerRoom>().clone(),
        observers: opening.extensions.get_or_default::<BackendObservers>().clone(),
    };
    let clusters: Result<FixedClusters, PortError> =
        places.iter().map(|place| opened(opening.configuration, place, &shared)).collect();
    Ok(Opened::new(Arc::new(clusters?)))
}

/// What the clusters have in common.
struct Shared {
    is_only_one: bool,
    timeout: Duration,
    room: AnswerRoom,
    observers: BackendObservers,
}

fn opened(configuration: &Configuration, place: &Place, shared: &Shared) -> Result<Cluster, PortError> {
    let (access, max_answer) = ClusterAccessOptions::of(configuration, place.name.as_deref())?;
    let client = FlinkClient::with_access(&place.url, shared.timeout, access).map_err(|error| match error.problem {
        RestProblem::Address(_) => PortError::from(error).with("option", place.option.as_str()),
        _ => PortError::from(error),
    })?;
    let client = client.with_max_answer(max_answer).with_answer_room(&shared.room);
    let formerly = ClusterName::new(client.place());
    let name = place.name.as_deref().map_or_else(|| formerly.clone(), ClusterName::new);
    let client = client.watched_by(shared.observers.clone(), name.clone());
    let keys =
        if place.is_in_list { JobKeys::Named { formerly, is_only_one: shared.is_only_one } } else { JobKeys::Ids };
    Ok(named_cluster(name, client).with_keys(keys))
}

#[cfg(test)]
mod tests;
