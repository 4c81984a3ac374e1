//! `cargo xtask flink up|down|status`: a real cluster that stays until it is told to go.

use std::path::PathBuf;
use std::process::Command as Process;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::Subcommand;
use flink_rest::FlinkClient;
use serde_json::Value;
use servers::flink::{Cluster, ClusterSpec, DEFAULT_VERSION, DetachedCluster, Distribution, LoadCurve, SampleJob};

use crate::paths;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Brings a cluster up. The jars come from FLINK_HOME, or from PyPI (downloaded once).
    Up {
        /// Flink's version: 1.20, 2.2, 1.20.5 …
        #[arg(long, default_value = DEFAULT_VERSION)]
        flink_version: String,
        /// The REST API's port; 0 picks a free one.
        #[arg(long, default_value_t = 8081)]
        port: u16,
        /// Task slots.
        #[arg(long, default_value_t = 24)]
        slots: u16,
        /// Also start the sample job, at this many records per second.
        #[arg(long, value_name = "RECORDS_PER_SECOND")]
        job: Option<u32>,
    },
    /// Ends the cluster and removes its files.
    Down,
    /// Tells whether the cluster runs, where, and what runs on it.
    Status,
}

pub(crate) fn run(command: &Command) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        match command {
            Command::Up { flink_version, port, slots, job } => up(flink_version, *port, *slots, *job).await,
            Command::Down => down(),
            Command::Status => status().await,
        }
    })
}

fn record_path() -> PathBuf {
    paths::flink_cache().join("cluster.json")
}

/// The cluster that was brought up, if there is one.
pub(crate) fn record() -> Result<Option<DetachedCluster>> {
    match std::fs::read_to_string(record_path()) {
        Ok(text) => {
            Ok(Some(serde_json::from_str(&text).with_context(|| format!("{} is damaged", record_path().display()))?))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("can't read {}", record_path().display())),
    }
}

async fn up(version: &str, port: u16, slots: u16, job: Option<u32>) -> Result<()> {
    if let Some(there) = record()? {
        bail!(
            "a cluster was brought up before, at {}: `cargo xtask flink down` ends it, or clears up if it is gone",
            there.url
        );
    }
    let distribution = Distribution::obtain(version, &paths::flink_cache(), &|line| println!("{line}"))?;
    println!("starting Flink {}", distribution.name);
    let spec = ClusterSpec { port, slots, ..ClusterSpec::default() };
    let directory = paths::flink_cache().join("cluster");
    let record = Cluster::start_detached(&distribution, &spec, directory).await?;
    std::fs::write(record_path(), serde_json::to_string_pretty(&record)?)?;
    println!("Flink is up at {} with {slots} slots; its logs are in {}", record.url, record.directory.display());
    if let Some(rate) = job {
        let curve = LoadCurve::begin(&record.directory, rate)?;
        let job =
            SampleJob::submit_to(&record.url, &record.directory, &distribution, &curve, Duration::from_millis(10))
                .await?;
        println!("the sample job {} runs at {rate} records/s", job.id);
        println!("change its load with: echo \"$(date +%s%3N) RATE\" >> {}", curve.path().display());
    }
    println!("end it with: cargo xtask flink down");
    Ok(())
}

fn down() -> Result<()> {
    let Some(record) = record()? else {
        println!("no cluster was brought up");
        return Ok(());
    };
    for pid in &record.pids {
        if is_ours(*pid, &record) {
            Process::new("kill").arg("-9").arg(pid.to_string()).status()?;
        }
    }
    if record.directory.exists() {
        std::fs::remove_dir_all(&record.directory)?;
    }
    std::fs::remove_file(record_path())?;
    println!("the cluster at {} is down", record.url);
    Ok(())
}

/// Whether a process is still the one we started, and not another with its number.
fn is_ours(pid: u32, record: &DetachedCluster) -> bool {
    let output = Process::new("ps").args(["-o", "args=", "-ww", "-p", &pid.to_string()]).output();
    output.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains(&record.directory.display().to_string()))
}

async fn status() -> Result<()> {
    let Some(record) = record()? else {
        println!("no cluster was brought up; cargo xtask flink up does");
        return Ok(());
    };
    let client = FlinkClient::new(&record.url, Duration::from_secs(5))?;
    match client.get::<Value>("/overview").await {
        Ok(overview) => println!(
            "Flink {} is up at {}: {} of {} slots free, {} jobs running",
            overview["flink-version"].as_str().unwrap_or("?"),
            record.url,
            overview["slots-available"],
            overview["slots-total"],
            overview["jobs-running"],
        ),
        Err(error) => {
            println!(
                "the cluster at {} does not answer ({error}); its logs are in {}",
                record.url,
                record.directory.display()
            );
            return Ok(());
        }
    }
    let jobs: Value = client.get("/jobs/overview").await?;
    for job in jobs["jobs"].as_array().into_iter().flatten() {
        let text = |key: &str| job[key].as_str().unwrap_or("?").to_owned();
        println!("  {} {} {}", text("jid"), text("state"), text("name"));
    }
    Ok(())
}
