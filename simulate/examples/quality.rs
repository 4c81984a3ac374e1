//! How well policies do, as tables: the named scenarios against their bars, then drawn ones.
//!
//! `cargo xtask bench quality` runs it optimized. Arguments: how many scenarios are drawn (42), and the first one's number (0).

#![expect(clippy::print_stdout, reason = "a measurement speaks to its terminal")]

use std::error::Error;

use autoscaler_core::options::{Configuration, Origin};
use simulate::{Decider, FAMILIES, NAMES, Outcome, SimulateError, drawn, named, run};

/// What a named scenario has to come to: rescales, minutes beyond 60 s, worst lag in seconds, subtask-hours over the planner's.
const BARS: [(usize, f64, f64, f64); 7] = [
    (2, 1.0, 90.0, 1.08),
    (2, 2.0, 90.0, 1.08),
    (1, 0.0, 40.0, 1.08),
    (3, 0.0, 40.0, 1.00),
    (9, 0.0, 40.0, 1.02),
    (2, 2.0, 100.0, 1.15),
    (3, 0.0, 70.0, 1.80),
];

/// The example of Flink's own documentation of its autoscaler.
const DOCS: [(&str, &str); 6] = [
    ("job.autoscaler.stabilization.interval", "1m"),
    ("job.autoscaler.metrics.window", "5m"),
    ("job.autoscaler.utilization.target", "0.6"),
    ("job.autoscaler.target.utilization.boundary", "0.2"),
    ("job.autoscaler.restart.time", "2m"),
    ("job.autoscaler.catch-up.duration", "5m"),
];

fn deciders() -> Vec<(&'static str, Decider)> {
    let with = |options: &[(&str, &str)]| {
        let mut configuration = Configuration::new();
        options.iter().for_each(|(key, value)| configuration.set(*key, *value, Origin::Flag));
        Decider::Autoscaler(configuration)
    };
    vec![
        ("reference, defaults", with(&[])),
        ("reference, the docs' example options", with(&DOCS)),
        ("responsive", with(&[("job.autoscaler.policy", "responsive")])),
        ("HPA-like", Decider::Hpa),
        ("DS2-like", Decider::Ds2),
    ]
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1).filter(|argument| !argument.starts_with("--"));
    let count: u64 = arguments.next().map_or(Ok(42), |text| text.parse())?;
    let first: u64 = arguments.next().map_or(Ok(0), |text| text.parse())?;
    named_ones()?;
    if count > 0 {
        drawn_ones(first..first + count)?;
    }
    Ok(())
}

fn named_ones() -> Result<(), Box<dyn Error>> {
    let deciders = deciders();
    let heads: Vec<&str> = deciders.iter().map(|(name, _)| *name).collect();
    println!("| scenario | {} | bar | responsive meets it |", heads.join(" | "));
    println!("| --- |{}", " --- |".repeat(heads.len() + 2));
    for (name, (rescales, minutes, lag, ratio)) in NAMES.iter().zip(BARS) {
        let scenario = named(name).ok_or("a named scenario is there")?;
        let mut cells = Vec::new();
        let mut verdict = "";
        for (decider_name, decider) in &deciders {
            let outcome = run(&scenario, decider)?;
            cells.push(cell(outcome.rescales.len(), outcome.lag_minutes[1], outcome.worst_lag, outcome.ratio()));
            if *decider_name == "responsive" {
                let is_met = outcome.rescales.len() <= rescales
                    && outcome.lag_minutes[1].round() <= minutes
                    && outcome.worst_lag <= lag
                    && (outcome.ratio() * 100.0).round() <= (ratio * 100.0).round();
                verdict = if is_met { "yes" } else { "no" };
            }
        }
        println!("| {name} | {} | {} | {verdict} |", cells.join(" | "), cell(rescales, minutes, lag, ratio));
    }
    Ok(())
}

fn cell(rescales: usize, minutes: f64, lag: f64, ratio: f64) -> String {
    format!("{rescales} / {minutes:.0} / {lag:.0} / {ratio:.2}")
}

fn drawn_ones(seeds: std::ops::Range<u64>) -> Result<(), Box<dyn Error>> {
    let deciders = deciders();
    let all = |decider: &Decider| -> Result<Vec<Outcome>, SimulateError> {
        seeds.clone().map(|seed| run(&drawn(seed), decider)).collect()
    };
    let all = &all;
    let by_decider = std::thread::scope(|scope| {
        let running: Vec<_> = deciders.iter().map(|(_, decider)| scope.spawn(move || all(decider))).collect();
        let each = running.into_iter().map(|thread| Ok(thread.join().map_err(|_| "a run panicked")??));
        each.collect::<Result<Vec<Vec<Outcome>>, Box<dyn Error>>>()
    })?;
    println!("\nDrawn scenarios {} to {}, {} families:\n", seeds.start, seeds.end - 1, FAMILIES.len());
    println!(
        "| policy | rescales a day | minutes a day over 60 s, mean | median | subtask-hours over the planner's | cost, median | cost, mean | worst |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- | --- |");
    for (place, (name, _)) in deciders.iter().enumerate() {
        let outcomes = &by_decider[place];
        let each = |of: &dyn Fn(&Outcome) -> f64| outcomes.iter().map(of).collect::<Vec<f64>>();
        let rescales = mean(&each(&|outcome| count(outcome.rescales.len()) * 24.0 / outcome.hours));
        let minutes = each(&|outcome| outcome.lag_minutes[1] * 24.0 / outcome.hours);
        let costs = each(&Outcome::cost);
        println!(
            "| {name} | {rescales:.0} | {:.0} | {:.0} | {:.2} | {:.0} | {:.0} | {:.0} |",
            mean(&minutes),
            median(&minutes),
            mean(&each(&Outcome::ratio)),
            median(&costs),
            mean(&costs),
            costs.iter().copied().fold(f64::NEG_INFINITY, f64::max)
        );
    }
    println!(
        "\nLag alone that a job has which is as large as it may be all the time, mean cost: {:.0}.",
        mean(&unavoidable(seeds)?)
    );
    let cost = |place: usize| by_decider[place].iter().map(Outcome::cost);
    let better: Vec<f64> = cost(2).zip(cost(0)).map(|(ours, theirs)| ours - theirs).collect();
    println!(
        "\nResponsive against the reference with defaults, pair by pair: {:.0} on average, better in {}, worse in {}.",
        mean(&better),
        better.iter().filter(|difference| **difference < 0.0).count(),
        better.iter().filter(|difference| **difference > 0.0).count()
    );
    Ok(())
}

/// What lag costs a job in each scenario that has all the subtasks it may have from the beginning: no policy avoids that.
fn unavoidable(seeds: std::ops::Range<u64>) -> Result<Vec<f64>, SimulateError> {
    let each = seeds.map(|seed| {
        let mut scenario = drawn(seed);
        let slots = scenario.slots.as_ref().map_or(i32::MAX, |slots| slots.total);
        for vertex in &mut scenario.vertices {
            vertex.parallelism = Some(vertex.max_parallelism.min(slots));
        }
        let outcome = run(&scenario, &Decider::Nobody)?;
        Ok(outcome.cost() - 60.0 * (outcome.ratio() - 1.0))
    });
    each.collect()
}

fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / count(values.len())
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    if sorted.len() % 2 == 1 { sorted[middle] } else { (sorted[middle - 1] + sorted[middle]) / 2.0 }
}
