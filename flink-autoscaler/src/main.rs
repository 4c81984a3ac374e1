//! `flink-autoscaler`: watches a Flink cluster's jobs and puts their parallelism right.

mod cli;
mod configuration;

use std::process::ExitCode;

/// The C library's allocator keeps about as much again as many small jobs need.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    cli::main()
}
