//! The job list and the collector against the stand-in, by the suites of their ports.

use std::sync::Arc;

use servers::standin::StandInWorld;
use testkit::{collector, fetcher, suite};

fn main() {
    let fetcher =
        || async { StandInWorld::start(|cluster, _| Arc::clone(&cluster.jobs)).await as Arc<dyn fetcher::World> };
    let collector = || async {
        StandInWorld::start(|cluster, _| Arc::clone(&cluster.collector)).await as Arc<dyn collector::World>
    };
    let mut trials = fetcher::trials("flink-rest", fetcher);
    trials.extend(collector::trials("flink-rest", collector));
    suite::run(trials);
}
