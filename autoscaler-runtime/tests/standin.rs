//! The control loop against a stand-in cluster: whatever one job's answers do, the others are scaled on time.

#![expect(clippy::unwrap_used, reason = "a test")]

mod support;

use std::time::Duration;

use servers::standin::{Fault, StandIn};
use support::{Running, SHORT_WINDOWS, cycles_until};

/// A healthy job beside one with `fault`. The healthy one must be scaled, the faulty one left alone.
async fn beside(fault: Fault) -> (StandIn, Running) {
    let cluster = StandIn::start().await;
    cluster.add_job(1, SHORT_WINDOWS, None);
    cluster.add_job(2, SHORT_WINDOWS, Some(fault));
    let running = Running::start(&cluster.url());
    cycles_until(&format!("{fault:?}: the healthy job is scaled"), || cluster.parallelism(1, 2) > 1).await;
    (cluster, running)
}

/// As [`beside`]; then the faulty job's event or log line holds `expected`, and it was never put anything.
async fn check(fault: Fault, expected: &[&str]) {
    let (cluster, running) = beside(fault).await;
    let has_all = || {
        let text = running.text_about(2);
        expected.iter().all(|part| text.contains(part))
    };
    cycles_until(&format!("{fault:?} is told with {expected:?}"), has_all).await;
    assert_eq!(cluster.count("PUT", 2), 0, "{fault:?}: the broken job was put something");
    assert!(!running.has_panicked(), "{fault:?}");
    running.stop().await;
}

#[tokio::test]
async fn a_server_error() {
    check(
        Fault::ServerError,
        &["AutoscalerError", "GET", "/jobs/00000000000000000000000000000002: answered 500: something broke"],
    )
    .await;
}

#[tokio::test]
async fn a_job_that_just_ended() {
    check(Fault::NotFound, &["AutoscalerError", "answered 404: Job not found"]).await;
}

#[tokio::test]
async fn an_answer_after_thirty_seconds() {
    check(Fault::Slow, &["AutoscalerError", "no full answer within 500ms", "rest-client.timeout"]).await;
}

#[tokio::test]
async fn a_cut_off_body() {
    check(Fault::CutOff, &["AutoscalerError", "/jobs/00000000000000000000000000000002: "]).await;
}

#[tokio::test]
async fn a_web_page() {
    check(Fault::WebPage, &["AutoscalerError", "it is a web page"]).await;
}

#[tokio::test]
async fn fifty_megabytes() {
    check(Fault::Huge, &["AutoscalerError", "larger than 16777216 bytes"]).await;
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
    check(Fault::ConfigurationFails, &["no cycle for the job", "/jobmanager/config: answered 500"]).await;
}

#[tokio::test]
async fn a_job_without_plan_nodes_is_waited_for() {
    check(Fault::NoPlan, &["the job has no plan yet"]).await;
}

#[tokio::test]
async fn metrics_that_are_empty_scale_nothing() {
    check(Fault::NoMetrics, &["excluded from scaling"]).await;
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
async fn a_job_without_the_adaptive_scheduler_is_told_once() {
    let (cluster, running) = beside(Fault::NotAdaptive).await;
    cycles_until("the job is told", || running.text_about(2).contains("jobmanager.scheduler: adaptive")).await;
    running.wait_for_cycles(5).await;
    assert_eq!(running.text_about(2).matches("jobmanager.scheduler: adaptive").count(), 1);
    assert!(running.text_about(2).contains("begin scaling vertices"), "decisions are still reported");
    assert_eq!(cluster.count("PUT", 2), 0);
    running.stop().await;
}

#[tokio::test]
async fn a_flink_that_is_too_old_is_told_once() {
    let (_cluster, running) = beside(Fault::OldFlink).await;
    cycles_until("the job is told", || running.text_about(2).contains("needs Flink 1.18 or later")).await;
    running.wait_for_cycles(5).await;
    assert_eq!(running.text_about(2).matches("needs Flink 1.18 or later").count(), 1);
    running.stop().await;
}

#[tokio::test]
async fn invalid_options_of_one_job_are_its_event_only() {
    let cluster = StandIn::start().await;
    cluster.add_job(1, SHORT_WINDOWS, None);
    let wrong = [SHORT_WINDOWS, &[("job.autoscaler.metrics.window", "soon")]].concat();
    cluster.add_job(2, &wrong, None);
    let running = Running::start(&cluster.url());
    cycles_until("the healthy job is scaled", || cluster.parallelism(1, 2) > 1).await;
    let text = running.text_about(2);
    for part in ["AutoScaler Options Validation", "job.autoscaler.metrics.window", "'soon'", "the job's configuration"]
    {
        assert!(text.contains(part), "{part} is missing in {text}");
    }
    assert_eq!(cluster.count("PUT", 2), 0);
    running.stop().await;
}

#[tokio::test]
async fn a_slow_job_does_not_delay_the_others() {
    let cluster = StandIn::start().await;
    cluster.add_job(1, SHORT_WINDOWS, None);
    let patient = [SHORT_WINDOWS, &[("job.autoscaler.flink.rest-client.timeout", "20 s")]].concat();
    cluster.add_job(2, &patient, Some(Fault::Slow));
    let _running = Running::start(&cluster.url());
    cycles_until("ten cycles of the other", || cluster.count("GET", 1) > 10 * 5).await;
    let details = format!("/jobs/{}", testkit::job::id(2));
    assert_eq!(
        cluster.asked().iter().filter(|asked| asked.path == details).count(),
        1,
        "never two cycles of a job at a time"
    );
}

#[tokio::test]
async fn what_fits_is_not_put_again() {
    let cluster = StandIn::start().await;
    cluster.add_job(1, SHORT_WINDOWS, None);
    let running = Running::start(&cluster.url());
    cycles_until("the job is scaled", || cluster.count("PUT", 1) > 0).await;
    running.wait_for_cycles(40).await;
    assert_eq!(cluster.count("PUT", 1), 1);
    assert_eq!(cluster.parallelism(1, 2), 2);
    running.stop().await;
}

#[tokio::test]
async fn cluster_metrics_are_asked_once_for_all_jobs() {
    let cluster = StandIn::start().await;
    (1..=5).for_each(|number| cluster.add_job(number, SHORT_WINDOWS, None));
    let running = Running::start(&cluster.url());
    cycles_until("ten cycles", || running.cycles() > 10).await;
    running.stop().await;
    let count = |path: &str| cluster.asked().iter().filter(|asked| asked.path.starts_with(path)).count();
    let (lists, managers, slots) =
        (count("/jobs/overview"), count("/taskmanagers/metrics"), count("/jobmanager/metrics"));
    assert!(managers <= lists && slots <= lists, "{lists} rounds asked {managers} and {slots} times");
}

#[tokio::test]
async fn a_job_that_is_gone_is_forgotten() {
    let cluster = StandIn::start().await;
    cluster.add_job(1, SHORT_WINDOWS, None);
    let running = Running::start(&cluster.url());
    cycles_until("the job is scaled", || cluster.parallelism(1, 2) > 1).await;
    cluster.remove_job(1);
    cycles_until("its state is removed", || running.text_about(1).contains("its state is removed")).await;
    assert!(running.stored(1).await.scaling_history.get().vertices.is_empty());
    running.stop().await;
}

#[tokio::test]
async fn a_cluster_that_is_down_at_start_and_later_up() {
    let address = StandIn::start().await.address();
    let running = Running::start(&format!("http://{address}"));
    cycles_until("it is told", || running.text().contains("can't list the cluster's jobs")).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(running.text().matches("WARN").count(), 1, "once, not each cycle");
    let cluster = StandIn::start_at(address).await;
    cluster.add_job(1, SHORT_WINDOWS, None);
    cycles_until("the job is scaled", || cluster.parallelism(1, 2) > 1).await;
    assert!(running.text().contains("can be listed again"));
    running.stop().await;
}

#[tokio::test]
async fn a_job_that_recovers_is_scaled() {
    let (cluster, running) = beside(Fault::ServerError).await;
    cluster.set_fault(2, None);
    cycles_until("the mended job is scaled", || cluster.parallelism(2, 2) > 1).await;
    running.stop().await;
}

#[tokio::test]
async fn state_that_cannot_be_read_is_not_acted_on() {
    let cluster = StandIn::start().await;
    let running = Running::start(&cluster.url());
    running.store().fail_loads(true);
    cluster.add_job(1, SHORT_WINDOWS, None);
    cycles_until("it is told", || running.text_about(1).contains("its state can't be read: the store is away")).await;
    tokio::time::sleep(Duration::from_millis(1000)).await;
    assert_eq!(cluster.count("PUT", 1), 0);
    running.store().fail_loads(false);
    cycles_until("the job is scaled", || cluster.parallelism(1, 2) > 1).await;
    running.stop().await;
}

#[tokio::test]
async fn state_that_cannot_be_written_is_not_realized() {
    let cluster = StandIn::start().await;
    cluster.add_job(1, SHORT_WINDOWS, None);
    let running = Running::start(&cluster.url());
    running.store().fail_saves(true);
    cycles_until("a scaling is decided", || running.text_about(1).contains("begin scaling vertices")).await;
    running.wait_for_cycles(10).await;
    assert_eq!(cluster.count("PUT", 1), 0, "nothing that is not stored is realized");
    assert!(running.text_about(1).contains("nothing is realized: the state can't be stored"));
    // An error in the cycle stores nothing, so what waits to be stored is not realized either.
    cluster.set_fault(1, Some(Fault::ServerError));
    running.wait_for_cycles(10).await;
    running.store().fail_saves(false);
    running.wait_for_cycles(10).await;
    assert_eq!(cluster.count("PUT", 1), 0);
    cluster.set_fault(1, None);
    cycles_until("the job is scaled with the next write", || cluster.parallelism(1, 2) > 1).await;
    assert_eq!(running.stored(1).await.parallelism_overrides.get()[&testkit::job::id(2)], "2");
    running.stop().await;
}

#[tokio::test]
async fn a_job_that_is_gone_is_forgotten_even_if_the_store_is_away() {
    let cluster = StandIn::start().await;
    cluster.add_job(1, SHORT_WINDOWS, None);
    let running = Running::start(&cluster.url());
    cycles_until("the job is scaled", || cluster.parallelism(1, 2) > 1).await;
    running.store().fail_saves(true);
    cluster.remove_job(1);
    cycles_until("it is told", || running.text_about(1).contains("its state can't be removed")).await;
    running.store().fail_saves(false);
    cycles_until("its state is removed", || running.text_about(1).contains("its state is removed")).await;
    assert!(running.stored(1).await.parallelism_overrides.get().is_empty());
    running.stop().await;
}

#[test]
fn the_log_of_a_test_is_its_own() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let running = Running::start("http://127.0.0.1:9");
        cycles_until("it is told", || running.text().contains("can't list")).await;
    });
}
