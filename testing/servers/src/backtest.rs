//! A recorded trace, run with and without plugins: what the plugin examples show.

use std::path::PathBuf;

use autoscaler_core::options::Configuration;
use autoscaler_core::plugin::Plugins;
use autoscaler_core::{Autoscaler, Outcome};
use replay::{Replay, ReplayedCycle};

/// One of the recordings.
fn recording(name: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../conformance/data/traces")).join(name)
}

fn scalings(cycles: &[ReplayedCycle]) -> usize {
    cycles.iter().filter(|cycle| cycle.report.outcome == Outcome::Scaled).count()
}

/// Runs the trace that the command line names, or else a recording, twice: tells the cycles in which the plugins, picked
/// by `options`, made a difference.
///
/// # Errors
/// The trace can't be read.
pub fn with_and_without(plugins: Plugins, options: &[(&str, &str)], recorded: &str) -> anyhow::Result<String> {
    let trace = std::env::args().nth(1).map_or_else(|| recording(recorded), PathBuf::from);
    let over: Configuration = options.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    let without = Replay::run(&trace, &Configuration::new(), &Autoscaler::new())?;
    let with = Replay::run(&trace, &over, &Autoscaler::new().with_plugins(plugins))?;
    let mut out = String::new();
    let mut differing = 0;
    for (number, (before, after)) in without.iter().zip(&with).enumerate() {
        after.report.warnings.iter().for_each(|warning| out.push_str(&format!("warning: {warning}\n")));
        if before.report.realization != after.report.realization || before.report.outcome != after.report.outcome {
            differing += 1;
            out.push_str(&format!("cycle {number}, without: {}\n", before.report.explanation()));
            out.push_str(&format!("cycle {number}, with: {}\n", after.report.explanation()));
        }
    }
    out.push_str(&format!(
        "scalings: {} without, {} with the plugin; cycles that differ: {differing}",
        scalings(&without),
        scalings(&with)
    ));
    Ok(out)
}
