//! A custom executor: no more than so many subtasks in all. Run over a recorded trace, it shows what it vetoes.
//!
//! `cargo run --package flink-autoscaler-lib --example custom_executor -- TRACE`

use std::collections::BTreeMap;

use autoscaler::autoscaler_core::VertexId;
use autoscaler::autoscaler_core::plugin::{CustomExecutor, ExecutorInput, ExecutorVerdict, PluginResult, Plugins};
use autoscaler::autoscaler_core::topology::VertexInfo;
use servers::backtest::with_and_without;

/// Vetoes scalings to more subtasks in all than its parameter `most`.
#[derive(Debug)]
struct Ceiling;

impl CustomExecutor for Ceiling {
    fn priority(&self) -> i32 {
        100
    }

    fn filter(&self, input: &ExecutorInput<'_>, scaling: &BTreeMap<VertexId, i32>) -> PluginResult<ExecutorVerdict> {
        let most: i64 = input.parameters.get("most").ok_or("the parameter most is not set")?.parse()?;
        let after = |vertex: &VertexInfo| scaling.get(&vertex.id).copied().unwrap_or(vertex.parallelism);
        let subtasks: i64 = input.topology.vertices().iter().map(|vertex| i64::from(after(vertex))).sum();
        Ok(if subtasks > most {
            ExecutorVerdict::Veto(format!("{subtasks} subtasks are more than {most}"))
        } else {
            ExecutorVerdict::Scale(scaling.clone())
        })
    }
}

#[expect(clippy::print_stdout, reason = "the example's output")]
fn main() -> anyhow::Result<()> {
    let plugins = Plugins::new().register_executor("org.example.Ceiling", Ceiling);
    let options = [
        ("job.autoscaler.scaling.custom-executors", "ceiling"),
        ("job.autoscaler.scaling.custom-executor.ceiling.class", "org.example.Ceiling"),
        ("job.autoscaler.scaling.custom-executor.ceiling.most", "60"),
    ];
    println!("{}", with_and_without(plugins, &options, "trace-000.jsonl.gz")?);
    Ok(())
}
