//! `flink-autoscaler state`: what is stored of a job.

mod show;

use std::collections::BTreeMap;
use std::io::{Read, Write};

use anyhow::{Context, Result, bail};
use autoscaler::autoscaler_core::options::StateStoreType;
use autoscaler::autoscaler_core::state::codec::{StatePart, decode, encode};
use autoscaler::autoscaler_core::{AutoScalerStateStore, JobKey, JobState, LoadedState};
use autoscaler::sql_database::SqlStateStore;
use clap::Subcommand;
use serde::{Deserialize, Serialize};

use crate::backends::sql::Databases;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Shows what is stored of a job; without one, which jobs there are.
    Show {
        /// The job's id in hex.
        // Without a job, what comes first is an option of `run`.
        #[arg(allow_hyphen_values = true)]
        job: Option<String>,
        /// As JSON, for programs.
        #[arg(long)]
        json: bool,
        /// Options, as those of `run`; they come last.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "--key value")]
        options: Vec<String>,
    },
    /// Writes a job's state as JSON to the standard output.
    Export {
        /// The job's id in hex.
        job: String,
        /// Also write the observations where the Java process looks for them, so that it can take the job back.
        #[arg(long)]
        java: bool,
        /// Options, as those of `run`; they come last.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "--key value")]
        options: Vec<String>,
    },
    /// Replaces a job's state by an export. An autoscaler that watches the job must be stopped first.
    Import {
        /// The job's id in hex.
        job: String,
        /// The export's file; - is the standard input.
        #[arg(long, default_value = "-")]
        file: String,
        /// Options, as those of `run`; they come last.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "--key value")]
        options: Vec<String>,
    },
    /// Deletes what is stored of a job. An autoscaler that watches the job must be stopped first.
    Clear {
        /// The job's id in hex.
        job: String,
        /// Options, as those of `run`; they come last.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "--key value")]
        options: Vec<String>,
    },
}

/// A job's state as it is exported: the texts of the rows.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Export {
    job_key: String,
    state: BTreeMap<String, String>,
}

impl Export {
    fn of(job: &JobKey, state: &JobState) -> Self {
        let rows = StatePart::ALL.into_iter().filter_map(|part| Some((part.name().to_owned(), encode(state, part)?)));
        Self { job_key: job.to_string(), state: rows.collect() }
    }

    /// The state to be stored: every part counts as changed, those that are not exported as removed.
    fn into_state(self, there: JobState) -> Result<JobState> {
        let mut state = there;
        state.clear();
        for (name, text) in self.state {
            let Ok(part) = name.parse::<StatePart>() else { bail!("the export has an unknown part '{name}'") };
            decode(&mut state, part, &text)?;
            state.touch(part);
        }
        Ok(state)
    }
}

impl Command {
    /// The options of `run` that follow.
    fn options(&self) -> Vec<String> {
        match self {
            Self::Show { job: Some(option), options, .. } if option.starts_with('-') => {
                std::iter::once(option).chain(options).cloned().collect()
            }
            Self::Show { options, .. }
            | Self::Export { options, .. }
            | Self::Import { options, .. }
            | Self::Clear { options, .. } => options.clone(),
        }
    }
}

pub(super) fn run(command: &Command) -> Result<()> {
    let (_, options) = super::load(&command.options())?;
    if options.state_store_type == StateStoreType::Memory {
        bail!(
            "state is kept in memory only: set autoscaler.standalone.state-store.type to SQLITE or JDBC, as for `run`"
        );
    }
    super::block_on(async {
        let store = SqlStateStore::new(Databases::default().of_store(&options)?);
        match command {
            Command::Show { job: Some(job), json, .. } if !job.starts_with('-') => match json {
                false => show::job(&known(&store, job).await?),
                true => export(&store, job, false).await,
            },
            Command::Show { json, .. } => show::jobs(&store, *json).await,
            Command::Export { job, java, .. } => export(&store, job, *java).await,
            Command::Import { job, file, .. } => import(&store, job, file).await,
            Command::Clear { job, .. } => {
                known(&store, job).await?;
                store.remove(&JobKey::new(job.as_str())).await?;
                Ok(writeln!(std::io::stdout(), "the state of {job} is deleted")?)
            }
        }
    })
}

/// The state of a job of which something is stored.
async fn known(store: &SqlStateStore, job: &str) -> Result<LoadedState> {
    let key = JobKey::new(job);
    let jobs = store.jobs().await?;
    if !jobs.contains(&key) {
        let there: Vec<&str> = jobs.iter().take(10).map(JobKey::as_str).collect();
        let there = if there.is_empty() { "none".to_owned() } else { there.join(", ") };
        bail!("nothing is stored of the job {job}; jobs that are stored: {there}");
    }
    Ok(store.load(&key).await?)
}

async fn export(store: &SqlStateStore, job: &str, java: bool) -> Result<()> {
    let loaded = known(store, job).await?;
    if let Some(row) = loaded.unreadable.first() {
        bail!("the job {job} can't be exported whole: {row}");
    }
    let key = JobKey::new(job);
    if java {
        store.write_java_observations(&key).await?;
    }
    let text = serde_json::to_string_pretty(&Export::of(&key, &loaded.state))?;
    Ok(writeln!(std::io::stdout(), "{text}")?)
}

async fn import(store: &SqlStateStore, job: &str, file: &str) -> Result<()> {
    let mut text = String::new();
    if file == "-" {
        std::io::stdin().read_to_string(&mut text).context("can't read the standard input")?;
    } else {
        text = std::fs::read_to_string(file).with_context(|| format!("can't read {file}"))?;
    }
    let export: Export =
        serde_json::from_str(&text).with_context(|| format!("{file} is no export of a job's state"))?;
    let key = JobKey::new(job);
    let there = store.load(&key).await?.state;
    store.save(&key, &export.into_state(there)?).await?;
    Ok(writeln!(std::io::stdout(), "the state of {job} is imported")?)
}
