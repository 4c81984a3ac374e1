//! The realizer against the stand-in, by the suite of its port.

use std::sync::Arc;
use std::time::Duration;

use autoscaler_core::ScalingRealizer;
use flink_rest::FlinkClient;
use realizer_rest::RestScalingRealizer;
use servers::standin::StandInWorld;
use testkit::realizer::World;
use testkit::{realizer, suite};

fn new_realizer(client: &FlinkClient) -> Arc<dyn ScalingRealizer> {
    // Without pauses, so that what was refused is tried again at once.
    Arc::new(RestScalingRealizer::new(client.clone()).with_first_pause(Duration::ZERO))
}

fn main() {
    let world = || async { StandInWorld::start(|_, client| new_realizer(client)).await as Arc<dyn World> };
    suite::run(realizer::trials("realizer-rest", world));
}
