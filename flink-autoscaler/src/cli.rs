//! The commands.

#[cfg(feature = "handler-jdbc")]
mod events;
#[cfg(feature = "sql")]
mod migrate;
mod options;
mod replay;
mod run;
#[cfg(feature = "sql")]
mod state;

use std::path::PathBuf;
use std::process::ExitCode;

use crate::configuration::{self, unknown_options};
use anyhow::{Context, Result};
use autoscaler::autoscaler_core::options::{Configuration, StandaloneOptions};
use clap::{Parser, Subcommand, ValueEnum};

/// Watches the jobs of a Flink cluster and puts the parallelism of their vertices right, in place.
#[derive(Debug, Parser)]
#[command(name = "flink-autoscaler", version, arg_required_else_help = true)]
struct Cli {
    /// How log lines look.
    #[arg(long, value_enum, default_value_t = LogFormat::Text, env = "FLINK_AUTOSCALER_LOG_FORMAT")]
    log_format: LogFormat,
    #[command(subcommand)]
    command: Command,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum LogFormat {
    Text,
    Json,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs until SIGTERM or SIGINT. Takes options by Flink's keys: --key value, --key=value or -D key=value.
    ///
    /// Options are read, weakest first, from config.yaml or flink-conf.yaml in the directory that FLINK_CONF_DIR names,
    /// from the command line, and, for one job, from the job's own configuration.
    Run {
        /// Options; `flink-autoscaler options` lists them.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "--key value")]
        options: Vec<String>,
    },
    /// Runs recorded traces through the decision core: one JSON object a cycle, in the shape of the traces' `expect`.
    ///
    /// TRACE is a file, plain or gzipped, or a directory of them; several are run one after the other. Options
    /// (--key value, --key=value or -D key=value) override those of the traces.
    Replay {
        /// Traces, options, and how to show what comes out:
        /// --explain (as text, with the reasons of each decision), --diff (what differs from the traces' `expect`; exit
        /// code 1 if anything does), --summary (scalings, subtask-hours, time with a backlog, decisions that differ).
        #[arg(
            trailing_var_arg = true,
            allow_hyphen_values = true,
            required = true,
            value_name = "TRACE | --explain | --diff | --summary | --key value"
        )]
        arguments: Vec<String>,
    },
    /// Brings the database's schema up to date.
    #[cfg(feature = "sql")]
    Migrate(migrate::Arguments),
    /// Shows, exports, imports or clears what is stored of a job.
    #[cfg(feature = "sql")]
    State {
        #[command(subcommand)]
        command: state::Command,
    },
    /// Shows the events in the database.
    #[cfg(feature = "handler-jdbc")]
    Events(events::Arguments),
    /// Lists every option: key, default, what it does, and the other keys it is read from.
    Options,
}

/// Runs the command line.
pub(crate) fn main() -> ExitCode {
    let cli = Cli::parse();
    let result = match cli.command {
        Command::Run { options } => {
            log_to_stderr(cli.log_format);
            run::run(&options)
        }
        Command::Replay { arguments } => match replay::run(&arguments) {
            Ok(true) => Ok(()),
            Ok(false) => return ExitCode::FAILURE,
            Err(error) => Err(error),
        },
        #[cfg(feature = "sql")]
        Command::Migrate(arguments) => migrate::run(&arguments),
        #[cfg(feature = "sql")]
        Command::State { command } => state::run(&command),
        #[cfg(feature = "handler-jdbc")]
        Command::Events(arguments) => events::run(&arguments),
        Command::Options => {
            options::print();
            Ok(())
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever reads has had enough, as `head` does.
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            #[expect(clippy::print_stderr, reason = "the one message of a start that failed")]
            {
                eprintln!("flink-autoscaler: {error:#}");
            }
            ExitCode::FAILURE
        }
    }
}

/// The configuration of the process: the file that FLINK_CONF_DIR names, under the command line.
fn load(arguments: &[String]) -> Result<(Configuration, StandaloneOptions)> {
    let directory = std::env::var_os("FLINK_CONF_DIR").filter(|path| !path.is_empty()).map(PathBuf::from);
    let (configuration, options) = configuration::load(directory.as_deref(), arguments)?;
    for unknown in unknown_options(&configuration) {
        tracing::warn!("{unknown}");
    }
    Ok((configuration, options))
}

fn block_on<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().context("can't start the runtime")?;
    runtime.block_on(work)
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let io = error.chain().filter_map(|source| source.downcast_ref::<std::io::Error>());
    io.into_iter().any(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
}

/// `RUST_LOG` sets what is logged; without it, everything from `info` up.
fn log_to_stderr(format: LogFormat) {
    let filter = tracing_subscriber::EnvFilter::builder()
        .with_default_directive(tracing::Level::INFO.into())
        .with_env_var("RUST_LOG")
        .from_env_lossy();
    let subscriber = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match format {
        LogFormat::Text => subscriber.with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr())).init(),
        LogFormat::Json => subscriber.json().flatten_event(true).init(),
    }
}
