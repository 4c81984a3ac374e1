//! `cargo xtask bench fleet`: the autoscaler against a stand-in with many jobs.
//!
//! The stand-in runs in this process, the autoscaler in its own, so that what is measured is the autoscaler alone. CPU time
//! is measured, not wall time, which on a shared machine is somebody else's.

mod measure;
mod pages;
mod report;
mod watched;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Result, ensure};
use clap::ValueEnum;
use servers::fleet::{Fleet, Jobs};

use crate::signal::until_interrupted;
use watched::Autoscaler;

/// Where the autoscaler keeps state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Store {
    Memory,
    Sqlite,
}

impl Store {
    /// What `state-store.type` calls it.
    fn name(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Sqlite => "sqlite",
        }
    }
}

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The flink-autoscaler to measure; without it, xtask builds this tree's with --release.
    #[arg(long)]
    binary: PathBuf,
    /// Healthy jobs, of five vertices each.
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    jobs: u32,
    /// Have each job be an application of YARN, behind the proxy of one ResourceManager.
    #[arg(long)]
    yarn: bool,
    /// Where state is kept.
    #[arg(long, value_enum, default_value_t = Store::Memory)]
    store: Store,
    /// Seconds between two cycles of a job; longer where the machine can't keep up.
    #[arg(long, default_value = "2", value_parser = seconds)]
    interval: Duration,
    /// Observations of a full window, one for each interval.
    #[arg(long, default_value_t = 90, value_parser = clap::value_parser!(u32).range(2..))]
    window: u32,
    /// Rounds that are measured once the windows are full.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    cycles: u32,
    /// Further jobs of which every answer is late. Then no window is filled, and what is measured is how late the cycles of
    /// the last healthy job begin.
    #[arg(long, default_value_t = 0)]
    slow_jobs: u32,
    /// Seconds that an answer about a slow job takes.
    #[arg(long, default_value = "1.8", value_parser = seconds)]
    delay: Duration,
    /// Then measure as many rounds again with so many pages open: every other one of all jobs, the rest of a job each.
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u32).range(..=32))]
    pages: u32,
    /// Print one JSON object instead of a table.
    #[arg(long)]
    json: bool,
    /// Further arguments of the autoscaler, behind `--`.
    #[arg(last = true)]
    further: Vec<String>,
}

/// A duration from seconds with a fraction.
fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "expected a number of seconds".to_owned())?;
    let duration = Duration::try_from_secs_f64(seconds).map_err(|error| error.to_string())?;
    if duration < Duration::from_millis(1) { Err("expected a millisecond or more".to_owned()) } else { Ok(duration) }
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let binary = &arguments.binary;
    ensure!(binary.is_file(), "there is no {}", binary.display());
    let measured = until_interrupted(async {
        let jobs = Jobs { healthy: arguments.jobs, slow: arguments.slow_jobs, delay: arguments.delay };
        let fleet = Fleet::start(jobs).await;
        let mut autoscaler = Autoscaler::start(binary, &fleet, arguments)?;
        measure::measure(arguments, &fleet, &mut autoscaler).await
    })?;
    if measured.left_out() > 0.05 {
        eprintln!(
            "{:.0} % of the cycles were left out, as the one before still ran: windows hold fewer observations; use a longer --interval",
            measured.left_out() * 100.0
        );
    }
    if arguments.json {
        println!("{}", serde_json::to_string(&measured)?);
    } else {
        println!("{}", report::table(&measured));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        arguments: Arguments,
    }

    pub(super) fn arguments(line: &[&str]) -> Arguments {
        Line::parse_from([&["fleet", "--binary", "x"], line].concat()).arguments
    }

    #[test]
    fn seconds_have_a_fraction_and_are_positive() {
        assert_eq!(seconds("1.8"), Ok(Duration::from_millis(1800)));
        for text in ["", "0", "-1", "NaN", "1e300", "1 s"] {
            assert!(seconds(text).is_err(), "{text}");
        }
    }
}
