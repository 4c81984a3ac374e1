//! `cargo xtask db up|down|status`: database servers for a developer.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Result, bail};
use clap::Subcommand;
use serde::{Deserialize, Serialize};
use servers::database::Server;

use crate::held::{Held, Servers};
use crate::provision;

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

const DATABASES: Servers = Servers { command: "db", name: "databases", shown: "the databases" };

/// The variables that name the servers.
#[derive(Debug, Serialize, Deserialize)]
struct Told {
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

fn held() -> Result<Option<Held<Told>>> {
    DATABASES.held()
}

fn up(may_install: bool) -> Result<()> {
    if held()?.is_some() {
        bail!("databases were brought up before: cargo xtask db down ends them");
    }
    provision::databases(may_install)?;
    DATABASES.start::<Told>(Some(START_WITHIN), |_| ())?;
    status()?;
    println!("end them with: cargo xtask db down");
    Ok(())
}

fn down() -> Result<()> {
    let Some(held) = held()? else {
        println!("no databases were brought up");
        return Ok(());
    };
    DATABASES.end(&held)?;
    println!("the databases are down");
    Ok(())
}

fn status() -> Result<()> {
    let Some(held) = held()? else {
        println!("no databases were brought up; cargo xtask db up does");
        return Ok(());
    };
    for (variable, url) in held.told.variables {
        println!("export {variable}={url}");
    }
    Ok(())
}

fn hold() -> Result<()> {
    let url = |server: Server| (server.variable().to_owned(), servers::database::server(server).base);
    DATABASES.tell(Told { variables: SERVERS.into_iter().map(url).collect() })?;
    loop {
        std::thread::park();
    }
}
