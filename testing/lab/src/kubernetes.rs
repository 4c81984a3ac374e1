//! `cargo xtask kubernetes up|deployment|down|status`: a Kubernetes API server for a developer, with the Flink Kubernetes Operator
//! before it.

mod deployment;
mod hold;

use std::path::PathBuf;
use std::process::{Command as Process, Stdio};

use anyhow::{Context, Result, bail};
use clap::Subcommand;
use serde::{Deserialize, Serialize};
use servers::kubernetes::{NOBODY, VARIABLE, obtain};
use servers::operator::VERSION;

use crate::paths;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Starts an API server and the Flink Kubernetes Operator, and leaves them running. Builds the one with Go and downloads the
    /// other with Maven the first time.
    Up {
        /// The API server alone.
        #[arg(long)]
        no_operator: bool,
        /// The cluster that KUBECONFIG names instead of one that is started; what runs there is left alone.
        #[arg(long)]
        own: bool,
    },
    /// Prints a FlinkDeployment of the job that runs on the Flink of `cargo xtask flink up --job RATE`, for `kubectl apply
    /// --filename -`. The operator takes that job for the one it has deployed.
    Deployment,
    /// Ends them.
    Down,
    /// Tells whether they run, and where.
    Status,
    /// Holds the servers; what `up` starts.
    #[command(hide = true)]
    Hold {
        #[arg(long)]
        operator: bool,
        #[arg(long)]
        own: bool,
    },
}

/// The process that holds the servers, and how to connect.
#[derive(Debug, Serialize, Deserialize)]
struct Held {
    pid: u32,
    kubeconfig: PathBuf,
    /// Whether the cluster is the developer's.
    is_own: bool,
    /// The operator's files, where it runs.
    operator: Option<PathBuf>,
}

pub(crate) fn run(command: &Command) -> Result<()> {
    match command {
        Command::Up { no_operator, own } => up(!no_operator && !own, *own),
        Command::Deployment => deployment::print(),
        Command::Down => down(),
        Command::Status => status(),
        Command::Hold { operator, own } => hold::hold(*operator, *own),
    }
}

fn record_path() -> PathBuf {
    paths::target().join("kubernetes.json")
}

/// What was brought up, if its process is still there.
fn record() -> Result<Option<Held>> {
    let text = match std::fs::read_to_string(record_path()) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).with_context(|| format!("can't read {}", record_path().display())),
    };
    let record: Held =
        serde_json::from_str(&text).with_context(|| format!("{} is damaged", record_path().display()))?;
    let arguments = Process::new("ps").args(["-o", "args=", "-p", &record.pid.to_string()]).output()?;
    Ok(String::from_utf8_lossy(&arguments.stdout).contains("kubernetes hold").then_some(record))
}

fn up(operator: bool, own: bool) -> Result<()> {
    if record()?.is_some() {
        bail!("an API server was brought up before: cargo xtask kubernetes down ends it");
    }
    let say = |line: &str| println!("{line}");
    let mut hold = Process::new(std::env::current_exe()?);
    hold.args(["kubernetes", "hold"]);
    if own {
        let named = std::env::var_os("KUBECONFIG").filter(|path| !path.is_empty());
        let Some(named) = named else { bail!("KUBECONFIG names no cluster: set it to the path of a kubeconfig") };
        hold.arg("--own").env(VARIABLE, named);
    } else {
        obtain(&say)?;
        hold.env_remove(VARIABLE);
    }
    if operator {
        hold::jars(&say)?;
        hold.arg("--operator");
        println!("starting etcd, the API server and the Flink Kubernetes Operator {VERSION}");
    }
    let _stale = std::fs::remove_file(record_path());
    let log = paths::target().join("kubernetes.log");
    let output = std::fs::File::create(&log)?;
    hold.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output);
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut hold, 0);
    let mut holder = hold.spawn()?;
    // Whoever holds them gives up by itself where they do not get ready.
    while record()?.is_none() {
        if holder.try_wait()?.is_some() {
            bail!("they did not come up:\n{}", std::fs::read_to_string(&log).unwrap_or_default());
        }
        std::thread::sleep(std::time::Duration::from_millis(200));
    }
    status()?;
    println!("end it with: cargo xtask kubernetes down");
    Ok(())
}

fn down() -> Result<()> {
    let Some(record) = record()? else {
        println!("nothing was brought up");
        return Ok(());
    };
    // The servers end with the process that holds them.
    Process::new("kill").args(["-9", &record.pid.to_string()]).status()?;
    std::fs::remove_file(record_path())?;
    if let Some(directory) = &record.operator {
        std::fs::remove_dir_all(directory).with_context(|| format!("can't remove {}", directory.display()))?;
    }
    println!("{}", if record.is_own { "your cluster is left as it is" } else { "the API server is down" });
    Ok(())
}

fn status() -> Result<()> {
    let Some(record) = record()? else {
        println!("nothing was brought up; cargo xtask kubernetes up does");
        return Ok(());
    };
    let path = record.kubeconfig.display();
    println!("for tests:   export {VARIABLE}={path}");
    println!("for kubectl: export KUBECONFIG={path}");
    if !record.is_own {
        println!(
            "its context {NOBODY} is a user without rights; there are no nodes and no controllers, so no pod ever runs"
        );
    }
    if let Some(directory) = &record.operator {
        println!(
            "the operator {VERSION} looks after all namespaces; its log: {}\n\
             a job for it: cargo xtask flink up --job 80, then cargo xtask kubernetes deployment | kubectl apply --filename -",
            directory.join("operator.log").display()
        );
    }
    Ok(())
}
