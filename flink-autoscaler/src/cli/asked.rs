//! Asking a running process over its HTTP endpoint.

pub(super) mod answers;
mod client;

use anyhow::{Result, bail};
use comfy_table::{ContentArrangement, Table, presets};

use super::program::Program;
use answers::{Events, Job, Jobs, Scalings, WholeJob};
pub(super) use client::{Client, Declined};

/// Pages of jobs that are asked for at most, of 1,000 jobs each.
const MOST_PAGES: usize = 100;

/// Which process.
#[derive(Debug, clap::Args)]
pub(super) struct Process {
    /// Where the endpoint is, instead of autoscaler.standalone.http.address.
    #[arg(long)]
    url: Option<String>,
    /// Options, as those of `run`.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "--key value")]
    options: Vec<String>,
}

impl Process {
    /// A client of it.
    pub(super) fn client(&self, program: &Program) -> Result<Client> {
        Client::new(&program.load_aloud(&self.options)?, self.url.as_deref())
    }
}

/// All jobs that it watches, or those of a cluster.
pub(super) async fn jobs(client: &Client, cluster: Option<&str>) -> Result<Vec<Job>> {
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

/// The path of a job in the API.
pub(super) fn path_of<'a>(cluster: &'a str, key: &'a str) -> [&'a str; 6] {
    ["api", "v1", "clusters", cluster, "jobs", key]
}

/// A job with its latest scalings and events, `latest` of each at most.
pub(super) async fn whole(client: &Client, cluster: &str, key: &str, latest: usize) -> Result<WholeJob> {
    let path = path_of(cluster, key);
    let limit = [("limit", latest.to_string())];
    let mut whole: WholeJob = client.get(&path, &[]).await?;
    whole.scalings = client.get::<Scalings>(&[&path[..], &["scalings"]].concat(), &limit).await?.scalings;
    whole.events = client.get::<Events>(&[&path[..], &["events"]].concat(), &limit).await?.events;
    Ok(whole)
}

/// The one job of a name or id.
pub(super) fn named(jobs: Vec<Job>, wanted: &str) -> Result<Job> {
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

/// A table that is as wide as the terminal, where there is one.
pub(super) fn table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_HORIZONTAL_ONLY).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(header);
    table
}
