//! A replica: the program as a process.

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use servers::standin::StandIn;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// How long a lease lasts here.
pub(crate) const LEASE: Duration = Duration::from_secs(1);
/// Time between two cycles of the job.
pub(crate) const INTERVAL: Duration = Duration::from_millis(50);

/// How replicas are started.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) database: String,
    pub(crate) cluster: u16,
    pub(crate) is_replica: bool,
    pub(crate) has_http: bool,
}

impl Settings {
    pub(crate) fn new(database: &str, cluster: &StandIn) -> Self {
        let (database, cluster) = (database.to_owned(), cluster.address().port());
        Self { database, cluster, is_replica: true, has_http: false }
    }
}

/// A running replica; killed when dropped.
#[derive(Debug)]
pub(crate) struct Replica {
    name: String,
    process: Child,
    http: Option<u16>,
    directory: TempDir,
}

impl Replica {
    pub(crate) fn start(name: &str, settings: &Settings) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_flink-autoscaler"));
        let mut option = |key: &str, value: &str| {
            command.arg(format!("--autoscaler.standalone.{key}={value}"));
        };
        option("control-loop.interval", &format!("{} ms", INTERVAL.as_millis()));
        option("fetcher.flink-cluster.host", "127.0.0.1");
        option("fetcher.flink-cluster.port", &settings.cluster.to_string());
        option("state-store.type", "jdbc");
        option("event-handler.type", "logging");
        option("jdbc.url", &settings.database);
        option("jdbc.timeout", &format!("{} ms", LEASE.as_millis()));
        option("high-availability.enabled", if settings.is_replica { "true" } else { "false" });
        option("high-availability.lease-duration", &format!("{} ms", LEASE.as_millis()));
        option("high-availability.replica-id", name);
        let free = || TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let http = settings.has_http.then(free);
        option("http.address", &http.map_or("off".to_owned(), |port| format!("127.0.0.1:{port}")));
        // Options are the first argument's followers.
        let mut run = Command::new(command.get_program());
        run.arg("run").args(command.get_args()).env_remove("FLINK_CONF_DIR").env_remove("RUST_LOG");
        let log = std::fs::File::create(directory.path().join("log")).unwrap();
        let process = run.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn().unwrap();
        Self { name: name.to_owned(), process, http, directory }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.log_path()).unwrap()
    }

    fn log_path(&self) -> PathBuf {
        self.directory.path().join("log")
    }

    /// Sends it a signal, such as STOP.
    pub(crate) fn signal(&self, signal: &str) {
        servers::process::signal(self.process.id(), signal);
    }

    /// SIGKILL; its log.
    pub(crate) fn kill(mut self) -> String {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        self.log()
    }

    /// SIGTERM, and waits until it has ended; its log.
    pub(crate) async fn end(self) -> String {
        self.signal("TERM");
        self.ended().await
    }

    /// Waits until it has ended; its log.
    pub(crate) async fn ended(mut self) -> String {
        let deadline = Instant::now() + super::PATIENCE;
        while self.process.try_wait().unwrap().is_none() {
            assert!(Instant::now() < deadline, "{} does not end: {}", self.name, self.log());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        self.log()
    }

    /// Which role it says to have.
    pub(crate) async fn role(&self) -> Option<&'static str> {
        let text = self.get("/readyz").await?;
        ["leader", "follower"].into_iter().find(|role| text.contains(&format!("\"role\":\"{role}\"")))
    }

    /// What it answers over HTTP; none while it does not.
    pub(crate) async fn get(&self, path: &str) -> Option<String> {
        let mut stream = tokio::net::TcpStream::connect(("127.0.0.1", self.http?)).await.ok()?;
        let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.ok()?;
        let mut text = String::new();
        stream.read_to_string(&mut text).await.ok()?;
        Some(text)
    }
}

impl Drop for Replica {
    fn drop(&mut self) {
        if std::thread::panicking() {
            #[expect(clippy::print_stdout, reason = "shown with the failed test")]
            {
                println!("--- {}:\n{}", self.name, self.log());
            }
        }
        let _ended = self.process.kill();
        let _status = self.process.wait();
    }
}
