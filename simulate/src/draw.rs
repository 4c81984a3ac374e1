//! Scenarios drawn from a seed: a family of loads, a graph, and what makes life hard.

mod graphs;
mod hardships;

use crate::load::Load;
use crate::random::Random;
use crate::scenario::{Restart, Scenario};

/// The families of loads.
pub const FAMILIES: [&str; 14] = [
    "constant",
    "jump-up",
    "jump-down",
    "up-and-down",
    "ramp-up",
    "ramp-down",
    "sine",
    "short-sine",
    "spike",
    "bursts",
    "decay",
    "staircase",
    "walk",
    "two-peaks",
];

/// What a scenario is drawn for.
const DRAWN: u64 = 11;
/// Hours that a drawn scenario is run.
const HOURS: f64 = 6.0;

/// The scenario with a number: numbers go through the families, and with each pass all else is drawn anew. None for a
/// combination that was drawn is better known than another, so no number is special.
pub fn drawn(seed: u64) -> Scenario {
    let families = u64::try_from(FAMILIES.len()).unwrap_or(1);
    let family = FAMILIES[usize::try_from(seed % families).unwrap_or(0)];
    let mut random = Random::new(seed, DRAWN);
    let base = 400.0 * random.between(1.0, 5.0);
    let load = load(family, base, &mut random);
    let (graph, vertices) = graphs::graph(load, base, &mut random);
    let restart = Restart {
        seconds: random.between(10.0, 60.0),
        per_subtask: random.between(0.0, 0.5),
        per_million_records: random.between(0.0, 0.2),
        jitter: 0.1,
        checkpoint_interval: random.pick(&[10.0, 30.0, 60.0]),
    };
    let name = format!("{family}-{graph}-{seed}");
    let mut scenario =
        Scenario { seed, load_noise: random.between(0.0, 0.05), restart, ..Scenario::new(&name, HOURS, vertices) };
    hardships::add(&mut scenario, &mut random);
    scenario
}

/// A load of a family around a level, records per second.
fn load(family: &str, base: f64, random: &mut Random) -> Load {
    let (factor, at) = (random.between(1.8, 5.0), random.between(50.0, 120.0));
    let peak = base * factor;
    match family {
        "jump-up" => Load::Step { from: base, to: peak, at },
        "jump-down" => Load::Step { from: peak, to: base, at },
        "up-and-down" => Load::Bursts { base, peak, at, minutes: random.between(40.0, 120.0), every: None },
        "ramp-up" => Load::Ramp { from: base, to: peak, start: at, minutes: random.between(15.0, 150.0) },
        "ramp-down" => Load::Ramp { from: peak, to: base, start: at, minutes: random.between(15.0, 150.0) },
        "sine" => Load::Sine { low: base, high: peak, period: random.between(300.0, 600.0) },
        "short-sine" => Load::Sine { low: base, high: peak, period: random.between(60.0, 150.0) },
        "spike" => Load::Bursts { base, peak, at, minutes: random.between(3.0, 20.0), every: None },
        "bursts" => {
            let every = random.between(40.0, 90.0);
            Load::Bursts { base, peak, at, minutes: random.between(4.0, 0.4 * every), every: Some(every) }
        }
        "decay" => {
            let every = random.happens(0.5).then_some(150.0);
            Load::Decay { base, peak, at, half_life: random.between(8.0, 40.0), every }
        }
        "staircase" => Load::Points { points: staircase(base, random) },
        "walk" => Load::Walk { base: base * 2.0, volatility: random.between(0.3, 0.8) },
        "two-peaks" => {
            let (noon, evening) = (random.between(90.0, 140.0), random.between(220.0, 290.0));
            let second = base * random.between(1.5, 4.0);
            let ups = [(0.0, base), (noon - 45.0, base), (noon, peak), (noon + 40.0, base * 1.3)];
            let downs = [(evening - 50.0, base * 1.3), (evening, second), (evening + 40.0, base), (360.0, base)];
            Load::Points { points: ups.into_iter().chain(downs).collect() }
        }
        _ => Load::Constant { rate: base * 2.0 },
    }
}

/// Levels that hold for a while, each another.
fn staircase(base: f64, random: &mut Random) -> Vec<(f64, f64)> {
    let (mut points, mut minute, mut rate) = (Vec::new(), 0.0, base * 1.5);
    while minute < HOURS * 60.0 {
        let end = minute + random.between(25.0, 80.0);
        points.extend([(minute, rate), (end, rate)]);
        let factor = random.between(1.2, 2.2);
        rate = (if random.happens(0.5) { rate * factor } else { rate / factor }).clamp(0.5 * base, 5.0 * base);
        minute = end;
    }
    points
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_drawn_makes_sense_and_is_the_same_again() {
        for seed in 0..200 {
            let scenario = drawn(seed);
            scenario.check().unwrap_or_else(|error| panic!("{seed}: {error}"));
            assert_eq!(scenario, drawn(seed));
            assert!(
                scenario.name.starts_with(FAMILIES[usize::try_from(seed).unwrap() % FAMILIES.len()]),
                "{}",
                scenario.name
            );
        }
        assert_ne!(drawn(0).vertices, drawn(14).vertices);
    }
}
