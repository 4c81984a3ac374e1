//! The responsive policy without each of its ideas, and with each of its options at half and double, as a table: what its
//! decisions hang on.
//!
//! `cargo xtask bench quality --parameters` runs it optimized. Arguments: how many scenarios are drawn (42), the first one's
//! number (0), and what alone is to be changed, ideas or keys (all).

#![expect(clippy::print_stdout, reason = "a measurement speaks to its terminal")]

use std::error::Error;

use autoscaler_core::options::{Configuration, Idea, Origin};
use simulate::{Decider, NAMES, Outcome, Scenario, SimulateError, drawn, named, run};

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

const AS_IT_IS: &str = "as it is";

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let count: u64 = arguments.next().map_or(Ok(42), |text| text.parse())?;
    let first: u64 = arguments.next().map_or(Ok(0), |text| text.parse())?;
    let only: Vec<String> = arguments.collect();
    let scenarios: Vec<Scenario> =
        NAMES.iter().filter_map(|name| named(name)).chain((first..first + count).map(drawn)).collect();
    println!(
        "| | spike | bursts | the seven: cost, mean | drawn: cost, median | mean | worst | better / worse than as it is |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- | --- |");
    let mut changed = vec![(AS_IT_IS.to_owned(), Decider::Autoscaler(responsive()))];
    changed.extend(Idea::ALL.map(|idea| (format!("without {idea:?}"), Decider::Without(responsive(), idea))));
    for (key, values) in CHANGED {
        for value in values {
            let mut options = responsive();
            options.set(format!("job.autoscaler.{key}"), value, Origin::Flag);
            changed.push((format!("`{key}` {value}"), Decider::Autoscaler(options)));
        }
    }
    let is_asked_for = |label: &str| only.is_empty() || only.iter().any(|part| label.contains(part));
    changed.retain(|(label, _)| label == AS_IT_IS || is_asked_for(label));
    let scenarios = &scenarios;
    let all = |decider: &Decider| -> Result<Vec<Outcome>, SimulateError> {
        scenarios.iter().map(|scenario| run(scenario, decider)).collect()
    };
    std::thread::scope(|scope| {
        let running: Vec<_> =
            changed.iter().map(|(label, decider)| (label, scope.spawn(move || all(decider)))).collect();
        let mut usual = None;
        for (label, thread) in running {
            let outcomes = thread.join().map_err(|_| "a run panicked")??;
            let drawn = row(label, &outcomes, usual.as_deref());
            usual.get_or_insert(drawn);
        }
        Ok(())
    })
}

fn responsive() -> Configuration {
    let mut options = Configuration::new();
    options.set("job.autoscaler.policy", "responsive", Origin::Flag);
    options
}

/// Prints a row; what each drawn scenario costs. Against `usual`, what they cost with everything as it is.
fn row(label: &str, outcomes: &[Outcome], usual: Option<&[f64]>) -> Vec<f64> {
    let (named, drawn) = outcomes.split_at(NAMES.len());
    let cells = named.iter().filter(|outcome| ["spike", "bursts"].contains(&outcome.scenario.as_str()));
    let cells: Vec<String> = cells.map(cell).collect();
    let costs = |outcomes: &[Outcome]| outcomes.iter().map(Outcome::cost).collect::<Vec<f64>>();
    let (seven, costs) = (mean(&costs(named)), costs(drawn));
    let differences = || usual.iter().flat_map(|usual| costs.iter().zip(*usual)).map(|(cost, usual)| cost - usual);
    let compared = usual.map_or_else(String::new, |_| {
        format!("{} / {}", differences().filter(|d| *d < -0.5).count(), differences().filter(|d| *d > 0.5).count())
    });
    let mut sorted = costs.clone();
    sorted.sort_by(f64::total_cmp);
    let at = |place: usize| sorted.get(place).copied().unwrap_or(f64::NAN);
    let (median, worst) = (at(costs.len() / 2), at(costs.len().saturating_sub(1)));
    let mean = mean(&costs);
    println!("| {label} | {} | {seven:.1} | {median:.0} | {mean:.0} | {worst:.0} | {compared} |", cells.join(" | "));
    costs
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / f64::from(u32::try_from(values.len()).unwrap_or(u32::MAX))
}

fn cell(outcome: &Outcome) -> String {
    let (rescales, minutes) = (outcome.rescales.len(), outcome.lag_minutes[1]);
    format!("{rescales} / {minutes:.0} / {:.0} / {:.2}", outcome.worst_lag, outcome.ratio())
}
