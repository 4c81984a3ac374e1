//! The control loop against a stand-in cluster: whatever one job's answers are, the others are scaled on time.

#![expect(clippy::unwrap_used, reason = "a test")]

mod hostile;
mod process;
mod recommend;
mod record;
mod support;

use servers::standin::{Fault, StandIn};
use support::{Running, SHORT_WINDOWS};

/// A healthy job beside one with `fault`. The healthy one must be scaled, the faulty one left alone.
async fn beside(fault: Fault) -> (StandIn, Running) {
    let cluster = StandIn::start().await;
    cluster.add_job(1, SHORT_WINDOWS, None);
    cluster.add_job(2, SHORT_WINDOWS, Some(fault));
    let running = Running::start(&cluster.url());
    running.until(&format!("{fault:?}: the healthy job is scaled"), || cluster.parallelism(1, 2) > 1).await;
    (cluster, running)
}

/// As [`beside`]; then the faulty job's event, failure or explanation holds `expected`, and it was never put anything.
async fn check(fault: Fault, expected: &[&str]) {
    let (cluster, running) = beside(fault).await;
    let has_all = || {
        let text = running.text_about(2);
        expected.iter().all(|part| text.contains(part))
    };
    running.until(&format!("{fault:?} is reported with {expected:?}"), has_all).await;
    assert_eq!(cluster.count("PUT", 2), 0, "{fault:?}: the broken job was put something");
    assert!(!running.has_panicked(), "{fault:?}");
    running.stop().await;
}

#[tokio::test]
async fn a_server_error() {
    check(
        Fault::ServerError,
        &["AutoscalerError", "answered 500: something broke", "GET http", "/jobs/00000000000000000000000000000002"],
    )
    .await;
}

#[tokio::test]
async fn a_job_that_just_ended() {
    check(Fault::NotFound, &["AutoscalerError", "answered 404: Job not found"]).await;
}

#[tokio::test]
async fn an_answer_after_thirty_seconds() {
    check(Fault::Slow, &["AutoscalerError", "5s"]).await;
}

#[tokio::test]
async fn a_cut_off_body() {
    check(Fault::CutOff, &["AutoscalerError", "/jobs/00000000000000000000000000000002"]).await;
}

#[tokio::test]
async fn a_web_page() {
    check(Fault::WebPage, &["AutoscalerError", "it is a web page"]).await;
}

#[tokio::test]
async fn more_than_is_read() {
    check(Fault::Huge, &["AutoscalerError", "larger than 104857600 bytes"]).await;
}

#[tokio::test]
async fn json_of_something_else() {
    check(Fault::OtherJson, &["AutoscalerError", "missing field `timestamps`"]).await;
}

#[tokio::test]
async fn a_negative_parallelism() {
    check(Fault::NegativeParallelism, &["AutoscalerError", "has a parallelism of -5"]).await;
}

#[tokio::test]
async fn an_absurd_parallelism() {
    check(Fault::AbsurdParallelism, &["AutoscalerError", "has a parallelism of 1000000000000"]).await;
}

#[tokio::test]
async fn edges_in_a_circle() {
    check(Fault::Cycle, &["AutoscalerError", "has a cycle through vertex"]).await;
}

#[tokio::test]
async fn a_configuration_that_fails() {
    check(Fault::ConfigurationFails, &["Configuration(", "/jobmanager/config", "answered 500"]).await;
}

#[tokio::test]
async fn a_job_without_plan_nodes_is_waited_for() {
    check(Fault::NoPlan, &["the job has no plan yet"]).await;
}

#[tokio::test]
async fn metrics_that_are_empty_scale_nothing() {
    check(Fault::NoMetrics, &["IncompleteMetrics", "but its value is missing"]).await;
}

#[tokio::test]
async fn metrics_that_are_nan_scale_nothing() {
    check(Fault::NanMetrics, &["AutoscalerError", "cannot tell the target data rate of source"]).await;
}

#[tokio::test]
async fn a_finished_vertex_is_left_alone() {
    check(Fault::FinishedVertex, &["excluded from scaling"]).await;
}

#[tokio::test]
async fn a_job_without_the_adaptive_scheduler_is_reported_once() {
    let (cluster, running) = beside(Fault::NotAdaptive).await;
    running.until("the job is reported", || running.text_about(2).contains("jobmanager.scheduler: adaptive")).await;
    running.observer.more_cycles(5).await;
    assert_eq!(running.events_with(2, "jobmanager.scheduler: adaptive"), 1);
    assert!(running.text_about(2).contains("begin scaling vertices"), "decisions are still reported");
    assert_eq!(cluster.count("PUT", 2), 0);
    running.stop().await;
}

#[tokio::test]
async fn a_flink_that_is_too_old_is_reported_once() {
    let (_cluster, running) = beside(Fault::OldFlink).await;
    running.until("the job is reported", || running.text_about(2).contains("needs Flink 1.18 or later")).await;
    running.observer.more_cycles(5).await;
    assert_eq!(running.events_with(2, "needs Flink 1.18 or later"), 1);
    running.stop().await;
}

#[tokio::test]
async fn invalid_options_of_one_job_are_its_event_only() {
    let cluster = StandIn::start().await;
    cluster.add_job(1, SHORT_WINDOWS, None);
    let wrong = [SHORT_WINDOWS, &[("job.autoscaler.metrics.window", "soon")]].concat();
    cluster.add_job(2, &wrong, None);
    let running = Running::start(&cluster.url());
    running.until("the healthy job is scaled", || cluster.parallelism(1, 2) > 1).await;
    let text = running.text_about(2);
    for part in ["AutoScaler Options Validation", "job.autoscaler.metrics.window", "'soon'", "the job's configuration"]
    {
        assert!(text.contains(part), "{part} is missing in {text}");
    }
    assert_eq!(cluster.count("PUT", 2), 0);
    running.stop().await;
}

#[tokio::test]
async fn what_fits_is_not_put_again() {
    let cluster = StandIn::start().await;
    cluster.add_job(1, SHORT_WINDOWS, None);
    let running = Running::start(&cluster.url());
    running.until("the job is scaled", || cluster.count("PUT", 1) > 0).await;
    running.observer.more_cycles(40).await;
    assert_eq!(cluster.needless_rescales(1), 0);
    assert!(cluster.parallelism(1, 2) > 1);
    running.stop().await;
}

#[tokio::test]
async fn cluster_metrics_are_asked_once_for_all_jobs() {
    let cluster = StandIn::start().await;
    (1..=5).for_each(|number| cluster.add_job(number, SHORT_WINDOWS, None));
    let running = Running::start(&cluster.url());
    running.observer.more_cycles(20).await;
    running.stop().await;
    let count = |path: &str| cluster.asked().iter().filter(|asked| asked.path.starts_with(path)).count();
    let (lists, managers, slots) =
        (count("/jobs/overview"), count("/taskmanagers/metrics"), count("/jobmanager/metrics"));
    assert!(managers > 0 && slots > 0, "they are asked at all");
    assert!(managers <= lists && slots <= lists, "{lists} rounds asked {managers} and {slots} times");
}

#[tokio::test]
async fn a_cluster_that_is_down_at_start_and_later_up() {
    let address = StandIn::start().await.address();
    let running = Running::start(&format!("http://{address}"));
    let failed = || running.observer.rounds().iter().any(|(_, _, pause)| pause.is_some());
    running.until("it is reported", failed).await;
    let cluster = StandIn::start_at(address).await;
    cluster.add_job(1, SHORT_WINDOWS, None);
    running.until("the job is scaled", || cluster.parallelism(1, 2) > 1).await;
    running.stop().await;
}

#[tokio::test]
async fn a_job_that_recovers_is_scaled() {
    let (cluster, running) = beside(Fault::ServerError).await;
    cluster.set_fault(2, None);
    running.until("the mended job is scaled", || cluster.parallelism(2, 2) > 1).await;
    running.stop().await;
}
