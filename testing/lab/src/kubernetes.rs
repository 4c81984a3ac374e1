//! `cargo xtask kubernetes up|deployment|down|status`: a Kubernetes API server for a developer, with the Flink Kubernetes Operator
//! before it.

mod deployment;
mod hold;

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use clap::Subcommand;
use serde::{Deserialize, Serialize};
use servers::kubernetes::{NOBODY, VARIABLE, k3s, obtain};
use servers::operator::VERSION;

use crate::held::{Held, Servers};

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Starts an API server and the Flink Kubernetes Operator, and leaves them running: k3s where a Docker engine can pull it,
    /// else one that is built with Go the first time. The operator is downloaded with Maven.
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
        #[arg(long)]
        k3s: bool,
    },
}

const SERVERS: Servers = Servers { command: "kubernetes", name: "kubernetes", shown: "the API server" };

/// How to connect.
#[derive(Debug, Serialize, Deserialize)]
struct Told {
    kubeconfig: PathBuf,
    /// Where the API server came from.
    origin: String,
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
        Command::Hold { operator, own, k3s } => hold::hold(*operator, *own, *k3s),
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
    let k3s = !own && is_k3s(&say)?;
    if operator {
        hold::jars(&say)?;
        println!("starting the API server and the Flink Kubernetes Operator {VERSION}");
    }
    let start = |k3s: bool| {
        SERVERS.start::<Told>(None, |hold| {
            let flags = [(own, "--own"), (operator, "--operator"), (k3s, "--k3s")];
            hold.args(flags.into_iter().filter_map(|(is_set, flag)| is_set.then_some(flag)));
            match named.as_ref().filter(|_| own) {
                Some(named) => hold.env(VARIABLE, named),
                None => hold.env_remove(VARIABLE),
            };
        })
    };
    match start(k3s) {
        Err(why) if k3s => {
            in_place_of_k3s(&why, &say)?;
            start(false)?;
        }
        started => started?,
    }
    status()?;
    println!("end it with: cargo xtask kubernetes down");
    Ok(())
}

/// Has what an API server is started from; whether that is k3s.
fn is_k3s(say: &dyn Fn(&str)) -> Result<bool> {
    match k3s::obtain(say) {
        Ok(()) => Ok(true),
        Err(why) => in_place_of_k3s(&why, say).map(|()| false),
    }
}

fn in_place_of_k3s(why: &anyhow::Error, say: &dyn Fn(&str)) -> Result<()> {
    say(&format!("no k3s: {why:#}\nan API server that is built here takes its place"));
    obtain(say).map(drop)
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
            "the API server: {}; its context {NOBODY} is a user without rights; there are no nodes and no controllers, so no \
             pod ever runs",
            told.origin
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
