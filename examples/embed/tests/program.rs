//! The program watches the jobs of a cluster, and says so.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use servers::standin::StandIn;

#[tokio::test(flavor = "multi_thread")]
async fn it_watches_a_job_and_logs_that() {
    let cluster = StandIn::start().await;
    cluster.add_job(1, &[], None);
    let mut program = Command::new(env!("CARGO_BIN_EXE_embed"));
    program.args([&cluster.url(), "job.autoscaler.metrics.window=1 min"]).env_remove("RUST_LOG");
    let mut running = program.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    let log = BufReader::new(running.stderr.take().unwrap());
    let found = tokio::task::spawn_blocking(move || {
        log.lines().map_while(Result::ok).find(|line| line.contains("watching the job"))
    });
    // The log ends without the line where the program does.
    let found = tokio::time::timeout(std::time::Duration::from_secs(300), found).await;
    running.kill().unwrap();
    running.wait().unwrap();
    assert!(found.unwrap().unwrap().is_some_and(|line| line.contains(" INFO ")));
}

#[test]
fn an_option_that_is_none_is_said() {
    let output = Command::new(env!("CARGO_BIN_EXE_embed")).args(["http://localhost:1", "what"]).output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && errors.contains("expected options as KEY=VALUE"), "{errors}");
}
