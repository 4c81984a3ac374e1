//! Which clusters there are.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;

use super::collector::MetricsCollector;
use super::fetcher::JobListFetcher;
use crate::error::PortError;
use crate::ids::ClusterName;
use crate::plugin::ResourceCheck;

/// Under which keys the state and events of a cluster's jobs are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum JobKeys {
    /// Their own keys: the ids, as the Java process has them.
    #[default]
    Ids,
    /// Their own keys, and a job may be on another cluster tomorrow: its state goes with it. Of stored jobs that no cluster
    /// lists nobody can tell whose they are, and they stay.
    Wandering,
    /// The cluster's name, a slash, and their own: equal ids of several clusters don't meet.
    Named {
        /// What the cluster was called while its jobs had their own keys. State of then is taken over.
        formerly: ClusterName,
        /// Whether state under a job's own key of which no cluster is noted, such as the Java process's, can only be
        /// this one's, and is taken over, too.
        is_only_one: bool,
    },
}

/// A cluster as a source of clusters hands it over.
#[derive(Clone)]
#[non_exhaustive]
pub struct Cluster {
    /// Its name.
    pub name: ClusterName,
    /// Which jobs it has.
    pub jobs: Arc<dyn JobListFetcher>,
    /// How they are observed.
    pub collector: Arc<dyn MetricsCollector>,
    /// How its jobs are keyed.
    pub keys: JobKeys,
    /// How the cluster is reached, for realizers that know the type: a REST client, say.
    pub access: Arc<dyn Any + Send + Sync>,
    /// Whether it can have the TaskManagers that a scaling needs; none: nobody knows.
    pub resource_check: Option<Arc<dyn ResourceCheck>>,
}

impl Cluster {
    /// A cluster of these parts.
    pub fn new(
        name: ClusterName,
        jobs: Arc<dyn JobListFetcher>,
        collector: Arc<dyn MetricsCollector>,
        access: Arc<dyn Any + Send + Sync>,
    ) -> Self {
        Self { name, jobs, collector, keys: JobKeys::Ids, access, resource_check: None }
    }

    /// With other keys of its jobs than their ids.
    #[must_use]
    pub fn with_keys(mut self, keys: JobKeys) -> Self {
        self.keys = keys;
        self
    }

    /// With a check of its resources, which scalings of its jobs must pass.
    #[must_use]
    pub fn with_resource_check(mut self, check: Arc<dyn ResourceCheck>) -> Self {
        self.resource_check = Some(check);
        self
    }
}

impl fmt::Debug for Cluster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cluster").field("name", &self.name).finish_non_exhaustive()
    }
}

/// The clusters there are.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct ClusterList {
    /// Those that are there.
    pub clusters: Vec<Cluster>,
    /// Those of which that can't be told now. Unknown is not gone.
    pub unknown: Vec<ClusterName>,
}

impl ClusterList {
    /// Clusters that are there, none being unknown.
    pub fn new(clusters: Vec<Cluster>) -> Self {
        Self { clusters, unknown: Vec::new() }
    }
}

/// Which clusters there are now.
#[async_trait]
pub trait ClusterSource: fmt::Debug + Send + Sync + 'static {
    /// Lists the clusters.
    ///
    /// # Behavior
    /// - names are unique;
    /// - a cluster that is neither among the clusters nor among the unknown ones is gone.
    async fn clusters(&self) -> Result<ClusterList, PortError>;
}
