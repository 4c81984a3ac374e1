//! What `cargo xtask` runs on a real Flink, on databases and with many jobs; a program of its own, so that xtask itself,
//! which checks the tree, is built in seconds.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::allow_attributes,
    reason = "a command line speaks to its terminal"
)]

mod db;
mod demo;
mod fleet;
mod flink;
mod fuzz;
mod held;
mod kubernetes;
mod paths;
mod provision;
mod real;
mod signal;
mod yarn;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Debug, Parser)]
#[command(name = "lab", bin_name = "cargo xtask", about = "What cargo xtask runs on real servers")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Shows the autoscaler at work on a real Flink: load up four-fold, and down again. Under four minutes.
    Demo(demo::Arguments),
    /// Brings a real Flink cluster up, down, or tells about it.
    Flink {
        #[command(subcommand)]
        command: flink::Command,
    },
    /// Database servers for a developer: up, down, status.
    Db {
        #[command(subcommand)]
        command: db::Command,
    },
    /// A Kubernetes API server with the Flink operator for a developer: up, deployment, down, status.
    Kubernetes {
        #[command(subcommand)]
        command: kubernetes::Command,
    },
    /// A YARN cluster with Flink applications for a developer: up, down, status.
    Yarn {
        #[command(subcommand)]
        command: yarn::Command,
    },
    /// The process against a stand-in with many jobs: CPU time and calls of a cycle, resident memory.
    #[command(name = "bench-fleet")]
    Fleet(fleet::Arguments),
    /// Both policies on a real Flink, side by side, under the same load: lag, rescales, subtask-seconds. 24 minutes.
    #[command(name = "bench-real")]
    Real(real::Arguments),
    /// Tries everything that reads texts from outside on damaged ones.
    Fuzz(fuzz::Arguments),
    /// Finds or installs what tests need of the machine.
    #[command(hide = true)]
    Provision(provision::Arguments),
}

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Demo(arguments) => demo::run(&arguments),
        Command::Flink { command } => flink::run(&command),
        Command::Db { command } => db::run(&command),
        Command::Kubernetes { command } => kubernetes::run(&command),
        Command::Yarn { command } => yarn::run(&command),
        Command::Fleet(arguments) => fleet::run(&arguments),
        Command::Real(arguments) => real::run(&arguments),
        Command::Fuzz(arguments) => fuzz::run(&arguments),
        Command::Provision(arguments) => provision::run(&arguments),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("cargo xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}
