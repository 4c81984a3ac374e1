//! `flink-autoscaler state`: what is stored of a job.

mod export;
mod show;

use std::io::{Read, Write};

use anyhow::{Context, Result, bail};
use autoscaler::autoscaler_core::options::{Configuration, is_harmless};
use autoscaler::autoscaler_core::{AutoScalerStateStore, Fence, JobId, JobKey, LeaseToken, LoadedState};
use autoscaler::autoscaler_runtime::RuntimeOptions;
#[cfg(feature = "sql")]
use autoscaler::sql_database;
use clap::Subcommand;

use super::program::{Program, block_on};
use super::writing::Right;
use export::Export;

/// A job's state is some megabytes at most.
const MAX_IMPORT_BYTES: u64 = 64 << 20;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Shows what is stored of a job; without one, which jobs there are.
    Show {
        /// The job's key, as `state show` lists it: its id, behind the cluster's name and a slash where addresses name clusters.
        // Without a job, what comes first is an option of `run`.
        #[arg(allow_hyphen_values = true)]
        job: Option<String>,
        /// As JSON, for programs.
        #[arg(long)]
        json: bool,
        /// Options, as those of `run`.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "--key value")]
        options: Vec<String>,
    },
    /// Writes a job's state as JSON to the standard output.
    Export {
        /// The job's key, as `state show` lists it: its id, behind the cluster's name and a slash where addresses name clusters.
        job: String,
        /// Also write the observations where the Java process looks for them, so that it can take the job back. An
        /// autoscaler that watches the job must be stopped first.
        #[arg(long)]
        java: bool,
        /// Options, as those of `run`.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "--key value")]
        options: Vec<String>,
    },
    /// Replaces a job's state by an export. An autoscaler that watches the job must be stopped first.
    Import {
        /// The job's key, as `state show` lists it: its id, behind the cluster's name and a slash where addresses name clusters.
        job: String,
        /// The export's file; - is the standard input.
        #[arg(long, default_value = "-")]
        file: String,
        /// Options, as those of `run`.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "--key value")]
        options: Vec<String>,
    },
    /// Deletes what is stored of a job. An autoscaler that watches the job must be stopped first.
    Clear {
        /// The job's key, as `state show` lists it: its id, behind the cluster's name and a slash where addresses name clusters.
        job: String,
        /// Options, as those of `run`.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "--key value")]
        options: Vec<String>,
    },
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

    /// What it needs of the database: looking changes nothing, and only an import may begin with nothing.
    fn prepare(&self, program: &mut Program) {
        match self {
            Self::Export { java: true, .. } | Self::Clear { .. } => program.only_what_is_there(),
            Self::Import { .. } => {}
            Self::Show { .. } | Self::Export { .. } => program.only_read(),
        }
    }

    /// Whether it changes what is stored.
    fn writes(&self) -> bool {
        matches!(self, Self::Export { java: true, .. } | Self::Import { .. } | Self::Clear { .. })
    }
}

pub(super) fn run(mut program: Program, command: &Command) -> Result<()> {
    let configuration = program.load_aloud(&command.options())?;
    must_be_kept(&configuration)?;
    block_on(async {
        let ended = act(&mut program, &configuration, command).await;
        program.close().await;
        ended
    })
}

/// Of what is in memory only, another process knows nothing.
pub(super) fn must_be_kept(configuration: &Configuration) -> Result<()> {
    if RuntimeOptions::from_configuration(configuration)?.state_store.trim().eq_ignore_ascii_case("MEMORY") {
        bail!(
            "state is kept in memory only: set autoscaler.standalone.state-store.type to SQLITE or JDBC, as for `run`"
        );
    }
    Ok(())
}

async fn act(program: &mut Program, configuration: &Configuration, command: &Command) -> Result<()> {
    command.prepare(program);
    let opened = program.open_store(configuration)?;
    let store = opened.port.as_ref();
    if !command.writes() {
        return done(program, store, command, None).await;
    }
    let right = Right::take(configuration, opened.lease).await?;
    let ended = done(program, store, command, right.token()).await;
    right.release(ended).await
}

async fn done(
    program: &mut Program,
    store: &dyn AutoScalerStateStore,
    command: &Command,
    lease: Option<LeaseToken>,
) -> Result<()> {
    match command {
        Command::Show { job: Some(job), json, .. } if !job.starts_with('-') => match json {
            false => show::job(&known(store, job).await?),
            true => export(store, job).await,
        },
        Command::Show { json, .. } => show::jobs(store, *json).await,
        Command::Export { job, java: true, .. } => {
            known(store, job).await?;
            must_be_found_by_java(job)?;
            write_java_observations(program, job).await?;
            export(store, job).await
        }
        Command::Export { job, .. } => export(store, job).await,
        Command::Import { job, file, .. } => import(store, job, file, lease).await,
        Command::Clear { job, .. } => {
            known(store, job).await?;
            store.remove(&JobKey::new(job.as_str()), &Fence::open().under(lease)).await?;
            Ok(writeln!(std::io::stdout(), "the state of {job} is deleted")?)
        }
    }
}

/// The state of a job of which something is stored.
async fn known(store: &dyn AutoScalerStateStore, job: &str) -> Result<LoadedState> {
    let key = JobKey::new(job);
    let jobs = store.jobs().await?;
    if !jobs.contains(&key) {
        let stored: Vec<&str> = jobs.iter().take(10).map(JobKey::as_str).collect();
        let stored = if stored.is_empty() { "none".to_owned() } else { stored.join(", ") };
        // What is no id may be a part of an option's value.
        let is_id = job.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-') || is_harmless(job, "");
        let job = if is_id { job } else { "that is named, which is no id and is not shown" };
        bail!("nothing is stored of the job {job}; jobs that are stored: {stored}");
    }
    Ok(store.load(&key).await?)
}

async fn export(store: &dyn AutoScalerStateStore, job: &str) -> Result<()> {
    let loaded = known(store, job).await?;
    if let Some(row) = loaded.unreadable.first() {
        bail!("the job {job} can't be exported whole: {row}");
    }
    let text = serde_json::to_string_pretty(&Export::of(&JobKey::new(job), &loaded.state)?)?;
    Ok(writeln!(std::io::stdout(), "{text}")?)
}

/// The Java process knows no clusters: it looks for a job under its id alone.
fn must_be_found_by_java(job: &str) -> Result<()> {
    match job.rsplit_once('/') {
        Some((_, id)) if id.parse::<JobId>().is_err() => {
            bail!(
                "the Java process knows jobs by their id in Flink only, and {job} is none: it can't take this job back"
            )
        }
        Some((cluster, id)) => bail!(
            "the Java process looks for the job under {id} alone, not under the cluster {cluster}: move its state there first, with \
             `state export {job} > job.json` and `state import {id} --file job.json`, then `state export --java {id}`"
        ),
        None => Ok(()),
    }
}

/// Writes a job's observations where the Java process looks for them: they are in a table of ours otherwise.
#[cfg_attr(not(feature = "sql"), expect(unused_variables, reason = "no store of this build is one for it"))]
async fn write_java_observations(program: &mut Program, job: &str) -> Result<()> {
    #[cfg(feature = "sql")]
    if let Some(database) = sql_database::register::open_databases(&mut program.backends.extensions).databases().pop() {
        let store = sql_database::SqlStateStore::new(database);
        return Ok(store.write_java_observations(&JobKey::new(job)).await?);
    }
    bail!("--java is for a state store in a SQL database, which the Java process could read")
}

/// The text to its end, which a pipe may have as well as a file, but `/dev/zero` has not.
fn read_bounded(reader: impl Read) -> std::io::Result<String> {
    let mut text = String::new();
    reader.take(MAX_IMPORT_BYTES + 1).read_to_string(&mut text)?;
    match text.len() as u64 > MAX_IMPORT_BYTES {
        true => Err(std::io::Error::other("it is larger than 64 MiB, as no export is")),
        false => Ok(text),
    }
}

async fn import(store: &dyn AutoScalerStateStore, job: &str, file: &str, lease: Option<LeaseToken>) -> Result<()> {
    let text = if file == "-" {
        read_bounded(std::io::stdin()).context("can't read the standard input")?
    } else {
        let read = std::fs::File::open(file).and_then(read_bounded);
        read.with_context(|| format!("can't read {file}"))?
    };
    let export: Export =
        serde_json::from_str(&text).with_context(|| format!("{file} is no export of a job's state"))?;
    let key = JobKey::new(job);
    let LoadedState { revision, .. } = store.load(&key).await?;
    store.save(&key, &export.into_state()?, &Fence::at(revision).under(lease)).await?;
    Ok(writeln!(std::io::stdout(), "the state of {job} is imported")?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_that_java_would_not_find_is_not_exported_for_it() {
        let id = "0".repeat(32);
        assert!(must_be_found_by_java(&id).is_ok());
        let told = |key: String| must_be_found_by_java(&key).unwrap_err().to_string();
        assert!(told(format!("prod/{id}")).contains(&format!("`state import {id} --file job.json`")));
        assert!(told("fd/orders/checkout/u-1".to_owned()).contains("can't take this job back"));
    }

    #[test]
    fn an_endless_import_is_refused() {
        assert_eq!(read_bounded("{}".as_bytes()).unwrap(), "{}");
        let error = read_bounded(std::io::repeat(b' ')).unwrap_err().to_string();
        assert!(error.contains("larger than 64 MiB"), "{error}");
    }
}
