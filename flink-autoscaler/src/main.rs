//! `flink-autoscaler`: watches a Flink cluster's jobs and puts their parallelism right.

mod cli;
mod configuration;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
