//! The commands.

#[cfg(feature = "http-endpoint")]
mod approve;
#[cfg(feature = "http-endpoint")]
mod asked;
mod check;
mod completions;
#[cfg(feature = "handler-jdbc")]
mod events;
mod help;
mod hints;
#[cfg(feature = "realizer-kubernetes")]
mod kubernetes;
mod logging;
mod man;
#[cfg(feature = "sql")]
mod migrate;
#[cfg(feature = "http-endpoint")]
mod openapi;
mod options;
mod order;
mod program;
mod recommend;
mod record;
mod replay;
mod run;
mod say;
mod shadow;
mod simulate;
mod state;
#[cfg(feature = "http-endpoint")]
mod status;
mod time_zone;
#[cfg(feature = "http-endpoint")]
mod top;
mod usage;
mod writing;

use std::process::ExitCode;

use anyhow::Result;
use clap::{CommandFactory, Parser, Subcommand};

use logging::LogFormat;
use program::Program;

/// Watches the jobs of a Flink cluster and puts the parallelism of their vertices right, in place.
#[derive(Debug, Parser)]
#[command(name = "flink-autoscaler", version, propagate_version = true, arg_required_else_help = true)]
#[command(after_long_help = help::PROGRAM)]
struct Cli {
    /// How log lines look.
    #[arg(long, global = true, value_enum, default_value_t = LogFormat::Text, env = "FLINK_AUTOSCALER_LOG_FORMAT")]
    log_format: LogFormat,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs until SIGTERM or SIGINT. Takes options by Flink's keys: --key value, --key=value or -D key=value.
    ///
    /// Options are read, weakest first, from flink-conf.yaml or config.yaml in the directory that FLINK_CONF_DIR names,
    /// from the command line, and, for one job, from the job's own configuration.
    #[command(after_long_help = help::RUN)]
    Run {
        /// Also records every cycle of every job in this directory, for `replay`: the same as
        /// --autoscaler.standalone.record.directory.
        #[arg(long, value_name = "DIR")]
        record: Option<String>,
        /// Options; `flink-autoscaler options` lists them.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "--key value")]
        options: Vec<String>,
    },
    /// Runs recorded traces through the decision core: one JSON object a cycle, in the shape of the traces' `expect`.
    ///
    /// TRACE is a file, plain or gzipped, or a directory of them; several are run one after the other. Options
    /// (--key value, --key=value or -D key=value) override those of the traces.
    #[command(after_long_help = help::REPLAY)]
    Replay {
        #[command(flatten)]
        view: replay::View,
        /// Traces and options.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "TRACE | --key value")]
        arguments: Vec<String>,
    },
    /// Runs a job that is not there: a fluid model of one, under a load curve, with the autoscaler acting on it, a day in a second or
    /// so. A table of rescales, lag and cost, or a plot.
    #[command(after_long_help = help::SIMULATE)]
    Simulate(simulate::Arguments),
    /// Watches the jobs of a cluster and records what an autoscaler sees and would decide, for `replay`. Acts on nothing and
    /// stores nothing.
    #[command(after_long_help = help::RECORD)]
    Record(record::Arguments),
    /// Watches the jobs of a cluster for a while and says which parallelism each vertex should have, and why. Acts on
    /// nothing and stores nothing.
    #[command(after_long_help = help::RECOMMEND)]
    Recommend(recommend::Arguments),
    /// Brings the database's schema up to date.
    #[cfg(feature = "sql")]
    #[command(after_long_help = help::MIGRATE)]
    Migrate(migrate::Arguments),
    /// Shows, exports, imports or clears what is stored of a job.
    #[command(after_long_help = help::STATE)]
    State {
        #[command(subcommand)]
        command: state::Command,
    },
    /// Shows the events in the database.
    #[cfg(feature = "handler-jdbc")]
    #[command(after_long_help = help::EVENTS)]
    Events(events::Arguments),
    /// Lists every option, or those asked for: key, default, what is allowed, what it does, and the other keys it is read
    /// from.
    #[command(after_long_help = help::OPTIONS)]
    Options(options::Arguments),
    /// Prints the description of the HTTP API: OpenAPI 3.1 as JSON.
    #[cfg(feature = "http-endpoint")]
    Openapi,
    /// Checks options, database, clusters and jobs before `run` does, and says what to do. Changes nothing anywhere.
    #[command(after_long_help = help::CHECK)]
    Check(check::Arguments),
    /// Prints what is applied to a Kubernetes cluster to run it there, beside the Flink Kubernetes Operator, and hands jobs over
    /// between the operator's own autoscaler and this one.
    #[cfg(feature = "realizer-kubernetes")]
    #[command(after_long_help = help::KUBERNETES)]
    Kubernetes {
        #[command(subcommand)]
        command: kubernetes::Command,
    },
    /// Asks a running process how its clusters and jobs are doing.
    #[cfg(feature = "http-endpoint")]
    #[command(after_long_help = help::STATUS)]
    Status(status::Arguments),
    /// Shows the scaling that a running process proposes for a job whose options keep it from being carried out, or approves it, once.
    #[cfg(feature = "http-endpoint")]
    #[command(after_long_help = help::APPROVE)]
    Approve(approve::Arguments),
    /// Shows clusters and jobs of a running process in the terminal, live.
    #[cfg(feature = "http-endpoint")]
    #[command(after_long_help = help::TOP)]
    Top(top::Arguments),
    /// Prints a script that completes commands and option keys in a shell.
    ///
    /// bash: source <(flink-autoscaler completions bash); zsh: put it into a file _flink-autoscaler on $fpath;
    /// fish: flink-autoscaler completions fish | source.
    Completions(completions::Arguments),
    /// Prints a manual page, for `man -l -`, or writes all of them.
    Man(man::Arguments),
}

/// Runs the command line.
pub(crate) fn main() -> ExitCode {
    let program = Program::new();
    let arguments = std::env::args_os().map(|argument| argument.to_string_lossy().into_owned());
    let cli = match Cli::try_parse_from(order::options_last(arguments, &program.table)) {
        Ok(cli) => cli,
        Err(error) => return usage::show(error),
    };
    match run(cli, program) {
        Ok(code) => code,
        // Whoever reads has had enough, as `head` does.
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            say::failure(&error);
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli, program: Program) -> Result<ExitCode> {
    match cli.command {
        Command::Run { record, options } => {
            logging::to_stderr(cli.log_format);
            run::run(program, record, &options)?;
        }
        Command::Replay { view, arguments } if !replay::run(&program, &view, &arguments)? => {
            return Ok(ExitCode::FAILURE);
        }
        Command::Replay { .. } => {}
        Command::Simulate(arguments) => simulate::run(&program, &arguments)?,
        Command::Record(arguments) => {
            logging::to_stderr(cli.log_format);
            record::run(program, &arguments)?;
        }
        Command::Recommend(arguments) => return recommend::run(program, &arguments),
        #[cfg(feature = "sql")]
        Command::Migrate(arguments) => migrate::run(program, &arguments)?,
        Command::State { command } => state::run(program, &command)?,
        #[cfg(feature = "handler-jdbc")]
        Command::Events(arguments) => events::run(program, &arguments)?,
        Command::Options(arguments) => options::run(&program.table, &arguments)?,
        #[cfg(feature = "http-endpoint")]
        Command::Openapi => openapi::run()?,
        #[cfg(feature = "realizer-kubernetes")]
        Command::Kubernetes { command } => kubernetes::run(program, &command)?,
        Command::Check(arguments) => return check::run(program, &arguments),
        #[cfg(feature = "http-endpoint")]
        Command::Status(arguments) => return Ok(status::run(&program, &arguments)),
        #[cfg(feature = "http-endpoint")]
        Command::Approve(arguments) => return Ok(approve::run(&program, &arguments)),
        #[cfg(feature = "http-endpoint")]
        Command::Top(arguments) => return Ok(top::run(&program, &arguments)),
        Command::Completions(arguments) => completions::run(Cli::command(), &program.table, &arguments)?,
        Command::Man(arguments) => man::run(Cli::command(), &program.table, &arguments)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let mut io = error.chain().filter_map(|source| source.downcast_ref::<std::io::Error>());
    io.any(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
}
