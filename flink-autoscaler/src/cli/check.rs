//! `flink-autoscaler check`: what `run` would meet, and what to do about it.

mod clusters;
mod configuration;
mod contradictions;
#[cfg(feature = "http-endpoint")]
mod endpoint;
mod job;
mod report;
mod stores;
mod unused;

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use autoscaler::autoscaler_core::ErrorChain;
use autoscaler::autoscaler_core::options::value::OptionValue;
use tokio::time::Instant;

use super::program::{Program, block_on};
use crate::configuration::Loaded;
use report::{Level, Report};

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// As one JSON object, for programs.
    #[arg(long)]
    json: bool,
    /// Let warnings count as errors.
    #[arg(long)]
    strict: bool,
    /// Look at the options only, and connect to nothing.
    #[arg(long)]
    offline: bool,
    /// List every option with what it comes to, not only those that are set.
    #[arg(long)]
    values: bool,
    /// Of the jobs, only this one: its id in hex, or its name.
    #[arg(long)]
    job: Option<String>,
    /// Time for everything that has to be asked.
    #[arg(long, value_name = "TIME", default_value = "30 s", value_parser = duration)]
    timeout: Duration,
    /// Options, as those of `run`.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "--key value")]
    options: Vec<String>,
}

/// Checks everything; fails where something is wrong.
pub(super) fn run(mut program: Program, arguments: &Arguments) -> Result<ExitCode> {
    let report = checked(&mut program, arguments)?;
    report.write(arguments.json, &mut std::io::stdout().lock())?;
    let is_failed = match report.worst() {
        Level::Error => true,
        Level::Warning => arguments.strict,
        Level::Ok => false,
    };
    Ok(if is_failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn checked(program: &mut Program, arguments: &Arguments) -> Result<Report> {
    let mut report = Report::default();
    let loaded = match program.read(&arguments.options) {
        Ok(loaded) => loaded,
        Err(error) => {
            let why = ErrorChain(error.as_ref()).to_string();
            let section = report.section("Options");
            section.error(why, "correct that first: nothing else was looked at");
            return Ok(report);
        }
    };
    configuration::check(&mut report, &program.table, &loaded, arguments.values);
    program.only_read();
    let Loaded { configuration, .. } = loaded;
    block_on(async {
        let begun = Instant::now();
        let deadline = begun + arguments.timeout;
        // A database that hangs leaves the clusters their time.
        let half = (!arguments.offline).then_some(begun + arguments.timeout / 2);
        stores::check(&mut report, program, &configuration, half).await;
        #[cfg(feature = "http-endpoint")]
        if !arguments.offline {
            endpoint::check(&mut report, &configuration, deadline).await;
        }
        clusters::check(&mut report, program, &configuration, arguments, deadline).await;
        program.close().await;
        Ok(())
    })?;
    Ok(report)
}

/// Longer than anybody waits.
const LONGEST_WAIT: Duration = Duration::from_secs(24 * 3600);

pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let read = Duration::read(text).filter(|wait| !wait.is_zero() && *wait <= LONGEST_WAIT);
    read.ok_or_else(|| format!("expected {}, more than 0 and no more than a day", <Duration as OptionValue>::EXPECTED))
}
