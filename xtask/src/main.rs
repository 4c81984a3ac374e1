//! Everything a developer types: `cargo xtask <command>`.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::allow_attributes,
    reason = "a command line speaks to its terminal"
)]

mod bench;
mod cargo;
mod ci;
mod deny;
mod dist;
mod fuzz;
mod image;
mod lab;
mod packages;
mod paths;
mod test;
mod tidy;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", about = "The project's own commands")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Shows the autoscaler at work on a real Flink: load up four-fold, and down again. Under four minutes.
    #[command(disable_help_flag = true)]
    Demo(lab::Arguments),
    /// Runs every test, those on a real Flink included.
    Test(test::Arguments),
    /// Brings a real Flink cluster up, down, or tells about it.
    #[command(disable_help_flag = true)]
    Flink(lab::Arguments),
    /// Database servers for a developer: up, down, status.
    #[command(disable_help_flag = true)]
    Db(lab::Arguments),
    /// A Kubernetes API server with the Flink operator for a developer: up, deployment, down, status.
    #[command(disable_help_flag = true)]
    Kubernetes(lab::Arguments),
    /// A YARN cluster with Flink applications for a developer: up, down, status.
    #[command(disable_help_flag = true)]
    Yarn(lab::Arguments),
    /// Measures: the decision core, the process with many jobs, the saving of an idle cycle.
    Bench {
        #[command(subcommand)]
        command: bench::Command,
    },
    /// Tries everything that reads texts from outside on damaged ones.
    #[command(disable_help_flag = true)]
    Fuzz(lab::Arguments),
    /// Checks what the tree promises: arrows between crates, no circles, shipped migrations, who prints.
    Tidy(tidy::Arguments),
    /// Checks licences, sources, bans and advisories of dependencies.
    Deny,
    /// Makes the archive of a release: the program, and what belongs to it on a machine.
    Dist(dist::Arguments),
    /// Makes the container's image; with --local from this machine alone, where no registry can be reached.
    Image(image::Arguments),
    /// What CI runs: format, lints, tidy, deny, docs, feature combinations, every test, and the image where Docker is.
    Ci,
}

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Demo(arguments) => lab::become_lab_with_program("demo", &arguments),
        Command::Test(arguments) => test::run(&arguments),
        Command::Flink(arguments) => lab::become_lab("flink", &arguments),
        Command::Db(arguments) => lab::become_lab("db", &arguments),
        Command::Kubernetes(arguments) => lab::become_lab("kubernetes", &arguments),
        Command::Yarn(arguments) => lab::become_lab("yarn", &arguments),
        Command::Bench { command } => bench::run(&command),
        Command::Fuzz(arguments) => fuzz::run(&arguments),
        Command::Tidy(arguments) => tidy::run(&arguments),
        Command::Deny => deny::run().map(|advisories| println!("{}", deny::told(advisories))),
        Command::Dist(arguments) => dist::run(&arguments),
        Command::Image(arguments) => image::run(&arguments),
        Command::Ci => ci::run(),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("cargo xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}
