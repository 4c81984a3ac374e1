//! `flink-autoscaler approve`: has a running process carry out a scaling that it proposes.

use std::io::Write;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::json;

use super::asked::answers::{Events, Proposal, WholeJob};
use super::asked::{self, Client, Declined, named};
use super::check::duration;
use super::program::{Program, block_on};
use super::say::{self, one_line};

/// Nobody knows what comes of it.
const UNKNOWN: u8 = 2;
/// Between two looks at what came of it.
const PAUSE: Duration = Duration::from_millis(500);
/// Events that are looked through for what came of it.
const LATEST: &str = "50";
/// The reason of the event of an approved scaling.
const APPROVED: &str = "ScalingApproved";

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The job: its id in hex, or its name.
    #[arg(long)]
    job: String,
    /// The proposal that was seen. Without it what is proposed is shown, and nothing is approved.
    #[arg(long, value_name = "ID")]
    proposal: Option<String>,
    /// Who approves, for those who read events.
    #[arg(long, value_name = "NAME", env = "USER", hide_env_values = true)]
    by: Option<String>,
    /// The cluster of the job, where its name is that of several.
    #[arg(long)]
    cluster: Option<String>,
    /// Time in which it is to be carried out.
    #[arg(long, value_name = "TIME", default_value = "2 min", value_parser = duration)]
    timeout: Duration,
    #[command(flatten)]
    process: asked::Process,
}

/// Shows what is proposed, or approves it and waits for what comes of it, which the exit code tells.
pub(super) fn run(program: &Program, arguments: &Arguments) -> ExitCode {
    let ended = arguments.process.client(program).and_then(|client| {
        block_on(async {
            match tokio::time::timeout(arguments.timeout, walk(&client, arguments)).await {
                Ok(ended) => ended,
                Err(_) => bail!(
                    "it is not known what comes of it within {:?}; `flink-autoscaler status` tells",
                    arguments.timeout
                ),
            }
        })
    });
    match ended {
        Ok(is_done) => ExitCode::from(u8::from(!is_done)),
        Err(error) => {
            say::failure(&error);
            if error.is::<Declined>() { ExitCode::FAILURE } else { ExitCode::from(UNKNOWN) }
        }
    }
}

/// Whether there is something to approve, or what was approved is carried out.
async fn walk(client: &Client, arguments: &Arguments) -> Result<bool> {
    let job = named(asked::jobs(client, arguments.cluster.as_deref()).await?, &arguments.job)?;
    let path = asked::path_of(&job.cluster, &job.key);
    let Some(id) = &arguments.proposal else {
        let whole: WholeJob = client.get(&path, &[]).await?;
        return show(&whole, &mut std::io::stdout().lock());
    };
    let asked = json!({ "proposal": id, "by": arguments.by });
    let _accepted: Proposal = client.post(&[&path[..], &["approve"]].concat(), &asked).await?;
    loop {
        tokio::time::sleep(PAUSE).await;
        let whole: WholeJob = client.get(&path, &[]).await?;
        if whole.proposal.is_some_and(|proposal| proposal.id == *id) {
            continue;
        }
        let limit = [("limit", LATEST.to_owned())];
        let events: Events = client.get(&[&path[..], &["events"]].concat(), &limit).await?;
        // The read model learns of a cycle a moment after approvals do.
        let Some(event) = events.events.iter().find(|event| event.message.contains(id.as_str())) else { continue };
        writeln!(std::io::stdout(), "{}", one_line(&event.message)).context("can't write the output")?;
        return Ok(event.reason == APPROVED);
    }
}

/// Shows what is proposed; whether anything is.
fn show(whole: &WholeJob, out: &mut impl Write) -> Result<bool> {
    let name = one_line(&format!("{} ({}) on {}", whole.job.name, whole.job.key, whole.job.cluster));
    let Some(proposal) = &whole.proposal else {
        let why = whole.job.why.as_deref().map(|why| format!(": {}", one_line(why))).unwrap_or_default();
        writeln!(out, "{name}: nothing is proposed{why}")?;
        return Ok(false);
    };
    writeln!(out, "{name}: proposed since {}, until {}", one_line(&proposal.since), one_line(&proposal.until))?;
    let mut table = asked::table(&["vertex", "subtasks", "why"]);
    let vertices = || whole.cycle.iter().flat_map(|cycle| &cycle.vertices);
    for change in &proposal.vertices {
        let why = vertices().find(|vertex| vertex.id == change.vertex).and_then(|vertex| vertex.why.as_deref());
        table.add_row([
            one_line(&change.name),
            format!("{} -> {}", change.from, change.to),
            one_line(why.unwrap_or("-")),
        ]);
    }
    writeln!(out, "\n{table}\n")?;
    match &proposal.approved_by {
        Some(by) => writeln!(out, "approved by {}: the job's next cycle carries it out", one_line(by))?,
        None => writeln!(out, "to have it carried out, the same command with --proposal {}", one_line(&proposal.id))?,
    }
    Ok(true)
}
