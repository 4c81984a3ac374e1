//! `cargo xtask yarn up|down|status`: a real YARN for a developer, with Flink applications on it.

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Subcommand;
use flink_rest::FlinkClient;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use servers::flink::{DEFAULT_VERSION, Distribution, LoadCurve};
use servers::yarn::{FlinkOnYarn, Hadoop, Submission, Yarn, clear};

use crate::held::{Held, Servers};
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

const YARN: Servers = Servers { command: "yarn", name: "yarn", shown: "YARN" };

/// Where the cluster is.
#[derive(Debug, Serialize, Deserialize)]
struct Told {
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

fn directory() -> PathBuf {
    paths::target().join("yarn-cluster")
}

fn held() -> Result<Option<Held<Told>>> {
    YARN.held()
}

fn up(runtime: &tokio::runtime::Runtime, port: u16, job: Option<u32>, session: bool) -> Result<()> {
    if let Some(there) = held()? {
        bail!("a YARN was brought up before, at {}: cargo xtask yarn down ends it", there.told.url);
    }
    // What takes long is said here.
    Hadoop::obtain(&|line| println!("{line}"))?;
    if session || job.is_some() {
        Distribution::obtain(DEFAULT_VERSION, &paths::flink_cache(), &|line| println!("{line}"))?;
    }
    println!("starting YARN, and what runs on it");
    clear(&directory())?;
    let started = YARN.start::<Told>(None, |hold| {
        hold.args(["--port", &port.to_string()]);
        hold.args(job.map(|rate| format!("--job={rate}"))).args(session.then_some("--session"));
    });
    if let Err(error) = started {
        clear(&directory())?;
        return Err(error);
    }
    runtime.block_on(status())?;
    println!("its logs are in {}", directory().display());
    println!("end it with: cargo xtask yarn down");
    Ok(())
}

fn down() -> Result<()> {
    let Some(held) = held()? else {
        println!("no YARN was brought up");
        return Ok(());
    };
    YARN.end(&held)?;
    // Its applications don't end with it.
    clear(&directory())?;
    println!("the YARN at {} is down", held.told.url);
    Ok(())
}

async fn status() -> Result<()> {
    let Some(Held { told, .. }) = held()? else {
        println!("no YARN was brought up; cargo xtask yarn up does");
        return Ok(());
    };
    println!("the ResourceManager is at {}", told.url);
    let client = FlinkClient::new(&told.url, std::time::Duration::from_secs(5))?;
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
        told.url
    );
    if let Some(curve) = told.curve {
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
    YARN.tell(Told { url: yarn.url(), curve: path })?;
    std::future::pending().await
}
