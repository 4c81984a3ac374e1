//! `flink-autoscaler status`: how a running process is doing, asked over its HTTP endpoint.

mod answers;
mod client;
mod failing;
mod job;
mod overview;

use std::io::Write;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Result, bail};
use autoscaler::autoscaler_core::options::Configuration;
use comfy_table::{ContentArrangement, Table, presets};
use serde_json::json;

use super::check::duration;
use super::program::{Program, block_on};
use super::say;
use answers::{Clusters, Job, Jobs, Readiness, WholeJob};
use client::Client;

/// Pages of jobs that are asked for at most, of 1,000 jobs each.
const MOST_PAGES: usize = 100;
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
    /// Where the endpoint is, instead of autoscaler.standalone.http.address.
    #[arg(long)]
    url: Option<String>,
    /// Time for all answers.
    #[arg(long, value_name = "TIME", default_value = "10 s", value_parser = duration)]
    timeout: Duration,
    /// Options, as those of `run`.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "--key value")]
    options: Vec<String>,
}

/// Asks and shows; the exit code tells how it is doing.
pub(super) fn run(program: &Program, arguments: &Arguments) -> ExitCode {
    let told = program.load_aloud(&arguments.options).and_then(|configuration| {
        block_on(async {
            match tokio::time::timeout(arguments.timeout, ask(&configuration, arguments)).await {
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

async fn ask(configuration: &Configuration, arguments: &Arguments) -> Result<Told> {
    let client = Client::new(configuration, arguments.url.as_deref())?;
    let readiness: Readiness = client.get(&["readyz"], &[]).await?;
    let clusters: Clusters = client.get(&["api", "v1", "clusters"], &[]).await?;
    let jobs = jobs(&client, arguments.cluster.as_deref()).await?;
    let Some(wanted) = &arguments.job else {
        let failing = failing::of_all(&readiness, &clusters, &jobs);
        return Ok(Told { url: client.shown(), readiness, clusters, about: About::Jobs(jobs), failing });
    };
    let job = named(jobs, wanted)?;
    let path = ["api", "v1", "clusters", &job.cluster, "jobs", &job.key];
    let limit = [("limit", SHOWN.to_string())];
    let mut whole: WholeJob = client.get(&path, &[]).await?;
    whole.scalings = client.get::<answers::Scalings>(&[&path[..], &["scalings"]].concat(), &limit).await?.scalings;
    whole.events = client.get::<answers::Events>(&[&path[..], &["events"]].concat(), &limit).await?.events;
    let failing = failing::of_job(&whole.job).into_iter().collect();
    Ok(Told { url: client.shown(), readiness, clusters, about: About::One(Box::new(whole)), failing })
}

async fn jobs(client: &Client, cluster: Option<&str>) -> Result<Vec<Job>> {
    let mut all = Vec::new();
    let mut after = None;
    for _ in 0..MOST_PAGES {
        let of_cluster = cluster.map(|name| ("cluster", name.to_owned()));
        let behind = after.take().map(|after: String| ("after", after));
        let query: Vec<_> = [("limit", "1000".to_owned())].into_iter().chain(of_cluster).chain(behind).collect();
        let page: Jobs = client.get(&["api", "v1", "jobs"], &query).await?;
        all.extend(page.jobs);
        let Some(next) = page.next else { return Ok(all) };
        after = Some(next);
    }
    bail!("it watches more than {} jobs: ask for those of one cluster with --cluster", all.len())
}

/// The one job of a name or id.
fn named(jobs: Vec<Job>, wanted: &str) -> Result<Job> {
    let is_it = |job: &Job| job.key == wanted || job.id == wanted || job.name == wanted;
    let mut found: Vec<Job> = jobs.into_iter().filter(is_it).collect();
    match found.len() {
        0 => bail!("it watches no such job; `flink-autoscaler status` lists those that it does"),
        1 => Ok(found.remove(0)),
        _ => {
            let places: Vec<String> = found.iter().map(|job| format!("{} on {}", job.key, job.cluster)).collect();
            bail!("several jobs are meant: {}; name one by its id, and its cluster with --cluster", places.join(", "))
        }
    }
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

/// A table that is as wide as the terminal, where there is one.
fn table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_HORIZONTAL_ONLY).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(header);
    table
}

/// An instant as tables have it: UTC, to the second.
fn instant(text: Option<&str>) -> String {
    let Some(text) = text else { return "-".to_owned() };
    say::one_line(&text.chars().take(19).collect::<String>().replace('T', " "))
}
