//! A cluster of one JobManager and one TaskManager.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use flink_rest::{ClusterAccess, FlinkClient};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Distribution;
use super::processes::{Lifetime, TASK_MANAGER_PROCESS_SIZE, start_job_manager, start_task_manager};

/// What a cluster is to be like.
#[derive(Clone, Debug)]
pub struct ClusterSpec {
    /// The REST API's port; 0 picks a free one.
    pub port: u16,
    /// Task slots of the one TaskManager.
    pub slots: u16,
    /// `adaptive` or `default`.
    pub scheduler: &'static str,
    /// Further options of the cluster, over the ones set here.
    pub options: Vec<(String, String)>,
    /// How its REST API is reached where those options have it speak TLS.
    pub tls: Option<ClusterAccess>,
}

impl Default for ClusterSpec {
    fn default() -> Self {
        Self { port: 0, slots: 24, scheduler: "adaptive", options: Vec::new(), tls: None }
    }
}

/// A cluster that stays when we go: what is needed to find and end it.
#[derive(Debug, Serialize, Deserialize)]
pub struct DetachedCluster {
    /// The REST API's address.
    pub url: String,
    /// The distribution it runs.
    pub version: String,
    /// Its processes.
    pub pids: Vec<u32>,
    /// Its files.
    pub directory: PathBuf,
}

/// A running cluster; dropping it ends its processes and removes its files.
#[derive(Debug)]
pub struct Cluster {
    /// The REST API's port.
    pub port: u16,
    slots: u16,
    tls: Option<ClusterAccess>,
    directory: PathBuf,
    processes: Vec<Child>,
    /// Whether it stays when dropped.
    detached: bool,
}

const START_WITHIN: Duration = Duration::from_secs(240);

impl Cluster {
    /// Starts a cluster that ends with us, and waits until its slots are there.
    ///
    /// # Errors
    /// The processes don't start or don't answer in time; the log's last lines are in the error.
    pub async fn start(distribution: &Distribution, spec: &ClusterSpec) -> Result<Self> {
        let directory = tempfile::Builder::new().prefix("flink-").tempdir()?.keep();
        Self::start_in(distribution, spec, directory, Lifetime::Ours).await
    }

    /// Starts a cluster that stays, with its files in `directory`.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub async fn start_detached(
        distribution: &Distribution,
        spec: &ClusterSpec,
        directory: PathBuf,
    ) -> Result<DetachedCluster> {
        std::fs::create_dir_all(&directory)?;
        let mut cluster = Self::start_in(distribution, spec, directory.clone(), Lifetime::Detached).await?;
        cluster.detached = true;
        let pids = cluster.processes.iter().map(Child::id).collect();
        Ok(DetachedCluster { url: cluster.url(), version: distribution.name.clone(), pids, directory })
    }

    async fn start_in(
        distribution: &Distribution,
        spec: &ClusterSpec,
        directory: PathBuf,
        lifetime: Lifetime,
    ) -> Result<Self> {
        let port = if spec.port == 0 { free_port()? } else { spec.port };
        write_configuration(&directory, port, spec)?;
        let (slots, tls) = (spec.slots, spec.tls.clone());
        let mut cluster = Self { port, slots, tls, directory, processes: Vec::new(), detached: false };
        cluster.start_processes(distribution, lifetime).await?;
        Ok(cluster)
    }

    async fn start_processes(&mut self, distribution: &Distribution, lifetime: Lifetime) -> Result<()> {
        self.processes.push(start_job_manager(distribution, &self.directory, lifetime)?);
        self.processes.push(start_task_manager(distribution, &self.directory, lifetime)?);
        self.wait_for_slots(self.slots).await
    }

    /// Kills its TaskManager.
    pub fn kill_task_manager(&mut self) {
        if let Some(process) = self.processes.last_mut() {
            // As below.
            let _ended = process.kill();
            let _status = process.wait();
        }
    }

    /// Kills its processes, as a machine that fails does. Its jobs are lost.
    pub fn kill(&mut self) {
        for mut process in self.processes.drain(..) {
            // A process that has ended can't be killed, which is as good.
            let _ended = process.kill();
            let _status = process.wait();
        }
    }

    /// Starts it again after it was killed, at the same address and without jobs.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub async fn bring_back(&mut self, distribution: &Distribution) -> Result<()> {
        self.start_processes(distribution, Lifetime::Ours).await
    }

    /// The REST API's address.
    pub fn url(&self) -> String {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        format!("{scheme}://127.0.0.1:{}", self.port)
    }

    /// Where the cluster's files are.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// A client of its REST API.
    ///
    /// # Panics
    /// What it is reached by can't be used.
    pub fn client(&self) -> FlinkClient {
        let access = self.tls.clone().unwrap_or_default();
        FlinkClient::with_access(&self.url(), Duration::from_secs(10), access).unwrap()
    }

    async fn wait_for_slots(&mut self, slots: u16) -> Result<()> {
        let client = self.client();
        let deadline = Instant::now() + START_WITHIN;
        loop {
            if let Ok(overview) = client.get::<Value>("/overview").await
                && overview["slots-total"].as_u64() == Some(u64::from(slots))
            {
                return Ok(());
            }
            let ended =
                self.processes.iter_mut().any(|process| process.try_wait().is_ok_and(|status| status.is_some()));
            if ended || Instant::now() > deadline {
                let why = if ended { "a process ended" } else { "no slots in time" };
                bail!("Flink did not come up: {why}\n{}", self.log_tail());
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    fn log_tail(&self) -> String {
        let mut text = String::new();
        for name in ["jobmanager.log", "jobmanager.out", "taskmanager.log", "taskmanager.out"] {
            let log = std::fs::read_to_string(self.directory.join(name)).unwrap_or_default();
            let lines: Vec<&str> = log.lines().collect();
            let last = &lines[lines.len().saturating_sub(8)..];
            text.push_str(&format!("--- {name}\n{}\n", last.join("\n")));
        }
        text
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if self.detached {
            return;
        }
        self.kill();
        if std::thread::panicking() {
            #[expect(clippy::print_stdout, reason = "shown with the failed test")]
            {
                println!("the cluster's logs are kept in {}", self.directory.display());
            }
        } else {
            let _removed = std::fs::remove_dir_all(&self.directory);
        }
    }
}

/// A port nobody listens on right now.
fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0").context("no free port")?.local_addr()?.port())
}

fn write_configuration(directory: &Path, port: u16, spec: &ClusterSpec) -> Result<()> {
    let conf = directory.join("conf");
    std::fs::create_dir_all(&conf)?;
    let text = |value: &str| value.to_owned();
    let mut options: Vec<(String, String)> = vec![
        (text("jobmanager.rpc.address"), text("127.0.0.1")),
        (text("jobmanager.rpc.port"), free_port()?.to_string()),
        (text("jobmanager.memory.process.size"), text("1g")),
        (text("taskmanager.memory.process.size"), text(TASK_MANAGER_PROCESS_SIZE)),
        (text("taskmanager.numberOfTaskSlots"), spec.slots.to_string()),
        (text("taskmanager.host"), text("127.0.0.1")),
        (text("rest.address"), text("127.0.0.1")),
        (text("rest.bind-address"), text("127.0.0.1")),
        (text("rest.port"), port.to_string()),
        (text("web.tmpdir"), directory.join("web").display().to_string()),
        (text("io.tmp.dirs"), directory.join("tmp").display().to_string()),
        (text("jobmanager.scheduler"), text(spec.scheduler)),
        (text("jobmanager.adaptive-scheduler.scaling-interval.min"), text("5s")),
        (text("jobmanager.adaptive-scheduler.executing.cooldown-after-rescaling"), text("5s")),
        (text("metrics.fetcher.update-interval"), text("1000")),
        (text("execution.checkpointing.dir"), format!("file://{}", directory.join("checkpoints").display())),
        (text("pipeline.max-parallelism"), text("24")),
        (text("parallelism.default"), text("1")),
    ];
    options.extend(spec.options.iter().cloned());
    std::fs::create_dir_all(directory.join("tmp"))?;
    let lines: String =
        options.iter().map(|(key, value)| format!("{key}: {}\n", Value::from(value.as_str()))).collect();
    std::fs::write(conf.join("config.yaml"), lines)?;
    std::fs::write(conf.join("log4j.properties"), LOG4J)?;
    Ok(())
}

const LOG4J: &str = "rootLogger.level = INFO
rootLogger.appenderRef.file.ref = File
appender.file.type = File
appender.file.name = File
appender.file.fileName = ${sys:log.file}
appender.file.layout.type = PatternLayout
appender.file.layout.pattern = %d{HH:mm:ss,SSS} %-5p %c{1} %m%n
";
