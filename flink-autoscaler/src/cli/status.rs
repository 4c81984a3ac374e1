//! `flink-autoscaler status`: how a running process is doing, asked over its HTTP endpoint.

mod failing;
mod job;
mod overview;

use std::io::Write;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Result, bail};
use serde_json::json;

use super::asked::answers::{Clusters, Job, Readiness, WholeJob};
use super::asked::{self, Client, named};
use super::check::duration;
use super::program::{Program, block_on};
use super::say;

/// Past scalings and events of a job that are shown.
const SHOWN: usize = 5;
/// Nobody knows how it is doing.
const UNKNOWN: u8 = 2;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// As one JSON object, for programs.
    #[arg(long)]
    json: bool,
    /// One job in detail: its id in hex, or its name.
    #[arg(long)]
    job: Option<String>,
    /// Of the jobs, only those of this cluster.
    #[arg(long)]
    cluster: Option<String>,
    /// Time for all answers.
    #[arg(long, value_name = "TIME", default_value = "10 s", value_parser = duration)]
    timeout: Duration,
    #[command(flatten)]
    process: asked::Process,
}

/// Asks and shows; the exit code tells how it is doing.
pub(super) fn run(program: &Program, arguments: &Arguments) -> ExitCode {
    let told = arguments.process.client(program).and_then(|client| {
        block_on(async {
            match tokio::time::timeout(arguments.timeout, ask(&client, arguments)).await {
                Ok(told) => told,
                Err(_) => bail!("it did not tell all within {:?}; --timeout gives it more", arguments.timeout),
            }
        })
    });
    let shown = told.and_then(|told| {
        told.write(arguments.json, &mut std::io::stdout().lock())?;
        Ok(!told.failing.is_empty())
    });
    match shown {
        Ok(is_failing) => ExitCode::from(u8::from(is_failing)),
        // Whoever reads has had enough, as `head` does.
        Err(error) if super::is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            say::failure(&error);
            ExitCode::from(UNKNOWN)
        }
    }
}

/// What a process told.
struct Told {
    url: String,
    readiness: Readiness,
    clusters: Clusters,
    about: About,
    /// What is wrong.
    failing: Vec<String>,
}

enum About {
    Jobs(Vec<Job>),
    One(Box<WholeJob>),
}

async fn ask(client: &Client, arguments: &Arguments) -> Result<Told> {
    let readiness: Readiness = client.get(&["readyz"], &[]).await?;
    let clusters: Clusters = client.get(&["api", "v1", "clusters"], &[]).await?;
    let jobs = asked::jobs(client, arguments.cluster.as_deref()).await?;
    let Some(wanted) = &arguments.job else {
        let failing = failing::of_all(&readiness, &clusters, &jobs);
        return Ok(Told { url: client.shown(), readiness, clusters, about: About::Jobs(jobs), failing });
    };
    let job = named(jobs, wanted)?;
    let whole = asked::whole(client, &job.cluster, &job.key, SHOWN).await?;
    let failing = failing::of_job(&whole.job).into_iter().collect();
    Ok(Told { url: client.shown(), readiness, clusters, about: About::One(Box::new(whole)), failing })
}

impl Told {
    fn write(&self, json: bool, out: &mut impl Write) -> Result<()> {
        let Self { url, readiness, clusters, about, failing } = self;
        if json {
            let mut object = json!({
                "url": url, "healthy": failing.is_empty(), "failing": failing, "ready": readiness.ready,
                "role": readiness.role, "missing": readiness.missing, "clusters": clusters.clusters,
            });
            match about {
                About::Jobs(jobs) => object["jobs"] = json!(jobs),
                About::One(whole) => object["job"] = json!(whole),
            }
            writeln!(out, "{}", serde_json::to_string_pretty(&object)?)?;
            return Ok(out.flush()?);
        }
        match about {
            About::Jobs(jobs) => overview::write(url, readiness, &clusters.clusters, jobs, out)?,
            About::One(whole) => job::write(whole, out)?,
        }
        for problem in failing {
            writeln!(out, "failing: {}", say::one_line(problem))?;
        }
        Ok(out.flush()?)
    }
}

/// An instant as tables have it: UTC, to the second.
fn instant(text: Option<&str>) -> String {
    let Some(text) = text else { return "-".to_owned() };
    say::one_line(&text.chars().take(19).collect::<String>().replace('T', " "))
}
