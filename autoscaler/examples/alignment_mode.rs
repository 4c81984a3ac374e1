//! A custom alignment mode: even numbers of subtasks only. Run over a recorded trace, it shows what it changes.
//!
//! `cargo run --package flink-autoscaler-lib --example alignment_mode -- TRACE`

use autoscaler::autoscaler_core::plugin::{AlignmentInput, AlignmentMode, PluginResult, Plugins};
use servers::backtest::with_and_without;

/// Rounds up to a multiple of its parameter `of`.
#[derive(Debug)]
struct Multiples;

impl AlignmentMode for Multiples {
    fn align(&self, input: &AlignmentInput<'_>) -> PluginResult<i32> {
        let of: i32 = input.parameters.get("of").map_or(Ok(2), |text| text.parse())?;
        let wanted = input.alignable.wanted;
        Ok(if of > 0 { wanted.saturating_add((of - wanted.rem_euclid(of)).rem_euclid(of)) } else { wanted })
    }
}

#[expect(clippy::print_stdout, reason = "the example's output")]
fn main() -> anyhow::Result<()> {
    let plugins = Plugins::new().register_alignment_mode("org.example.Multiples", Multiples);
    let options = [
        ("job.autoscaler.scaling.parallelism-alignment.mode", "multiples"),
        ("job.autoscaler.scaling.parallelism-alignment.mode.multiples.class", "org.example.Multiples"),
        ("job.autoscaler.scaling.parallelism-alignment.mode.multiples.of", "4"),
    ];
    println!("{}", with_and_without(plugins, &options, "trace-000.jsonl.gz")?);
    Ok(())
}
