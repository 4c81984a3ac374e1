//! The program as a process of its own, on a stand-in cluster.

use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use servers::standin::StandIn;

/// The program, without what the environment would add.
pub(crate) fn program(arguments: &[&str]) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_flink-autoscaler"));
    program.args(arguments).env_remove("FLINK_CONF_DIR").env_remove("RUST_LOG").env_remove("JDBC_PWD");
    program.env_remove("FLINK_AUTOSCALER_LOG_FORMAT").stdin(Stdio::null());
    program
}

/// What a command that ends by itself said.
pub(crate) async fn output(arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut program = program(arguments);
    let output: Output = tokio::task::spawn_blocking(move || program.output().unwrap()).await.unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// A running process; killed when dropped.
pub(crate) struct Started(Child);

impl Started {
    /// Starts it, its log in a file.
    pub(crate) fn new(arguments: &[&str], log: &Path) -> Self {
        let log = std::fs::File::options().create(true).append(true).open(log).unwrap();
        let mut program = program(arguments);
        Self(program.stdout(Stdio::null()).stderr(log).spawn().unwrap())
    }

    /// Waits until something holds, as long as it runs.
    pub(crate) async fn until(&mut self, what: &str, mut holds: impl FnMut() -> bool) {
        let found = tokio::time::timeout(Duration::from_secs(300), async {
            while !holds() {
                let ended = self.0.try_wait().unwrap();
                assert!(ended.is_none() || holds(), "it ended before: {what}");
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        });
        assert!(found.await.is_ok(), "not within five minutes: {what}");
    }

    /// Ends it so that it can do nothing about it.
    pub(crate) fn kill(mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }

    /// Asks it to stop, and waits until it has; whether with exit code 0.
    pub(crate) async fn terminate(mut self) -> bool {
        Command::new("kill").arg(self.0.id().to_string()).status().unwrap();
        let mut ended = None;
        while ended.is_none() {
            tokio::time::sleep(Duration::from_millis(20)).await;
            ended = self.0.try_wait().unwrap();
        }
        ended.is_some_and(|status| status.success())
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        // One that has ended can't be killed, which is as good.
        let _ended = self.0.kill();
        let _status = self.0.wait();
    }
}

/// A cluster with a job that is scaled from one subtask to two.
pub(crate) async fn cluster_with_a_job() -> StandIn {
    let cluster = StandIn::start().await;
    cluster.add_job(1, crate::support::SHORT_WINDOWS, None);
    cluster
}
