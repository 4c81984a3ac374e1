//! A custom evaluator: plans for more load than arrives now. Run over a recorded trace, it shows what it changes.
//!
//! `cargo run --package flink-autoscaler-lib --example custom_evaluator -- TRACE`

use autoscaler::autoscaler_core::metric::{EvaluatedScalingMetric, ScalingMetric};
use autoscaler::autoscaler_core::plugin::{CustomEvaluator, EvaluatorInput, PluginResult, Plugins};
use servers::backtest::with_and_without;

/// Multiplies the target data rate of sources by its parameter `factor`; the vertices behind follow.
#[derive(Debug)]
struct Headroom;

impl CustomEvaluator for Headroom {
    fn priority(&self) -> i32 {
        0
    }

    fn evaluate(&self, input: &EvaluatorInput<'_>) -> PluginResult<Vec<(ScalingMetric, EvaluatedScalingMetric)>> {
        if !input.vertex.is_source() {
            return Ok(Vec::new());
        }
        let factor: f64 = input.parameters.get("factor").ok_or("the parameter factor is not set")?.parse()?;
        let target = input.metrics.average(ScalingMetric::TargetDataRate) * factor;
        Ok(vec![(ScalingMetric::TargetDataRate, EvaluatedScalingMetric::average(target))])
    }
}

#[expect(clippy::print_stdout, reason = "the example's output")]
fn main() -> anyhow::Result<()> {
    let plugins = Plugins::new().register_evaluator("org.example.Headroom", Headroom);
    let options = [
        ("job.autoscaler.metrics.custom-evaluators", "headroom"),
        ("job.autoscaler.metrics.custom-evaluator.headroom.class", "org.example.Headroom"),
        ("job.autoscaler.metrics.custom-evaluator.headroom.factor", "1.5"),
    ];
    println!("{}", with_and_without(plugins, &options, "trace-000.jsonl.gz")?);
    Ok(())
}
