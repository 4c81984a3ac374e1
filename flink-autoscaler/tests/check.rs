//! `flink-autoscaler check`: what it finds, what it says to do, and that it changes nothing.

#![expect(clippy::unwrap_used, reason = "a test")]

use std::process::Command;

use serde_json::Value;
use servers::standin::{Fault, StandIn};

const NO_ENDPOINT: [&str; 2] = ["--autoscaler.standalone.http.address", "off"];
const ENABLED: (&str, &str) = ("job.autoscaler.enabled", "true");

/// Exit code and standard output.
fn check(arguments: &[&str]) -> (Option<i32>, String) {
    let mut program = Command::new(env!("CARGO_BIN_EXE_flink-autoscaler"));
    program.arg("check").args(arguments).env_remove("FLINK_CONF_DIR").env_remove("JDBC_PWD");
    let output = program.env_remove("FLINK_AUTOSCALER_HTTP_TOKEN").env_remove("TZ").output().unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(errors.is_empty(), "{errors}");
    (output.status.code(), String::from_utf8(output.stdout).unwrap())
}

/// The same, of a cluster.
async fn check_on(cluster: &StandIn, arguments: &[&str]) -> (Option<i32>, String) {
    let url = cluster.url();
    let host = ["--autoscaler.standalone.fetcher.flink-cluster.host", &url];
    let arguments: Vec<String> = [arguments, &NO_ENDPOINT, &host].concat().into_iter().map(str::to_owned).collect();
    let checked = tokio::task::spawn_blocking(move || check(&arguments.iter().map(String::as_str).collect::<Vec<_>>()));
    let checked = checked.await.unwrap();
    let asked = cluster.asked();
    assert!(asked.iter().all(|asked| asked.method == "GET"), "it only looks: {asked:?}");
    checked
}

/// Lines of this level, each with what to do.
fn lines<'a>(out: &'a str, level: &str) -> Vec<&'a str> {
    out.lines().filter(|line| line.trim_start().starts_with(level)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_healthy_cluster_has_nothing_to_say() {
    let cluster = StandIn::start().await;
    cluster.add_job(1, &[ENABLED], None);
    let (code, out) = check_on(&cluster, &["--strict"]).await;
    assert_eq!(code, Some(0), "{out}");
    for expected in [
        "Flink 1.20.1: 2 TaskManagers, 8 slots, 4 of them free",
        "jobmanager.scheduler: adaptive",
        "its own configuration sets job.autoscaler.enabled: 'true'",
        "it can be rescaled in place",
        "its metrics are there: vertices 2, subtasks 2",
        "0 errors, 0 warnings",
    ] {
        assert!(out.contains(expected), "{expected}: {out}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_rescaled_is_told_with_what_to_set() {
    let cluster = StandIn::start().await;
    cluster.add_job(1, &[ENABLED], Some(Fault::NotAdaptive));
    cluster.add_job(2, &[], None);
    cluster.set_about("1.20.1", None, 0);
    let (code, out) = check_on(&cluster, &[]).await;
    assert_eq!(code, Some(1), "{out}");
    assert!(out.contains("it can't be rescaled in place: the job does not run on the adaptive scheduler"), "{out}");
    assert!(out.contains("-> set jobmanager.scheduler: adaptive and restart the job"), "{out}");
    assert!(out.contains("jobmanager.scheduler is not set, and Flink's default can't rescale in place"), "{out}");
    assert!(out.contains("no slot is free") && out.contains("autoscaling is off for it"), "{out}");

    cluster.set_fault(1, Some(Fault::OldFlink));
    cluster.set_about("1.17.2", Some("Default"), 4);
    let (code, out) = check_on(&cluster, &[]).await;
    assert_eq!(code, Some(1), "{out}");
    let errors = lines(&out, "error");
    for expected in ["Flink 1.17.2", "jobmanager.scheduler: Default, which can't", "the cluster has no such endpoint"] {
        assert!(errors.iter().any(|line| line.contains(expected)), "{expected}: {out}");
    }
    assert!(out.contains("Flink 1.18 or later"), "{out}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_broken_job_does_not_hide_the_others() {
    let cluster = StandIn::start().await;
    for (number, fault) in [
        (1, Some(Fault::ConfigurationFails)),
        (2, Some(Fault::NoMetrics)),
        (3, Some(Fault::NotFound)),
        (4, Some(Fault::WebPage)),
        (5, Some(Fault::NoPlan)),
        (6, None),
        (7, Some(Fault::OddEntry)),
    ] {
        cluster.add_job(number, &[ENABLED], fault);
    }
    let (code, out) = check_on(&cluster, &["--json"]).await;
    assert_eq!(code, Some(1), "{out}");
    let report: Value = serde_json::from_str(&out).unwrap();
    let levels = |number: u32| {
        let id = testkit::job::id(number);
        let sections = report["sections"].as_array().unwrap();
        let section = sections.iter().find(|section| section["job"] == id).unwrap_or(&Value::Null);
        section["findings"].to_string()
    };
    assert!(levels(1).contains("something broke"), "{}", levels(1));
    assert!(levels(2).contains("value is missing") && levels(2).contains("FLIP-33"), "{}", levels(2));
    assert!(levels(3).contains("Job not found"), "{}", levels(3));
    assert!(levels(4).contains("web page"), "{}", levels(4));
    assert!(levels(5).contains("not ready"), "{}", levels(5));
    assert!(!levels(6).contains("warning") && !levels(6).contains("error"), "{}", levels(6));
    assert!(out.contains("of its job list can't be read"), "{out}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_job_alone_and_one_that_is_not_there() {
    let cluster = StandIn::start().await;
    cluster.add_job(1, &[ENABLED], None);
    cluster.add_job(2, &[ENABLED], Some(Fault::NotAdaptive));
    let (code, out) = check_on(&cluster, &["--job", "job 1"]).await;
    assert_eq!(code, Some(0), "{out}");
    let (code, out) = check_on(&cluster, &["--job", &testkit::job::id(2)]).await;
    assert!(code == Some(1) && !out.contains("Job job 1"), "{out}");
    let (code, out) = check_on(&cluster, &["--job", "nobody"]).await;
    assert!(code == Some(1) && out.contains("the job of --job is on no cluster that answered"), "{out}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_takes_too_long_is_said_and_ends() {
    let cluster = StandIn::start().await;
    cluster.add_job(1, &[ENABLED], Some(Fault::Slow));
    cluster.add_job(2, &[ENABLED], None);
    let (code, out) = check_on(&cluster, &["--timeout", "5 s"]).await;
    assert_eq!(code, Some(1), "{out}");
    assert!(out.contains("1 of its jobs could not be looked at in the time there was"), "{out}");
    assert!(out.contains("Job job 2"), "{out}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_job_s_own_configuration_changes() {
    let cluster = StandIn::start().await;
    let own = [
        ENABLED,
        ("job.autoscaler.utilization.target", "0.9"),
        ("job.autoscaler.metrics.windw", "1 min"),
        ("job.autoscaler.quota.memory", "8 gb"),
        ("job.autoscaler.restart.time-tracking.limit", "10 min"),
    ];
    cluster.add_job(1, &own, None);
    cluster.add_job(2, &[ENABLED, ("job.autoscaler.vertex.min-parallelism", "300")], None);
    let (code, out) = check_on(&cluster, &[]).await;
    assert_eq!(code, Some(1), "{out}");
    for expected in [
        "job.autoscaler.utilization.target: '0.9'",
        "add up to 1.20",
        "did you mean job.autoscaler.metrics.window?",
        "job.autoscaler.quota.memory has no effect: taskmanager.memory.process.size is not known",
        "job.autoscaler.restart.time-tracking.limit has no effect",
        "it has no cycles: option job.autoscaler.vertex.min-parallelism has the value '300'",
    ] {
        assert_eq!(out.matches(expected).count(), 1, "{expected}: {out}");
    }
}

#[test]
fn a_cluster_that_is_away_is_a_line_and_the_rest_goes_on() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("state.db");
    let store = [
        "--autoscaler.standalone.state-store.type",
        "sqlite",
        "--autoscaler.standalone.state-store.sqlite.file",
        file.to_str().unwrap(),
    ];
    let nowhere = ["--autoscaler.standalone.fetcher.flink-cluster.port", "1"];
    let (code, out) = check(&[&store[..], &nowhere, &NO_ENDPOINT].concat());
    assert_eq!(code, Some(1), "{out}");
    assert!(out.contains("Cluster localhost:1") && out.contains("connection refused"), "{out}");
    assert!(out.contains("-> autoscaler.standalone.fetcher.flink-cluster.host"), "{out}");
    assert!(out.contains("there is no such file yet; `run` makes it"), "{out}");
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0, "it makes nothing");
}

#[test]
fn a_database_stays_as_it_is() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("state.db");
    let store = [
        "--offline",
        "--autoscaler.standalone.state-store.type=sqlite",
        "--autoscaler.standalone.state-store.sqlite.file",
        file.to_str().unwrap(),
    ];
    let online = &store[1..];
    let nowhere = ["--autoscaler.standalone.fetcher.flink-cluster.port", "1"];
    let look = |options: &[&str]| check(&[online, &nowhere, &NO_ENDPOINT, options].concat()).1;
    // One without any of its tables.
    std::fs::write(&file, "").unwrap();
    let out = look(&[]);
    assert!(out.contains("warning  SQLite file") && out.contains("versions 1"), "{out}");
    assert!(out.contains("flink-autoscaler migrate --dry-run"), "{out}");
    let out = look(&["--autoscaler.standalone.jdbc.migrate", "manual"]);
    assert!(out.contains("error    SQLite file") && out.contains("run flink-autoscaler migrate"), "{out}");
    assert_eq!(std::fs::metadata(&file).unwrap().len(), 0, "nothing was migrated");

    let migrate = Command::new(env!("CARGO_BIN_EXE_flink-autoscaler")).arg("migrate").args(online).output().unwrap();
    assert!(migrate.status.success());
    let listed =
        || std::fs::read_dir(directory.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect::<Vec<_>>();
    let before = (std::fs::read(&file).unwrap(), listed());
    let out = look(&[]);
    assert!(out.contains("the schema is up to date") && out.contains("answers (SQLite"), "{out}");
    assert!(
        (std::fs::read(&file).unwrap(), listed()) == before,
        "it changes nothing, and leaves nothing: {:?}",
        listed()
    );

    let (code, out) = check(&store);
    assert!(code == Some(0) && out.contains("not asked (--offline)"), "{out}");
    let lost = ["--offline", "--autoscaler.standalone.state-store.type=jdbc"];
    let (code, out) = check(&lost);
    assert!(code == Some(1) && out.contains("jdbc.url is not set"), "{out}");
}

#[test]
fn the_exit_code_tells_errors_and_if_asked_warnings() {
    let warned = ["--offline", "--job.autoscaler.metrics.window", "15 s"];
    let (code, out) = check(&warned);
    assert_eq!(code, Some(0), "{out}");
    assert!(out.contains("shorter than two cycles") && out.ends_with("0 errors, 1 warning\n"), "{out}");
    assert_eq!(check(&[&warned[..], &["--strict"]].concat()).0, Some(1));
    let (code, out) = check(&["--offline", "--json", "--job.autoscaler.metrics.window", "5 s"]);
    let report: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &report["outcome"], &report["errors"]), (Some(1), &"error".into(), &1.into()));
    assert_eq!(report["values"][0]["key"], "job.autoscaler.metrics.window");
    assert_eq!(report["values"][0]["origin"], "the command line");
    // All that can't be used is told, not the first only.
    let odd =
        ["--job.autoscaler.enabled", "yes", "--job.autoscaler.utilization.target", "7", "--flinkClusterPort", "0"];
    let (code, out) = check(&[&["--offline"][..], &odd].concat());
    assert_eq!(code, Some(1), "{out}");
    for told in ["'yes'", "'7'", "flinkClusterPort has the value '0'"] {
        assert!(lines(&out, "error").iter().any(|line| line.contains(told)), "{told}: {out}");
    }
    let (code, out) = check(&[
        "--offline",
        "--job.autoscaler.vertex.min-parallelism",
        "9",
        "--job.autoscaler.vertex.max-parallelism",
        "3",
    ]);
    assert!(code == Some(1) && out.contains("expected no more than"), "{out}");
}

#[test]
fn what_run_would_refuse_is_an_error() {
    let (code, out) = check(&["--offline", "--autoscaler.standalone.high-availability.enabled", "true"]);
    assert_eq!(code, Some(1), "{out}");
    assert!(lines(&out, "error")[0].contains("MEMORY keeps state where no other replica gets at it"), "{out}");
}

#[test]
fn a_file_that_cannot_be_read_is_an_error_of_its_own() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("config.yaml"), "a: [").unwrap();
    let mut program = Command::new(env!("CARGO_BIN_EXE_flink-autoscaler"));
    let output = program.args(["check", "--offline"]).env("FLINK_CONF_DIR", directory.path()).output().unwrap();
    let out = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.code() == Some(1) && out.contains("it is not valid YAML"), "{out}");
}

#[test]
fn passwords_are_not_shown() {
    let url = "postgres://me:hunter2@127.0.0.1:1/x";
    let (_, out) = check(&[
        "--values",
        "--autoscaler.standalone.jdbc.url",
        url,
        "--autoscaler.standalone.state-store.type",
        "jdbc",
        "--offline",
    ]);
    assert!(out.contains("jdbc.url: a value of 35 characters, not shown as it may be a password"), "{out}");
    assert!(!out.contains("hunter2"), "{out}");
}

#[test]
fn the_address_of_the_endpoint_is_looked_at() {
    let nowhere = ["--autoscaler.standalone.fetcher.flink-cluster.port", "1"];
    let look = |address: &str| check(&[&nowhere[..], &["--autoscaler.standalone.http.address", address]].concat()).1;
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let out = look(&taken.local_addr().unwrap().to_string());
    assert!(out.contains("is taken, and `run` needs it") && out.contains("flink-autoscaler status"), "{out}");
    assert!(look("127.0.0.1:0").contains("127.0.0.1:0 is free"));
    let out = look("0.0.0.0:0");
    assert!(out.contains("there is no token: set FLINK_AUTOSCALER_HTTP_TOKEN"), "{out}");
}
