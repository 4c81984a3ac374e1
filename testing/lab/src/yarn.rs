//! `cargo xtask yarn up|down|status`: a real YARN for a developer, with Flink applications on it.

use std::path::PathBuf;
use std::process::{Command as Process, Stdio};

use anyhow::{Context, Result, bail};
use clap::Subcommand;
use flink_rest::FlinkClient;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use servers::flink::{DEFAULT_VERSION, Distribution, LoadCurve};
use servers::yarn::{FlinkOnYarn, Hadoop, Submission, Yarn, clear};

use crate::paths;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Starts a ResourceManager, a NodeManager and a ZooKeeper, and leaves them running. Hadoop's jars come from HADOOP_HOME, or from
    /// Maven Central (downloaded once).
    Up {
        /// The port of the ResourceManager's REST API; 0 picks a free one.
        #[arg(long, default_value_t = 8088)]
        port: u16,
        /// Also submit the sample job in application mode, at this many records per second.
        #[arg(long, value_name = "RECORDS_PER_SECOND")]
        job: Option<u32>,
        /// Also submit a session without a job.
        #[arg(long)]
        session: bool,
    },
    /// Ends it, with its applications, and removes its files.
    Down,
    /// Tells whether it runs, where, and what runs on it.
    Status,
    /// Holds it; what `up` starts.
    #[command(hide = true)]
    Hold {
        #[arg(long)]
        port: u16,
        #[arg(long)]
        job: Option<u32>,
        #[arg(long)]
        session: bool,
    },
}

/// The process that holds the cluster, and where that is.
#[derive(Debug, Serialize, Deserialize)]
struct HeldCluster {
    pid: u32,
    url: String,
    /// The file that steers the sample job's load.
    curve: Option<PathBuf>,
}

pub(crate) fn run(command: &Command) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    match command {
        Command::Up { port, job, session } => up(&runtime, *port, *job, *session),
        Command::Down => down(),
        Command::Status => runtime.block_on(status()),
        Command::Hold { port, job, session } => runtime.block_on(hold(*port, *job, *session)),
    }
}

fn record_path() -> PathBuf {
    paths::target().join("yarn.json")
}

fn directory() -> PathBuf {
    paths::target().join("yarn-cluster")
}

/// What was brought up, if its process is still there.
fn record() -> Result<Option<HeldCluster>> {
    let text = match std::fs::read_to_string(record_path()) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).with_context(|| format!("can't read {}", record_path().display())),
    };
    let record: HeldCluster =
        serde_json::from_str(&text).with_context(|| format!("{} is damaged", record_path().display()))?;
    let arguments = Process::new("ps").args(["-o", "args=", "-ww", "-p", &record.pid.to_string()]).output()?;
    Ok(String::from_utf8_lossy(&arguments.stdout).contains("yarn hold").then_some(record))
}

fn up(runtime: &tokio::runtime::Runtime, port: u16, job: Option<u32>, session: bool) -> Result<()> {
    if let Some(there) = record()? {
        bail!("a YARN was brought up before, at {}: cargo xtask yarn down ends it", there.url);
    }
    // What takes long is said here.
    Hadoop::obtain(&|line| println!("{line}"))?;
    if session || job.is_some() {
        Distribution::obtain(DEFAULT_VERSION, &paths::flink_cache(), &|line| println!("{line}"))?;
    }
    println!("starting YARN, and what runs on it");
    let _stale = std::fs::remove_file(record_path());
    clear(&directory())?;
    let log = paths::target().join("yarn.log");
    let output = std::fs::File::create(&log)?;
    let mut hold = Process::new(std::env::current_exe()?);
    hold.args(["yarn", "hold", "--port", &port.to_string()]);
    hold.args(job.map(|rate| format!("--job={rate}"))).args(session.then_some("--session"));
    hold.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output);
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut hold, 0);
    let mut holder = hold.spawn()?;
    // Whoever holds it gives up by itself where it does not come up.
    while record()?.is_none() {
        if holder.try_wait()?.is_some() {
            clear(&directory())?;
            bail!("YARN did not come up:\n{}", std::fs::read_to_string(&log).unwrap_or_default());
        }
        std::thread::sleep(std::time::Duration::from_millis(200));
    }
    runtime.block_on(status())?;
    println!("its logs are in {}", directory().display());
    println!("end it with: cargo xtask yarn down");
    Ok(())
}

fn down() -> Result<()> {
    let Some(record) = record()? else {
        println!("no YARN was brought up");
        return Ok(());
    };
    // Its processes end with the one that holds them, but not its applications.
    Process::new("kill").args(["-9", &record.pid.to_string()]).status()?;
    clear(&directory())?;
    std::fs::remove_file(record_path())?;
    println!("the YARN at {} is down", record.url);
    Ok(())
}

async fn status() -> Result<()> {
    let Some(record) = record()? else {
        println!("no YARN was brought up; cargo xtask yarn up does");
        return Ok(());
    };
    println!("the ResourceManager is at {}", record.url);
    let client = FlinkClient::new(&record.url, std::time::Duration::from_secs(5))?;
    let all: Value = client.get("/ws/v1/cluster/apps").await?;
    for application in all["apps"]["app"].as_array().into_iter().flatten() {
        let text = |key: &str| application[key].as_str().unwrap_or("nowhere").to_owned();
        println!(
            "  {} {} {} at {}, {} containers",
            text("id"),
            text("name"),
            text("state"),
            text("amRPCAddress"),
            application["runningContainers"]
        );
    }
    println!("watch it with:");
    println!(
        "  flink-autoscaler run --autoscaler.standalone.fetcher.type=YARN \\\n    \
         --autoscaler.standalone.fetcher.yarn.resource-managers={} --job.autoscaler.enabled=true",
        record.url
    );
    if let Some(curve) = record.curve {
        println!("change the sample job's load with: echo \"$(date +%s%3N) RATE\" >> {}", curve.display());
    }
    Ok(())
}

async fn hold(port: u16, job: Option<u32>, session: bool) -> Result<()> {
    let hadoop = Hadoop::obtain(&|line| println!("{line}"))?;
    let yarn = Yarn::start(&hadoop, &directory(), port).await?;
    let mut path = None;
    if session || job.is_some() {
        let distribution = Distribution::obtain(DEFAULT_VERSION, &paths::flink_cache(), &|line| println!("{line}"))?;
        let flink = FlinkOnYarn::new(&yarn, &distribution)?;
        if let Some(rate) = job {
            let curve = LoadCurve::begin(yarn.directory(), rate)?;
            flink.submit("orders", Submission::Application(&curve), &[]).await?;
            path = Some(curve.path().to_owned());
        }
        if session {
            flink.submit("session", Submission::Session, &[]).await?;
        }
    }
    let record = HeldCluster { pid: std::process::id(), url: yarn.url(), curve: path };
    // Written beside and moved, so that nobody reads half of it.
    let fresh = record_path().with_extension("new");
    std::fs::write(&fresh, serde_json::to_string_pretty(&record)?)?;
    std::fs::rename(fresh, record_path())?;
    std::future::pending().await
}
