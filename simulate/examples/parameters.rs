//! The responsive policy with each of its options at half and double, as a table: what its decisions hang on.
//!
//! `cargo xtask bench quality --parameters` runs it optimized. Arguments: how many scenarios are drawn (42), and the first one's
//! number (0).

#![expect(clippy::print_stdout, reason = "a measurement speaks to its terminal")]

use std::error::Error;

use autoscaler_core::options::{Configuration, Origin};
use simulate::{Decider, Outcome, Scenario, drawn, named, run};

/// Options behind `job.autoscaler.`, at half and double; those that are shares of time move by as much as they can.
const CHANGED: [(&str, [&str; 2]); 8] = [
    ("responsive.utilization.target", ["0.6", "0.8"]),
    ("responsive.utilization.high", ["0.84", "0.96"]),
    ("responsive.lag", ["30 s", "120 s"]),
    ("responsive.rescale.price", ["27 min", "110 min"]),
    ("responsive.rescale.trust", ["0.09", "0.36"]),
    ("responsive.rescale.max-per-day", ["24", "96"]),
    ("responsive.catch-up.duration", ["90 s", "360 s"]),
    ("responsive.memory", ["3 h", "12 h"]),
];

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let count: u64 = arguments.next().map_or(Ok(42), |text| text.parse())?;
    let first: u64 = arguments.next().map_or(Ok(0), |text| text.parse())?;
    let scenarios: Vec<Scenario> = (first..first + count).map(drawn).collect();
    let named: Vec<Scenario> = ["spike", "bursts"].into_iter().filter_map(named).collect();
    println!("| options | spike | bursts | cost, median | cost, mean | better / worse than with defaults |");
    println!("| --- | --- | --- | --- | --- | --- |");
    let usual = row("defaults", None, &named, &scenarios, None)?;
    for (key, values) in CHANGED {
        for value in values {
            let label = format!("`{key}` {value}");
            row(&label, Some((key, value)), &named, &scenarios, Some(&usual))?;
        }
    }
    Ok(())
}

/// Prints a row; the cost of each drawn scenario.
fn row(
    label: &str,
    option: Option<(&str, &str)>,
    named: &[Scenario],
    drawn: &[Scenario],
    usual: Option<&[f64]>,
) -> Result<Vec<f64>, Box<dyn Error>> {
    let mut options = Configuration::new();
    options.set("job.autoscaler.policy", "responsive", Origin::Flag);
    if let Some((key, value)) = option {
        options.set(format!("job.autoscaler.{key}"), value, Origin::Flag);
    }
    let decider = Decider::Autoscaler(options);
    let outcome = |scenario: &Scenario| run(scenario, &decider);
    let cells: Vec<String> =
        named.iter().map(|scenario| outcome(scenario).map(|outcome| cell(&outcome))).collect::<Result<_, _>>()?;
    let costs: Vec<f64> =
        drawn.iter().map(|scenario| outcome(scenario).map(|outcome| outcome.cost())).collect::<Result<_, _>>()?;
    let differences: Vec<f64> =
        usual.iter().flat_map(|usual| costs.iter().zip(*usual)).map(|(cost, usual)| cost - usual).collect();
    let compared = match usual {
        Some(_) => {
            let (better, worse) =
                (differences.iter().filter(|d| **d < -0.5).count(), differences.iter().filter(|d| **d > 0.5).count());
            format!("{better} / {worse}")
        }
        None => String::new(),
    };
    let mut sorted = costs.clone();
    sorted.sort_by(f64::total_cmp);
    let median = sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN);
    #[expect(clippy::cast_precision_loss, reason = "a number of scenarios")]
    let mean = costs.iter().sum::<f64>() / costs.len() as f64;
    println!("| {label} | {} | {median:.0} | {mean:.0} | {compared} |", cells.join(" | "));
    Ok(costs)
}

fn cell(outcome: &Outcome) -> String {
    let (rescales, minutes) = (outcome.rescales.len(), outcome.lag_minutes[1]);
    format!("{rescales} / {minutes:.0} / {:.0} / {:.2}", outcome.worst_lag, outcome.ratio())
}
