//! `flink-autoscaler events`: what happened, from the database.

use std::io::Write;
use std::time::Duration;

use anyhow::{Result, bail};
use autoscaler::autoscaler_core::PortError;
use autoscaler::autoscaler_core::options::value::OptionValue;
use autoscaler::autoscaler_core::options::{Configuration, Shown, shown_value};
use autoscaler::autoscaler_core::time::{self, Instant};
use autoscaler::autoscaler_runtime::RuntimeOptions;
use autoscaler::handler_jdbc::{EventFilter, StoredEvent, events};
use autoscaler::sql_database::register::open_event_database;

use super::program::{Program, block_on};

/// Time between two queries with --follow.
const FOLLOW: Duration = Duration::from_secs(1);

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Of this job only: its key, as the events show it.
    #[arg(long)]
    job: Option<String>,
    /// Happened within this time (such as '2 h'), or since an instant (such as 2026-11-24T10:00:00Z).
    #[arg(long)]
    since: Option<String>,
    /// With this reason only, such as ScalingReport.
    #[arg(long)]
    reason: Option<String>,
    /// Go on showing events as they happen.
    #[arg(long)]
    follow: bool,
    /// The latest so many; 0: all.
    #[arg(long, default_value_t = 100)]
    limit: u32,
    /// One JSON object a line, for programs.
    #[arg(long)]
    json: bool,
    /// Options, as those of `run`.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "--key value")]
    options: Vec<String>,
}

pub(super) fn run(mut program: Program, arguments: &Arguments) -> Result<()> {
    let configuration = program.load_aloud(&arguments.options)?;
    let store = RuntimeOptions::from_configuration(&configuration)?.state_store;
    if configuration.get("autoscaler.standalone.jdbc.url").is_none() && store.trim().eq_ignore_ascii_case("MEMORY") {
        bail!(
            "events are kept in a database only: set autoscaler.standalone.state-store.type to SQLITE, or \
             autoscaler.standalone.jdbc.url, as for `run`"
        );
    }
    let since = arguments.since.as_deref().map(|text| instant(text, chrono::Utc::now())).transpose()?;
    let mut filter = EventFilter::default().latest(arguments.limit);
    (filter.job, filter.reason, filter.since) = (arguments.job.clone(), arguments.reason.clone(), since);
    program.only_read();
    block_on(async {
        let ended = show_all(&mut program, &configuration, filter, arguments).await;
        program.close().await;
        ended
    })
}

async fn show_all(
    program: &mut Program,
    configuration: &Configuration,
    mut filter: EventFilter,
    arguments: &Arguments,
) -> Result<()> {
    let database = program.open(configuration, open_event_database)?.database;
    let mut shown: Vec<(i64, i64)> = Vec::new();
    loop {
        let found = match database.ready().await {
            Ok(database) => events(database, &filter).await,
            Err(error) => Err(error),
        };
        let found = found.map_err(PortError::from)?;
        for event in found.iter().filter(|event| !shown.contains(&(event.id, event.count))) {
            show(event, arguments.json)?;
        }
        if !arguments.follow {
            return Ok(());
        }
        // Times are whole seconds in some databases: what happened in the last one is asked for again.
        if let Some(last) = found.last() {
            filter.since = Some(time::before(last.updated, Duration::from_secs(1)));
        }
        filter.limit = 0;
        shown = found.iter().map(|event| (event.id, event.count)).collect();
        tokio::time::sleep(FOLLOW).await;
    }
}

/// An instant, or how long ago.
fn instant(text: &str, now: Instant) -> Result<Instant> {
    if let Ok(instant) = text.parse() {
        return Ok(instant);
    }
    match Duration::read(text) {
        Some(ago) => Ok(time::before(now, ago)),
        None => {
            let value = shown_value(text, Shown::Harmless, "");
            bail!("--since has {value}: expected a time such as '2 h', or an instant such as 2026-11-24T10:00:00Z")
        }
    }
}

fn show(event: &StoredEvent, json: bool) -> Result<()> {
    let mut out = std::io::stdout().lock();
    let StoredEvent { id, created, updated, job, reason, event_type, message, count, key, .. } = event;
    if json {
        let object = serde_json::json!({
            "id": id, "createTime": created.to_rfc3339(), "updateTime": updated.to_rfc3339(), "jobKey": job, "reason": reason,
            "eventType": event_type, "message": message, "eventCount": count, "eventKey": key,
        });
        writeln!(out, "{object}")?;
    } else {
        let times =
            if *count > 1 { format!(" ({count} times since {})", created.format("%H:%M:%S")) } else { String::new() };
        let indented = message.replace('\n', "\n    ");
        writeln!(out, "{} {event_type:<7} {job} {reason}{times}: {indented}", updated.format("%Y-%m-%d %H:%M:%S"))?;
    }
    Ok(out.flush()?)
}
