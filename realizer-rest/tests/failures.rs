//! What is told of a job whose cluster fails meanwhile.

use std::collections::BTreeMap;
use std::time::Duration;

use autoscaler_core::state::ConfigChanges;
use autoscaler_core::{EventType, Realization, ScalingRealizer};
use flink_rest::FlinkClient;
use realizer_rest::RestScalingRealizer;
use servers::standin::{Fault, StandIn};
use testkit::job::{context, id};

#[tokio::test]
async fn what_can_not_be_applied_is_told_once_though_the_cluster_failed_at_first() {
    let cluster = StandIn::start().await;
    cluster.add_job(1, &[], None);
    let client = FlinkClient::new(&cluster.url(), Duration::from_secs(10)).unwrap();
    let realizer = RestScalingRealizer::new(client).with_first_pause(Duration::ZERO);
    let mut realization = Realization::default();
    realization.parallelism = Some(BTreeMap::from([(id(2).parse().unwrap(), 1)]));
    let overrides = BTreeMap::from([("taskmanager.memory.process.size".to_owned(), "2 gb".to_owned())]);
    realization.config = Some(ConfigChanges { overrides, removals: Vec::new() });
    let job = context(1, &[]);
    cluster.set_fault(1, Some(Fault::RequirementsFail));
    realizer.realize(&job, &realization).await.unwrap_err();
    cluster.set_fault(1, None);
    let told = realizer.realize(&job, &realization).await.unwrap();
    assert!(matches!(&told[..], [event] if event.event_type == EventType::Warning), "{told:?}");
    assert_eq!(realizer.realize(&job, &realization).await.unwrap(), []);
}
