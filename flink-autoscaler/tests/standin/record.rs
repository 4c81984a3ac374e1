//! Recordings: replayed, they come to the decisions that the process made.

use std::path::{Path, PathBuf};

use replay::Trace;
use servers::standin::{Fault, StandIn};

use crate::process::{Started, cluster_with_a_job, output};
use crate::support::SHORT_WINDOWS;

/// Cycles with a decision in a trace, whole lines only.
fn lines(path: &Path, kind: &str) -> usize {
    let Ok(text) = Trace::open(path).and_then(Trace::text) else { return 0 };
    text.lines().filter(|line| line.contains(&format!("\"kind\":\"{kind}\""))).count()
}

/// The recordings in a directory, by name.
fn traces(directory: &Path) -> Vec<PathBuf> {
    replay::trace_files(directory).unwrap_or_default()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// What `run` is told to record a cluster.
fn run<'a>(cluster: &'a str, record: &'a Path, database: &'a Path) -> Vec<&'a str> {
    vec![
        "run",
        "--record",
        text(record),
        "--autoscaler.standalone.fetcher.flink-cluster.host",
        cluster,
        "--autoscaler.standalone.control-loop.interval",
        "100 ms",
        "--autoscaler.standalone.http.address",
        "off",
        "--autoscaler.standalone.state-store.type",
        "sqlite",
        "--autoscaler.standalone.state-store.sqlite.file",
        text(database),
    ]
}

/// That a replay comes to what was recorded, and with another utilization target to something else.
async fn check_replays(trace: &Path) {
    let (code, told, errors) = output(&["replay", text(trace), "--diff"]).await;
    assert_eq!(code, Some(0), "{told}{errors}");
    let target = ["--job.autoscaler.utilization.target", "0.35", "--job.autoscaler.utilization.max", "0.4"];
    let other = [&["replay", text(trace), "--diff"], &target[..]].concat();
    let (code, told, errors) = output(&other).await;
    assert_eq!(code, Some(1), "{told}{errors}");
    let explained = [&["replay", text(trace), "--explain"], &target[..]].concat();
    let (_, told, errors) = output(&explained).await;
    assert!(told.contains("at 35 % utilization"), "{told}{errors}");
}

#[tokio::test]
async fn what_run_records_replays_as_it_was_decided_after_a_kill_and_on_stored_state() {
    let cluster = cluster_with_a_job().await;
    let directory = tempfile::tempdir().unwrap();
    let (record, database) = (directory.path().join("traces"), directory.path().join("state.db"));
    let (url, log) = (cluster.url(), directory.path().join("log"));
    let arguments = run(&url, &record, &database);

    let mut first = Started::new(&arguments, &log);
    first.until("the job is scaled", || cluster.parallelism(1, 2) == 2).await;
    let has_gone_on = || traces(&record).first().is_some_and(|trace| lines(trace, "cycle") > 40);
    first.until("and observed on", has_gone_on).await;
    first.kill();
    let killed = traces(&record).remove(0);
    assert_eq!(killed.extension().unwrap(), "jsonl", "it is not packed before it is full");
    check_replays(&killed).await;

    // As a kill in the middle of a write would leave it.
    let mut cut = std::fs::read_to_string(&killed).unwrap();
    cut.push_str("{\"kind\":\"cycle\",\"now\":17");
    std::fs::write(&killed, cut).unwrap();
    let (code, told, errors) = output(&["replay", text(&killed), "--diff"]).await;
    assert_eq!(code, Some(0), "{told}{errors}");
    assert!(errors.contains("ends in the middle of a line"), "{errors}");

    cluster.set_load(1, 4.0);
    let mut second = Started::new(&arguments, &log);
    second.until("it is scaled again", || cluster.parallelism(1, 2) > 2).await;
    let of_second = || traces(&record).into_iter().find(|trace| trace.extension().is_some_and(|end| end == "jsonl"));
    second.until("that is recorded", || of_second().is_some_and(|trace| lines(&trace, "cycle") > 20)).await;
    assert!(second.terminate().await, "{}", std::fs::read_to_string(&log).unwrap());
    let found = traces(&record);
    assert_eq!(found.len(), 2, "{found:?}");
    assert_eq!(
        found.iter().filter(|trace| text(trace).ends_with(".jsonl.gz")).count(),
        1,
        "the killed one's is packed"
    );
    let second = of_second().unwrap();
    let job: serde_json::Value =
        serde_json::from_str(std::fs::read_to_string(&second).unwrap().lines().next().unwrap()).unwrap();
    assert!(job["state"]["parallelismOverrides"].as_str().unwrap().contains('2'), "{job}");
    assert!(job["state"]["scalingHistory"].is_string() && job["state"]["collectedMetrics"].is_string(), "{job}");
    check_replays(&second).await;
    let (code, told, errors) = output(&["replay", text(&record), "--diff"]).await;
    assert_eq!(code, Some(0), "{told}{errors}");
}

#[tokio::test]
async fn answers_that_fail_replay_as_they_were_told() {
    let cluster = StandIn::start().await;
    let faults = [
        Fault::ServerError,
        Fault::CutOff,
        Fault::WebPage,
        Fault::OtherJson,
        Fault::NoMetrics,
        Fault::NanMetrics,
        Fault::NegativeParallelism,
        Fault::NoPlan,
        Fault::FinishedVertex,
        Fault::Cycle,
        Fault::FewMetrics,
    ];
    for (number, fault) in (1..).zip(faults) {
        cluster.add_job(number, SHORT_WINDOWS, Some(fault));
    }
    let directory = tempfile::tempdir().unwrap();
    let (record, database) = (directory.path().join("traces"), directory.path().join("state.db"));
    let (url, log) = (cluster.url(), directory.path().join("log"));
    let mut running = Started::new(&run(&url, &record, &database), &log);
    let are_recorded =
        || traces(&record).len() == faults.len() && traces(&record).iter().all(|trace| lines(trace, "cycle") > 30);
    running.until("all jobs are recorded", are_recorded).await;
    cluster.set_fault(1, None);
    cluster.set_broken(true);
    let before = traces(&record).iter().map(|trace| lines(trace, "cycle")).sum::<usize>();
    let go_on = || traces(&record).iter().map(|trace| lines(trace, "cycle")).sum::<usize>() > before + 100;
    running.until("they go on", go_on).await;
    assert!(running.terminate().await);
    let (code, told, errors) = output(&["replay", text(&record), "--diff"]).await;
    assert_eq!(code, Some(0), "{told}{errors}");
    let (_, told, _) = output(&["replay", text(&record), "--explain"]).await;
    for part in
        ["answered 500: something broke", "it is a web page", "the job has no plan yet", "has a cycle through vertex"]
    {
        assert!(told.contains(part), "{part}");
    }
}

#[tokio::test]
async fn record_writes_a_job_into_a_file_and_changes_nothing() {
    let cluster = StandIn::start().await;
    // Autoscaling is off for it, and there are secrets around.
    let secrets = [("s3.secret-key", "hunter2"), ("job.autoscaler.metrics.custom-evaluator.x.token", "hunter2")];
    cluster.add_job(1, &[&SHORT_WINDOWS[1..], &secrets].concat(), None);
    cluster.add_job(2, &SHORT_WINDOWS[1..], None);
    let directory = tempfile::tempdir().unwrap();
    let (file, log) = (directory.path().join("trace.jsonl.gz"), directory.path().join("log"));
    let (url, interval) = (cluster.url(), "--autoscaler.standalone.control-loop.interval");
    let (code, _, errors) = output(&["record", "--cluster", &url, "--out", text(&file)]).await;
    assert_eq!(code, Some(1));
    assert!(errors.contains("name one with --job") && errors.contains("job 1"), "{errors}");

    let arguments = ["record", "--cluster", &url, "--job", "job 1", "--out", text(&file), interval, "100 ms"];
    let mut running = Started::new(&arguments, &log);
    running.until("it is recorded", || lines(&file, "cycle") > 60).await;
    running.kill();
    let recorded = Trace::open(&file).unwrap().text();
    assert!(recorded.is_err() || !recorded.unwrap().contains("hunter2"));
    assert!(!std::fs::read_to_string(&log).unwrap().contains("hunter2"));
    check_replays(&file).await;
    assert_eq!(cluster.asked().iter().filter(|asked| asked.method != "GET").count(), 0);

    let (code, _, errors) = output(&arguments).await;
    assert_eq!(code, Some(1));
    assert!(errors.contains("the file to record into can't be made"), "{errors}");
    let other = directory.path().join("x");
    let missing = ["record", "--cluster", &url, "--job", "nobody", "--out", text(&other)];
    let (code, _, errors) = output(&missing).await;
    assert_eq!(code, Some(1));
    assert!(errors.contains("the cluster has no job"), "{errors}");
}
