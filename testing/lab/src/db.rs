//! `cargo xtask db up|down|status`: database servers for a developer.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Command as Process, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use clap::Subcommand;
use serde::{Deserialize, Serialize};
use servers::database::Server;

use crate::{paths, provision};

const SERVERS: [Server; 3] = [Server::Postgres, Server::MySql, Server::MariaDb];
const START_WITHIN: Duration = Duration::from_secs(300);

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Starts PostgreSQL, MySQL and MariaDB and leaves them running.
    Up {
        /// Install nothing on this machine; say what is missing instead.
        #[arg(long)]
        no_install: bool,
    },
    /// Ends them.
    Down,
    /// Tells whether they run, and where.
    Status,
    /// Holds the servers; what `up` starts.
    #[command(hide = true)]
    Hold,
}

/// The process that holds the servers, and the variables that name them.
#[derive(Debug, Serialize, Deserialize)]
struct HeldServers {
    pid: u32,
    variables: BTreeMap<String, String>,
}

pub(crate) fn run(command: &Command) -> Result<()> {
    match command {
        Command::Up { no_install } => up(!no_install),
        Command::Down => down(),
        Command::Status => status(),
        Command::Hold => hold(),
    }
}

fn record_path() -> PathBuf {
    paths::target().join("databases.json")
}

/// What was brought up, if its process is still there.
fn record() -> Result<Option<HeldServers>> {
    let text = match std::fs::read_to_string(record_path()) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).with_context(|| format!("can't read {}", record_path().display())),
    };
    let record: HeldServers =
        serde_json::from_str(&text).with_context(|| format!("{} is damaged", record_path().display()))?;
    let arguments = Process::new("ps").args(["-o", "args=", "-p", &record.pid.to_string()]).output()?;
    Ok(String::from_utf8_lossy(&arguments.stdout).contains("db hold").then_some(record))
}

fn up(may_install: bool) -> Result<()> {
    if record()?.is_some() {
        bail!("databases were brought up before: cargo xtask db down ends them");
    }
    provision::databases(may_install)?;
    let _stale = std::fs::remove_file(record_path());
    let log = paths::target().join("databases.log");
    let output = std::fs::File::create(&log)?;
    let mut hold = Process::new(std::env::current_exe()?);
    hold.args(["db", "hold"]).stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output);
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut hold, 0);
    let mut holder = hold.spawn()?;
    let deadline = Instant::now() + START_WITHIN;
    while record()?.is_none() {
        if holder.try_wait()?.is_some() || Instant::now() > deadline {
            bail!("the databases did not come up:\n{}", std::fs::read_to_string(&log).unwrap_or_default());
        }
        std::thread::sleep(Duration::from_millis(200));
    }
    status()?;
    println!("end them with: cargo xtask db down");
    Ok(())
}

fn down() -> Result<()> {
    let Some(record) = record()? else {
        println!("no databases were brought up");
        return Ok(());
    };
    // The servers end with the process that holds them.
    Process::new("kill").args(["-9", &record.pid.to_string()]).status()?;
    std::fs::remove_file(record_path())?;
    println!("the databases are down");
    Ok(())
}

fn status() -> Result<()> {
    let Some(record) = record()? else {
        println!("no databases were brought up; cargo xtask db up does");
        return Ok(());
    };
    for (variable, url) in record.variables {
        println!("export {variable}={url}");
    }
    Ok(())
}

fn hold() -> Result<()> {
    let url = |server: Server| (server.variable().to_owned(), servers::database::server(server).base);
    let record = HeldServers { pid: std::process::id(), variables: SERVERS.into_iter().map(url).collect() };
    // Written beside and moved, so that nobody reads half of it.
    let fresh = record_path().with_extension("new");
    std::fs::write(&fresh, serde_json::to_string_pretty(&record)?)?;
    std::fs::rename(fresh, record_path())?;
    loop {
        std::thread::park();
    }
}
