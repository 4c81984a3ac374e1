//! `flink-autoscaler`: watches a Flink cluster's jobs and puts their parallelism right.

mod cli;
mod configuration;

use std::process::ExitCode;

// Watching many jobs is allocating for a quarter of its CPU time with the C library's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    cli::main()
}
