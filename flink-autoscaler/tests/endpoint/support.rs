//! The program over a stand-in cluster, with everything on that can be watched.

use std::fs::File;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use servers::plain_http;
use servers::standin::{Fault, StandIn};

/// Options under which a job is scaled within a few seconds.
const SHORT_WINDOWS: &[(&str, &str)] = &[
    ("job.autoscaler.enabled", "true"),
    ("job.autoscaler.stabilization.interval", "0 s"),
    ("job.autoscaler.metrics.window", "2 s"),
    ("job.autoscaler.utilization.max", "0.8"),
];
/// The number of the job that is scaled only if somebody approves it.
pub(crate) const PROPOSING: u32 = 5;
/// What stands in the token's file.
const TOKEN: &str = "a-token-of-the-tests-0123456789";
/// Nothing here takes longer on a machine that works.
const PATIENCE: Duration = Duration::from_secs(300);

/// The running program; killed when dropped.
pub(crate) struct Watched {
    process: Child,
    pub(crate) cluster: StandIn,
    pub(crate) address: String,
    pub(crate) directory: tempfile::TempDir,
    has_token: bool,
}

/// A file of the repository.
pub(crate) fn file(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

impl Watched {
    /// Starts it on a cluster with a job that is to be scaled, one that is only proposed to be, and others that fail in a way each.
    pub(crate) async fn start(with_token: bool) -> Self {
        let cluster = StandIn::start().await;
        cluster.add_job(1, SHORT_WINDOWS, None);
        // One that is proposed to be scaled, and is not.
        cluster.add_job(PROPOSING, &[SHORT_WINDOWS, &[("job.autoscaler.scaling.enabled", "false")]].concat(), None);
        for (job, fault) in (2..).zip([Fault::ServerError, Fault::ConfigurationFails, Fault::RequirementsFail]) {
            cluster.add_job(job, SHORT_WINDOWS, Some(fault));
        }
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("token"), TOKEN).unwrap();
        let log = directory.path().join("log");
        let port = cluster.address().port().to_string();
        let mut command = Command::new(env!("CARGO_BIN_EXE_flink-autoscaler"));
        command.args(["run", "-D", "autoscaler.standalone.fetcher.flink-cluster.host=127.0.0.1"]);
        for (key, value) in [
            ("fetcher.flink-cluster.port", port.as_str()),
            ("control-loop.interval", "200 ms"),
            ("http.address", "127.0.0.1:0"),
            ("state-store.type", "sqlite"),
            ("event-handler.type", "logging,jdbc"),
            ("record.directory", "traces"),
        ] {
            command.args(["-D", &format!("autoscaler.standalone.{key}={value}")]);
        }
        if with_token {
            command.args(["-D", "autoscaler.standalone.http.token-file=token"]);
        }
        command.current_dir(directory.path()).stdin(Stdio::null()).stdout(Stdio::null());
        for name in ["FLINK_CONF_DIR", "RUST_LOG", "FLINK_AUTOSCALER_LOG_FORMAT", "FLINK_AUTOSCALER_HTTP_TOKEN"] {
            command.env_remove(name);
        }
        let process = command.stderr(File::create(&log).unwrap()).spawn().unwrap();
        let mut watched = Self { process, cluster, address: String::new(), directory, has_token: with_token };
        watched.address = watched.until("it listens", || address(&log)).await;
        watched
    }

    /// Waits until the healthy job is scaled.
    pub(crate) async fn until_scaled(&mut self) {
        let deadline = Instant::now() + PATIENCE;
        while self.cluster.parallelism(1, 2) < 2 {
            assert!(Instant::now() < deadline, "the job is never scaled:\n{}", self.log());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    async fn until<T>(&mut self, what: &str, mut found: impl FnMut() -> Option<T>) -> T {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(found) = found() {
                return found;
            }
            let has_ended = self.process.try_wait().unwrap().is_some();
            assert!(!has_ended && Instant::now() < deadline, "never: {what}\n{}", self.log());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.directory.path().join("log")).unwrap()
    }

    fn request(&self, path: &str) -> reqwest::RequestBuilder {
        let request = plain_http::client().get(format!("http://{}{path}", self.address));
        if self.has_token { request.bearer_auth(TOKEN) } else { request }
    }

    /// The status of the answer to a path; none where the connection ends without one.
    pub(crate) async fn status(&self, path: &str) -> Option<u16> {
        self.request(path).send().await.ok().map(|answer| answer.status().as_u16())
    }

    /// What is answered to a path, which must be a success.
    #[expect(clippy::disallowed_methods, reason = "what our own endpoint answers is bounded")]
    pub(crate) async fn get(&self, path: &str) -> String {
        let answer = self.request(path).send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        answer.text().await.unwrap()
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        // One that has ended can't be killed, which is as good.
        let _ended = self.process.kill();
        let _status = self.process.wait();
    }
}

/// Where the log says that it listens.
fn address(log: &Path) -> Option<String> {
    servers::flink::endpoint(&std::fs::read_to_string(log).ok()?)
}
