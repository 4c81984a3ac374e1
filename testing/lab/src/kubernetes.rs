//! `cargo xtask kubernetes up|down|status`: a Kubernetes API server for a developer.

use std::path::PathBuf;
use std::process::{Command as Process, Stdio};

use anyhow::{Context, Result, bail};
use clap::Subcommand;
use serde::{Deserialize, Serialize};
use servers::kubernetes::{ApiServer, NOBODY, VARIABLE, obtain};

use crate::paths;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Starts an API server that knows the operator's resources, and leaves it running. Builds it with Go the first time.
    Up,
    /// Ends it.
    Down,
    /// Tells whether it runs, and where.
    Status,
    /// Holds the server; what `up` starts.
    #[command(hide = true)]
    Hold,
}

/// The process that holds the server, and how to connect.
#[derive(Debug, Serialize, Deserialize)]
struct HeldServer {
    pid: u32,
    kubeconfig: PathBuf,
}

pub(crate) fn run(command: &Command) -> Result<()> {
    match command {
        Command::Up => up(),
        Command::Down => down(),
        Command::Status => status(),
        Command::Hold => hold(),
    }
}

fn record_path() -> PathBuf {
    paths::target().join("kubernetes.json")
}

/// What was brought up, if its process is still there.
fn record() -> Result<Option<HeldServer>> {
    let text = match std::fs::read_to_string(record_path()) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).with_context(|| format!("can't read {}", record_path().display())),
    };
    let record: HeldServer =
        serde_json::from_str(&text).with_context(|| format!("{} is damaged", record_path().display()))?;
    let arguments = Process::new("ps").args(["-o", "args=", "-p", &record.pid.to_string()]).output()?;
    Ok(String::from_utf8_lossy(&arguments.stdout).contains("kubernetes hold").then_some(record))
}

fn up() -> Result<()> {
    if record()?.is_some() {
        bail!("an API server was brought up before: cargo xtask kubernetes down ends it");
    }
    obtain(&|line| println!("{line}"))?;
    let _stale = std::fs::remove_file(record_path());
    let log = paths::target().join("kubernetes.log");
    let output = std::fs::File::create(&log)?;
    let mut hold = Process::new(std::env::current_exe()?);
    hold.args(["kubernetes", "hold"]).env_remove(VARIABLE);
    hold.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output);
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut hold, 0);
    let mut holder = hold.spawn()?;
    // Whoever holds it gives up by itself where the server does not get ready.
    while record()?.is_none() {
        if holder.try_wait()?.is_some() {
            bail!("the API server did not come up:\n{}", std::fs::read_to_string(&log).unwrap_or_default());
        }
        std::thread::sleep(std::time::Duration::from_millis(200));
    }
    status()?;
    println!("end it with: cargo xtask kubernetes down");
    Ok(())
}

fn down() -> Result<()> {
    let Some(record) = record()? else {
        println!("no API server was brought up");
        return Ok(());
    };
    // The server ends with the process that holds it.
    Process::new("kill").args(["-9", &record.pid.to_string()]).status()?;
    std::fs::remove_file(record_path())?;
    println!("the API server is down");
    Ok(())
}

fn status() -> Result<()> {
    let Some(record) = record()? else {
        println!("no API server was brought up; cargo xtask kubernetes up does");
        return Ok(());
    };
    let path = record.kubeconfig.display();
    println!("for tests:   export {VARIABLE}={path}");
    println!("for kubectl: export KUBECONFIG={path}");
    println!(
        "its context {NOBODY} is a user without rights; there are no nodes and no controllers, so no pod ever runs"
    );
    Ok(())
}

fn hold() -> Result<()> {
    let record = HeldServer { pid: std::process::id(), kubeconfig: ApiServer::of_this_process().kubeconfig };
    // Written beside and moved, so that nobody reads half of it.
    let fresh = record_path().with_extension("new");
    std::fs::write(&fresh, serde_json::to_string_pretty(&record)?)?;
    std::fs::rename(fresh, record_path())?;
    loop {
        std::thread::park();
    }
}
