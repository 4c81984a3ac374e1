//! How often a job's configuration is asked for, whatever key the job is known by.

#![expect(clippy::unwrap_used, reason = "a test")]

use std::sync::Arc;
use std::time::Duration;

use autoscaler_core::{JobKey, JobListFetcher, ListedJob};
use flink_rest::{FlinkClient, FlinkJobs};
use servers::standin::StandIn;

/// The jobs of a cluster, under its name, as one of several has them.
async fn listed(jobs: &FlinkJobs) -> Vec<ListedJob> {
    let mut list = jobs.list().await.unwrap().jobs;
    list.iter_mut().for_each(|job| job.key = JobKey::new(format!("orders/{}", job.id)));
    list
}

#[tokio::test]
async fn it_is_asked_for_once_a_minute_under_any_key() {
    let cluster = StandIn::start().await;
    cluster.add_job(1, &[("a", "b")], None);
    let jobs = FlinkJobs::new(FlinkClient::new(&cluster.url(), Duration::from_secs(10)).unwrap());
    let asked = || cluster.asked().iter().filter(|asked| asked.path.ends_with("/jobmanager/config")).count();
    let mut first = None;
    for _ in 0..3 {
        let job = listed(&jobs).await.remove(0);
        let configuration = jobs.configuration(&job).await.unwrap();
        assert!(Arc::ptr_eq(first.get_or_insert_with(|| Arc::clone(&configuration)), &configuration));
    }
    assert_eq!(asked(), 1);
    // Of a job that is listed no more nothing is kept.
    cluster.remove_job(1);
    assert!(listed(&jobs).await.is_empty());
    assert_eq!(Arc::strong_count(&first.unwrap()), 1);
}
