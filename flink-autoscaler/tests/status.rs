//! `flink-autoscaler status`: asks a process that runs on a stand-in cluster.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use servers::standin::{Fault, StandIn};

/// Options under which a job is scaled within a few seconds.
const QUICK: &[(&str, &str)] = &[
    ("job.autoscaler.enabled", "true"),
    ("job.autoscaler.stabilization.interval", "0 s"),
    ("job.autoscaler.metrics.window", "1 s"),
    ("job.autoscaler.utilization.max", "0.8"),
];
const TOKEN: &str = "a-token-of-the-test-4711";

fn program(arguments: &[&str]) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_flink-autoscaler"));
    program.args(arguments).env_remove("FLINK_CONF_DIR").env_remove("RUST_LOG").env_remove("JDBC_PWD");
    program.env_remove("FLINK_AUTOSCALER_LOG_FORMAT").env_remove("FLINK_AUTOSCALER_HTTP_TOKEN");
    program
}

/// A process that watches a cluster, ended with this.
struct Running {
    child: Child,
    url: String,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _ended = self.child.wait();
    }
}

impl Running {
    /// Starts it, and reads in its log where it listens.
    fn start(cluster: &str, options: &[&str]) -> Self {
        let fixed = [
            "run",
            "--autoscaler.standalone.http.address=127.0.0.1:0",
            "--autoscaler.standalone.control-loop.interval=200 ms",
            "--autoscaler.standalone.fetcher.flink-cluster.host",
            cluster,
        ];
        let mut child = program(&[&fixed[..], options].concat()).stderr(Stdio::piped()).spawn().unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap());
        let url = loop {
            let mut line = String::new();
            assert!(log.read_line(&mut line).unwrap() > 0, "it has ended without listening");
            if let Some((_, url)) = line.split_once("API at ") {
                break url.trim().to_owned();
            }
        };
        // Somebody has to read on, or it would wait for room in the pipe.
        std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
        Self { child, url }
    }

    fn status(&self, arguments: &[&str]) -> (Option<i32>, String, String) {
        status(&[&["--url", &self.url][..], arguments].concat())
    }

    /// The JSON of a status that says what is waited for.
    #[track_caller]
    fn until(&self, what: &str, holds: impl Fn(&Value) -> bool) -> (Option<i32>, Value) {
        let start = Instant::now();
        loop {
            let (code, out, errors) = self.status(&["--json"]);
            let told: Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{code:?} {out}{errors}"));
            if holds(&told) {
                return (code, told);
            }
            assert!(start.elapsed() < Duration::from_secs(120), "not within two minutes: {what}: {told}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

fn status(arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = program(&[&["status"], arguments].concat()).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[tokio::test(flavor = "multi_thread")]
async fn clusters_and_jobs_of_a_healthy_process() {
    let cluster = StandIn::start().await;
    cluster.add_job(1, QUICK, None);
    cluster.add_job(2, &[], None);
    let url = cluster.url();
    let work = tokio::task::spawn_blocking(move || {
        let running = Running::start(&url, &[]);
        let is_scaled = |job: &Value| job["name"] == "job 1" && !job["scaled_at"].is_null();
        let (code, told) =
            running.until("job 1 is scaled", |told| told["jobs"].as_array().unwrap().iter().any(is_scaled));
        assert_eq!((code, &told["healthy"], &told["role"]), (Some(0), &true.into(), &"leader".into()), "{told}");
        let off = told["jobs"].as_array().unwrap().iter().find(|job| job["name"] == "job 2").unwrap();
        assert_eq!(off["enabled"], false, "{told}");

        let (code, out, errors) = running.status(&[]);
        assert!(code == Some(0) && errors.is_empty(), "{out}{errors}");
        for expected in ["is ready (leader)", "job 1", "RUNNING", "off", "127.0.0.1:", "scaled last"] {
            assert!(out.contains(expected), "{expected}: {out}");
        }
        let (code, out, errors) = running.status(&["--job", "job 1"]);
        assert_eq!(code, Some(0), "{out}{errors}");
        for expected in ["vertex 1", "vertex 2", "1 -> ", "observations in its window", "ScalingReport"] {
            assert!(out.contains(expected), "{expected}: {out}");
        }
        let (_, out, _) = running.status(&["--job", &testkit::job::id(1), "--json"]);
        let told: Value = serde_json::from_str(&out).unwrap();
        assert_eq!(told["job"]["cycle"]["vertices"].as_array().unwrap().len(), 2, "{told}");
        let (code, _, errors) = running.status(&["--job", "nobody"]);
        assert!(code == Some(2) && errors.contains("watches no such job"), "{errors}");
        let (code, out, _) = running.status(&["--cluster", "another"]);
        assert!(code == Some(0) && out.contains("no jobs"), "{out}");
    });
    work.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_is_named_and_makes_the_exit_code() {
    let cluster = StandIn::start().await;
    cluster.add_job(1, QUICK, Some(Fault::ServerError));
    let url = cluster.url();
    let work = tokio::task::spawn_blocking(move || {
        let running = Running::start(&url, &[]);
        let (code, told) = running
            .until("its cycle fails", |told| !told["failing"].as_array().unwrap().is_empty() && told["ready"] == true);
        assert_eq!(code, Some(1), "{told}");
        let (code, out, _) = running.status(&[]);
        assert!(code == Some(1) && out.contains("failing: job job 1") && out.contains("something broke"), "{out}");
        let (code, out, _) = running.status(&["--job", "job 1"]);
        assert!(code == Some(1) && out.contains("failing: "), "{out}");
        running
    });
    let running = work.await.unwrap();
    drop(cluster);
    let work = tokio::task::spawn_blocking(move || {
        let is_away = |told: &Value| told["clusters"][0]["round"]["failure"]["text"].is_string();
        let (code, told) = running.until("the cluster is away", is_away);
        assert_eq!(code, Some(1), "{told}");
        assert!(told["failing"][0].as_str().unwrap().contains("its jobs can't be listed"), "{told}");
    });
    work.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_needed_where_one_is_set() {
    let cluster = StandIn::start().await;
    let url = cluster.url();
    let work = tokio::task::spawn_blocking(move || {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("token");
        std::fs::write(&file, TOKEN).unwrap();
        let with = ["--autoscaler.standalone.http.token-file", file.to_str().unwrap()];
        let running = Running::start(&url, &with);
        let (code, out, errors) = running.status(&with);
        assert!(matches!(code, Some(0 | 1)) && out.contains("ready"), "{out}{errors}");
        let (code, out, errors) = running.status(&[]);
        assert!(code == Some(2) && errors.contains("answered 401; its token is another one"), "{out}{errors}");
        let other = directory.path().join("other");
        std::fs::write(&other, "another-token-4711-4711").unwrap();
        let (code, out, errors) = running.status(&[with[0], other.to_str().unwrap()]);
        assert!(code == Some(2) && !errors.contains("another-token"), "{out}{errors}");
    });
    work.await.unwrap();
}

#[test]
fn who_cannot_be_asked_is_told() {
    // Free a moment ago, so that nobody listens there.
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let (code, _, errors) = status(&["--autoscaler.standalone.http.address", &free]);
    assert_eq!(code, Some(2));
    assert!(
        errors.contains("nobody answers at http://127.0.0.1:") && errors.contains("--url says where it is"),
        "{errors}"
    );
    for (arguments, expected) in [
        (&["--autoscaler.standalone.http.address", "off"][..], "http.address is off"),
        (&["--url", "http://me:hunter2@127.0.0.1:1"], "has a user or password in it"),
        (&["--autoscaler.standalone.http.address", "x"], "expected host:port"),
        (&["--timeout", "soon"], "expected a whole number with a unit"),
        (&["--timeout", "99999999999 d"], "no more than a day"),
    ] {
        let (code, _, errors) = status(arguments);
        assert_eq!(code, Some(2), "{arguments:?}: {errors}");
        assert!(errors.contains(expected) && !errors.contains("hunter2"), "{errors}");
    }
}

/// A server that answers each request with the same text.
fn answering(answer: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _read = stream.read(&mut [0; 4096]);
            let _written = stream.write_all(answer.as_bytes());
        }
    });
    format!("http://{address}")
}

#[test]
fn another_program_s_answers_are_not_believed() {
    for (answer, expected) in [
        ("HTTP/1.1 200 OK\r\ncontent-length: 15\r\n\r\n<html>hi</html>", "is none of a flink-autoscaler's"),
        ("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n", "answered 404"),
        ("HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n", "sends us elsewhere"),
        ("HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{", "broke off"),
        ("SSH-2.0-OpenSSH_9.2\r\n", "nobody answers"),
    ] {
        let (code, out, errors) = status(&["--url", &answering(answer)]);
        assert_eq!((code, out.as_str()), (Some(2), ""), "{errors}");
        assert!(errors.contains(expected), "{expected}: {errors}");
    }
}

#[test]
fn one_that_does_not_answer_is_given_up() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (code, _, errors) = status(&["--url", &url, "--timeout", "200 ms"]);
    assert_eq!(code, Some(2));
    assert!(errors.contains("did not tell all within 200ms"), "{errors}");
}
