//! `flink-autoscaler record`: traces from a live cluster.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use autoscaler::autoscaler_core::options::Configuration;
use autoscaler::autoscaler_core::options::value::OptionValue;
use autoscaler::autoscaler_core::{ClusterName, ListedJob};
use autoscaler::autoscaler_runtime::{LogObserver, RuntimeOptions};
use replay::{RecordOptions, Recorded, Recording};
use tokio_util::sync::CancellationToken;

use super::program::{Program, block_on};
use super::run::stop_on_signals;
use super::shadow::{Shadow, Target};

/// How long cycles that wait may take to be written at the end.
const WRITE_WITHIN: Duration = Duration::from_secs(10);

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    target: Target,
    /// A file that is not there yet, for one job (packed where it ends in .gz); or a directory, for a file of each job.
    #[arg(long, value_name = "FILE|DIR/")]
    out: String,
    /// Ends after this time, such as '30 min'; without it, at SIGTERM or SIGINT.
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    r#for: Option<Duration>,
    /// Options, as those of `run`.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "--key value")]
    options: Vec<String>,
}

/// A time, as options have it.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let read = Duration::read(text).filter(|duration| *duration >= Duration::from_secs(1));
    read.ok_or_else(|| "expected a time of a second or more, such as '60 s'".to_owned())
}

pub(super) fn run(mut program: Program, arguments: &Arguments) -> Result<()> {
    let configuration = arguments.target.configuration(&program, &arguments.options)?;
    let pace = RuntimeOptions::from_configuration(&configuration)?.pace();
    let limits = RecordOptions::checked(&configuration)?;
    // Else there would be nothing to see.
    let enabled = |_: &Configuration| vec![("job.autoscaler.enabled".to_owned(), "true".to_owned())];
    let shadow = Shadow::open(&mut program, &arguments.target, configuration, Arc::new(enabled))?;
    block_on(async {
        let stop = CancellationToken::new();
        stop_on_signals(stop.clone())?;
        let jobs = shadow.jobs(arguments.target.job.as_deref()).await?;
        let recording = open(&arguments.out, &limits, &jobs)?;
        tracing::info!(jobs = jobs.len(), "recording; nothing is scaled, and nothing is stored");
        if let Some(span) = arguments.r#for {
            let stop = stop.clone();
            tokio::spawn(async move {
                tokio::time::sleep(span).await;
                stop.cancel();
            });
        }
        let recorder = Arc::clone(recording.recorder());
        // In a file there is no room for one that comes later.
        let shadow = if is_directory(&arguments.out) {
            shadow
        } else {
            jobs.iter().fold(shadow, |shadow, (_, job)| shadow.only(job))
        };
        let shadow = shadow
            .with_source(|source| recording.source(source))
            .watched_by(Arc::new(LogObserver::default()))
            .watched_by(Arc::clone(&recorder) as _)
            .with_ports(|ports| ports.with_beginning_observer(recorder));
        shadow.run(pace, stop).await;
        told(&recording.end(WRITE_WITHIN))
    })
}

fn is_directory(out: &str) -> bool {
    out.ends_with(std::path::MAIN_SEPARATOR) || Path::new(out).is_dir()
}

/// The recording: a directory takes any number of jobs, a file one.
fn open(out: &str, limits: &RecordOptions, jobs: &[(ClusterName, ListedJob)]) -> Result<Recording> {
    let path = Path::new(out);
    if is_directory(out) {
        return Ok(Recording::in_directory(path, limits)?);
    }
    match jobs {
        [_] => Recording::in_file(path).context("can't record into the file of --out"),
        [] => bail!("the cluster has no job that has not ended; a directory (--out DIR/) waits for some"),
        [(_, one), (_, two), ..] => bail!(
            "a file is for one job, and there are {}, such as {} ({}) and {} ({}): name one with --job, or record into a \
             directory (--out DIR/)",
            jobs.len(),
            one.name,
            one.id,
            two.name,
            two.id
        ),
    }
}

fn told(recorded: &Recorded) -> Result<()> {
    let files: Vec<String> = recorded.files.iter().map(|file| file.display().to_string()).collect();
    if recorded.cycles == 0 {
        bail!("no cycle was recorded");
    }
    tracing::info!(cycles = recorded.cycles, missing = recorded.lost, "recorded: {}", files.join(", "));
    Ok(())
}
