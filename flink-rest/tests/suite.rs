//! The job list and the collector against the stand-in, by the suites of their ports.

#![expect(clippy::unwrap_used, reason = "a test")]

use std::sync::Arc;
use std::time::Duration;

use autoscaler_core::ClusterSource;
use flink_rest::{FixedClusters, FlinkClient};
use servers::standin::{StandIn, StandInWorld};
use testkit::{collector, fetcher, source, suite};

/// Two stand-ins with a job each.
#[derive(Debug)]
struct Two {
    _clusters: [StandIn; 2],
    source: Arc<FixedClusters>,
}

impl Two {
    async fn start() -> Self {
        let clusters = [StandIn::start().await, StandIn::start().await];
        clusters.iter().for_each(|cluster| cluster.add_job(1, &[], None));
        let client = |cluster: &StandIn| FlinkClient::new(&cluster.url(), Duration::from_secs(10)).unwrap();
        let source = Arc::new(FixedClusters::new(clusters.each_ref().map(client)));
        Self { _clusters: clusters, source }
    }
}

impl source::World for Two {
    fn source(&self) -> Arc<dyn ClusterSource> {
        Arc::clone(&self.source) as _
    }
}

fn main() {
    let fetcher =
        || async { StandInWorld::start(|cluster, _| Arc::clone(&cluster.jobs)).await as Arc<dyn fetcher::World> };
    let collector = || async {
        StandInWorld::start(|cluster, _| Arc::clone(&cluster.collector)).await as Arc<dyn collector::World>
    };
    let mut trials = fetcher::trials("flink-rest", fetcher);
    trials.extend(collector::trials("flink-rest", collector));
    trials.extend(source::trials("flink-rest", || async { Arc::new(Two::start().await) as Arc<dyn source::World> }));
    suite::run(trials);
}
