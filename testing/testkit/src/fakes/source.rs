//! A source of clusters on the heap.

use std::sync::Mutex;

use async_trait::async_trait;
use autoscaler_core::{Cluster, ClusterList, ClusterSource, ErrorKind, PortError};

/// Hands over the clusters that it was told of; told of none yet, it fails.
#[derive(Debug, Default)]
pub struct FakeSource(Mutex<Option<Vec<Cluster>>>);

impl FakeSource {
    /// The clusters there are from now on; none: it can't be told.
    pub fn set(&self, clusters: Option<&[Cluster]>) {
        *self.0.lock().unwrap() = clusters.map(<[Cluster]>::to_vec);
    }
}

#[async_trait]
impl ClusterSource for FakeSource {
    async fn clusters(&self) -> Result<ClusterList, PortError> {
        let clusters = self.0.lock().unwrap().clone();
        let clusters = clusters.ok_or_else(|| PortError::new(ErrorKind::Unavailable, "no answer"))?;
        Ok(ClusterList::new(clusters))
    }
}
