//! `flink-autoscaler recommend`: which parallelism the vertices of a cluster's jobs should have.

mod advice;
mod show;
mod starts;

use std::io::{IsTerminal, Write};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use autoscaler::autoscaler_core::options::{Configuration, JobOptions};
use autoscaler::autoscaler_runtime::{ReadModel, RuntimeOptions, SystemClock};
use tokio_util::sync::CancellationToken;

use super::program::{Program, block_on};
use super::record::duration;
use super::shadow::{Shadow, Target};
use advice::{Advice, JobAdvice};
use starts::Starts;

const WINDOW: &str = "job.autoscaler.metrics.window";
const STABILIZATION: &str = "job.autoscaler.stabilization.interval";
/// Cycles of a job that there is time for, at least; the interval is no longer than it takes for so many.
const CYCLES: u32 = 20;
/// The exit code where a job could not be judged.
const NOT_JUDGED: u8 = 3;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    target: Target,
    /// How long to watch: what is said rests on the metrics of nearly all of this time.
    #[arg(long, value_name = "DURATION", default_value = "60 s", value_parser = duration)]
    r#for: Duration,
    /// As JSON, for programs.
    #[arg(long)]
    json: bool,
    /// Options, as those of `run`.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "--key value")]
    options: Vec<String>,
}

pub(super) fn run(mut program: Program, arguments: &Arguments) -> Result<ExitCode> {
    let configuration = arguments.target.configuration(&program, &arguments.options)?;
    let mut pace = RuntimeOptions::from_configuration(&configuration)?;
    pace.interval = pace.interval.min(arguments.r#for / CYCLES);
    // One interval until the first observation is made, one for the last, and two for a machine that is busy.
    // And half of one, as in a window of whole intervals the oldest observation counts in one cycle and not in the next.
    let window = arguments.r#for - 4 * pace.interval - pace.interval / 2;
    let over = Arc::new(move |merged: &Configuration| advising(merged, window));
    let shadow = Shadow::open(&mut program, &arguments.target, configuration, over)?;
    let jobs = block_on(async {
        let found = shadow.jobs(arguments.target.job.as_deref()).await?;
        if std::io::stderr().is_terminal() && !found.is_empty() {
            let _closed = writeln!(std::io::stderr(), "watching {} job(s) for {:?} …", found.len(), arguments.r#for);
        }
        let model = Arc::new(ReadModel::new(Arc::new(SystemClock::default())));
        let starts = Arc::<Starts>::default();
        let shadow = shadow.watched_by(Arc::clone(&model) as _).watched_by(Arc::clone(&starts) as _);
        let stop = CancellationToken::new();
        let running = tokio::spawn(shadow.run(pace.pace(), stop.clone()));
        if !found.is_empty() {
            tokio::time::sleep(arguments.r#for).await;
        }
        stop.cancel();
        let _ended = running.await;
        let advice = found.iter().map(|(cluster, job)| {
            let seen = model.job(cluster, &job.key);
            let started = seen.as_ref().and_then(|seen| starts.of(cluster, &seen.job.key));
            JobAdvice::of(cluster, job, seen.as_deref(), started)
        });
        Ok(advice.collect())
    })?;
    let advice = Advice { jobs, watched: arguments.r#for, window };
    if arguments.json {
        show::json(&advice)?
    } else {
        show::table(&advice)?
    }
    let is_whole = advice.jobs.iter().all(JobAdvice::is_judged);
    Ok(if is_whole { ExitCode::SUCCESS } else { ExitCode::from(NOT_JUDGED) })
}

/// What is laid over a job's options: it is looked at, whatever they say, and nothing is done; its window fits into the
/// time there is, and what it did when it started counts unless they say for how long it does not.
fn advising(merged: &Configuration, window: Duration) -> Vec<(String, String)> {
    let mut over = vec![
        ("job.autoscaler.enabled".to_owned(), "true".to_owned()),
        ("job.autoscaler.scaling.enabled".to_owned(), "false".to_owned()),
    ];
    // Options that can't be used are said as they are.
    let Ok(options) = JobOptions::from_configuration(merged) else { return over };
    let is_set = |key: &str| JobOptions::SPECS.iter().any(|spec| spec.key == key && spec.key_set_in(merged).is_some());
    if options.metrics_window > window {
        over.push((WINDOW.to_owned(), format!("{} ms", window.as_millis())));
    }
    if !is_set(STABILIZATION) {
        over.push((STABILIZATION.to_owned(), "0 s".to_owned()));
    }
    over
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_fit_and_other_options_count() {
        let over = |entries: &[(&str, &str)]| {
            let entries = entries.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
            let over = advising(&entries.collect(), Duration::from_secs(54));
            over.into_iter().skip(2).map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(" ")
        };
        let shrunk = format!("{WINDOW}=54000 ms");
        assert_eq!(over(&[]), format!("{shrunk} {STABILIZATION}=0 s"));
        assert_eq!(over(&[(WINDOW, "2 min"), (STABILIZATION, "1 min")]), shrunk);
        assert_eq!(over(&[(WINDOW, "30 s"), ("kubernetes.operator.job.autoscaler.stabilization.interval", "1 s")]), "");
        assert_eq!(over(&[(WINDOW, "soon")]), "", "an option that can't be used is for the cycle to complain about");
    }
}
