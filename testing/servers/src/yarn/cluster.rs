//! The processes of a YARN cluster.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use flink_rest::FlinkClient;
use serde_json::Value;

use super::configuration::{Ports, write};
use super::containers::{below, clear};
use super::hadoop::Hadoop;
use crate::process::spawn_for_this_process;

const MANAGER: &str = "org.apache.hadoop.yarn.server.resourcemanager.ResourceManager";
const NODE: &str = "org.apache.hadoop.yarn.server.nodemanager.NodeManager";
const ZOOKEEPER: &str = "org.apache.zookeeper.server.ZooKeeperServerMain";

const START_WITHIN: Duration = Duration::from_secs(240);

/// A running cluster of one node; dropping it ends its processes, those of its applications too, and removes its files.
#[derive(Debug)]
pub struct Yarn {
    hadoop: Hadoop,
    directory: PathBuf,
    ports: Ports,
    manager: u32,
    others: Vec<u32>,
}

impl Yarn {
    /// Starts a cluster with its files in `directory`, its ResourceManager's REST API at `port` (0 picks a free one), and waits until
    /// the node is there.
    ///
    /// # Errors
    /// A process does not start, or the node is not there in time; the logs' last lines are in the error.
    pub async fn start(hadoop: &Hadoop, directory: &Path, port: u16) -> Result<Self> {
        std::fs::create_dir_all(directory)?;
        let ports = Ports::free(port)?;
        write(directory, hadoop, &ports)?;
        let mut yarn =
            Self { hadoop: hadoop.clone(), directory: directory.to_owned(), ports, manager: 0, others: Vec::new() };
        let mut zookeeper = yarn.java("128m");
        zookeeper.arg(ZOOKEEPER).arg(yarn.ports.zookeeper.to_string()).arg(directory.join("zookeeper"));
        yarn.others.push(spawn_for_this_process(zookeeper, directory.join("zookeeper.log"))?);
        yarn.start_manager()?;
        let mut node = yarn.java("384m");
        node.arg(NODE);
        yarn.others.push(spawn_for_this_process(node, directory.join("node-manager.log"))?);
        yarn.wait_for_node().await?;
        Ok(yarn)
    }

    fn java(&self, heap: &str) -> Command {
        self.hadoop.java(&self.directory.join("conf"), heap)
    }

    /// Starts the ResourceManager, after [`Self::kill_manager`] with all that it had stored.
    ///
    /// # Errors
    /// Java can't be started.
    pub fn start_manager(&mut self) -> Result<()> {
        let mut manager = self.java("512m");
        manager.arg(MANAGER);
        self.manager = spawn_for_this_process(manager, self.directory.join("resource-manager.log"))?;
        Ok(())
    }

    /// Ends the ResourceManager, as a machine that fails does.
    pub fn kill_manager(&self) {
        kill(self.manager);
    }

    /// The address of the ResourceManager's REST API and web proxy.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.ports.web)
    }

    /// Where the cluster's files are.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    pub(super) fn hadoop(&self) -> &Hadoop {
        &self.hadoop
    }

    pub(super) fn zookeeper(&self) -> String {
        format!("127.0.0.1:{}", self.ports.zookeeper)
    }

    /// What the ResourceManager answers at a path below `/ws/v1/cluster/`.
    ///
    /// # Errors
    /// It does not answer, or refuses.
    pub async fn get(&self, path: &str) -> Result<Value> {
        let client = FlinkClient::new(&self.url(), Duration::from_secs(30))?;
        Ok(client.get(&format!("/ws/v1/cluster/{path}")).await?)
    }

    /// The application of a name as the ResourceManager tells it, the last one where there are several.
    ///
    /// # Errors
    /// The ResourceManager does not answer, or knows none.
    pub async fn application(&self, name: &str) -> Result<Value> {
        let all = self.get("apps").await?;
        let mut named: Vec<&Value> =
            all["apps"]["app"].as_array().into_iter().flatten().filter(|app| app["name"] == name).collect();
        named.sort_by_key(|app| app["id"].as_str());
        named.last().map(|app| (*app).clone()).with_context(|| format!("no application is called {name}"))
    }

    /// Cancels a job of an application, which ends an application of one job.
    ///
    /// # Errors
    /// Its JobManager does not answer, or refuses.
    pub async fn cancel(&self, application: &Value, job: &str) -> Result<()> {
        let address = application["amRPCAddress"].as_str().context("the application has no address")?;
        let request = crate::plain_http::client().patch(format!("http://{address}/jobs/{job}?mode=cancel"));
        request.send().await?.error_for_status()?;
        Ok(())
    }

    /// The processes of an attempt's container, the JobManager's among them.
    pub fn job_manager(&self, application: &Value) -> Vec<u32> {
        let logs = application["amContainerLogs"].as_str().unwrap_or_default();
        let container = logs.split('/').find(|part| part.starts_with("container_")).unwrap_or("no container");
        let processes = below(&self.directory.join("local"));
        let is_its =
            |pid: &u32| std::fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|place| place.ends_with(container));
        processes.into_iter().filter(is_its).collect()
    }

    async fn wait_for_node(&self) -> Result<()> {
        let deadline = Instant::now() + START_WITHIN;
        loop {
            let metrics = self.get("metrics").await;
            if metrics.is_ok_and(|metrics| metrics["clusterMetrics"]["activeNodes"] == 1) {
                return Ok(());
            }
            let is_there = |pid: &u32| Path::new(&format!("/proc/{pid}")).exists();
            let all_there = self.others.iter().chain([&self.manager]).all(is_there);
            if !all_there || Instant::now() > deadline {
                let why = if all_there { "no node in time" } else { "a process ended" };
                bail!("YARN did not come up: {why}\n{}", self.log_tails());
            }
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
    }

    fn log_tails(&self) -> String {
        let mut text = String::new();
        for name in ["resource-manager.log", "node-manager.log", "zookeeper.log"] {
            let log = std::fs::read_to_string(self.directory.join(name)).unwrap_or_default();
            let lines: Vec<&str> = log.lines().collect();
            text.push_str(&format!("--- {name}\n{}\n", lines[lines.len().saturating_sub(8)..].join("\n")));
        }
        text
    }
}

fn kill(pid: u32) {
    // One that has ended can't be killed, which is as good.
    let _ended = Command::new("kill").args(["-KILL", &pid.to_string()]).status();
}

impl Drop for Yarn {
    fn drop(&mut self) {
        self.others.iter().chain([&self.manager]).for_each(|pid| kill(*pid));
        if std::thread::panicking() {
            #[expect(clippy::print_stdout, reason = "shown with the failed test")]
            {
                println!("the cluster's logs are in {}", self.directory.display());
            }
            for pid in below(&self.directory.join("local")) {
                kill(pid);
            }
        } else {
            let _removed = clear(&self.directory);
        }
    }
}
