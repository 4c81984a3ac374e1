//! A resource check: a cluster of a fixed size. Run over a recorded trace, it shows what it holds up.
//!
//! `cargo run --package flink-autoscaler-lib --example resource_check -- TRACE`

use autoscaler::autoscaler_core::plugin::{Plugins, ResourceCheck};
use servers::backtest::with_and_without;

/// A cluster that can have so many TaskManagers and no more.
#[derive(Debug)]
struct FixedCluster {
    task_managers: u64,
}

impl ResourceCheck for FixedCluster {
    fn can_schedule(&self, before: u64, after: u64, _cpu: f64, _memory_bytes: u64) -> bool {
        after <= before || after <= self.task_managers
    }
}

#[expect(clippy::print_stdout, reason = "the example's output")]
fn main() -> anyhow::Result<()> {
    let plugins = Plugins::new().check_resources(FixedCluster { task_managers: 3 });
    println!("{}", with_and_without(plugins, &[], "trace-005.jsonl.gz")?);
    Ok(())
}
