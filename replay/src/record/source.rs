//! A source of clusters whose answers are kept.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use autoscaler_core::{ClusterList, ClusterName, ClusterSource, PortError};
use flink_rest::recorded::Tape;
use flink_rest::{FlinkClient, FlinkCollector};

/// The clusters of another source, with collectors that keep what is answered.
#[derive(Debug)]
pub(super) struct TapedSource {
    source: Arc<dyn ClusterSource>,
    tape: Arc<Tape>,
    /// Clusters that are reached in another way, of which was told.
    others: Mutex<HashSet<ClusterName>>,
}

impl TapedSource {
    pub(super) fn new(source: Arc<dyn ClusterSource>, tape: Arc<Tape>) -> Self {
        Self { source, tape, others: Mutex::default() }
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl ClusterSource for TapedSource {
    async fn clusters(&self) -> Result<ClusterList, PortError> {
        let mut list = self.source.clusters().await?;
        for cluster in &mut list.clusters {
            match cluster.access.downcast_ref::<FlinkClient>() {
                Some(client) => {
                    let collector = FlinkCollector::new(client.clone()).taped(Arc::clone(&self.tape));
                    cluster.collector = Arc::new(collector);
                }
                None => {
                    let mut others = self.others.lock().unwrap_or_else(PoisonError::into_inner);
                    if others.insert(cluster.name.clone()) {
                        tracing::warn!(cluster = %cluster.name, "its jobs can't be recorded: they are not observed over Flink's REST API");
                    }
                }
            }
        }
        Ok(list)
    }
}
