//! `cargo xtask kubernetes up|deployment|down|status`: a Kubernetes API server for a developer, with the Flink Kubernetes Operator
//! before it.

mod deployment;
mod hold;

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use clap::Subcommand;
use serde::{Deserialize, Serialize};
use servers::kubernetes::{NOBODY, VARIABLE, obtain};
use servers::operator::VERSION;

use crate::held::{Held, Servers};

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

const SERVERS: Servers = Servers { command: "kubernetes", name: "kubernetes", shown: "the API server" };

/// How to connect.
#[derive(Debug, Serialize, Deserialize)]
struct Told {
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

fn held() -> Result<Option<Held<Told>>> {
    SERVERS.held()
}

fn up(operator: bool, own: bool) -> Result<()> {
    if held()?.is_some() {
        bail!("an API server was brought up before: cargo xtask kubernetes down ends it");
    }
    let say = |line: &str| println!("{line}");
    let named = std::env::var_os("KUBECONFIG").filter(|path| !path.is_empty());
    if own && named.is_none() {
        bail!("KUBECONFIG names no cluster: set it to the path of a kubeconfig");
    }
    if !own {
        obtain(&say)?;
    }
    if operator {
        hold::jars(&say)?;
        println!("starting etcd, the API server and the Flink Kubernetes Operator {VERSION}");
    }
    SERVERS.start::<Told>(None, |hold| {
        hold.args(own.then_some("--own")).args(operator.then_some("--operator"));
        match named.filter(|_| own) {
            Some(named) => hold.env(VARIABLE, named),
            None => hold.env_remove(VARIABLE),
        };
    })?;
    status()?;
    println!("end it with: cargo xtask kubernetes down");
    Ok(())
}

fn down() -> Result<()> {
    let Some(held) = held()? else {
        println!("nothing was brought up");
        return Ok(());
    };
    SERVERS.end(&held)?;
    if let Some(directory) = &held.told.operator {
        std::fs::remove_dir_all(directory).with_context(|| format!("can't remove {}", directory.display()))?;
    }
    println!("{}", if held.told.is_own { "your cluster is left as it is" } else { "the API server is down" });
    Ok(())
}

fn status() -> Result<()> {
    let Some(Held { told, .. }) = held()? else {
        println!("nothing was brought up; cargo xtask kubernetes up does");
        return Ok(());
    };
    let path = told.kubeconfig.display();
    println!("for tests:   export {VARIABLE}={path}");
    println!("for kubectl: export KUBECONFIG={path}");
    if !told.is_own {
        println!(
            "its context {NOBODY} is a user without rights; there are no nodes and no controllers, so no pod ever runs"
        );
    }
    if let Some(directory) = &told.operator {
        println!(
            "the operator {VERSION} looks after all namespaces; its log: {}\n\
             a job for it: cargo xtask flink up --job 80, then cargo xtask kubernetes deployment | kubectl apply --filename -",
            directory.join("operator.log").display()
        );
    }
    Ok(())
}
