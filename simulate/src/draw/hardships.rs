//! What makes life hard in drawn scenarios.

use crate::random::Random;
use crate::scenario::{Drift, Metrics, Rival, Scenario, Slots, Slowdown, WarmUp};

/// All kinds of it.
const KINDS: [fn(&mut Scenario, &mut Random); 10] =
    [sublinear, hot_key, ceiling, warm_up, metrics, no_backlog, slowdown, drift, few_slots, rival];

/// Adds two to four kinds.
pub(super) fn add(scenario: &mut Scenario, random: &mut Random) {
    let mut left: Vec<usize> = (0..KINDS.len()).collect();
    for _ in 0..random.pick(&[2, 3, 4]) {
        let kind = random.pick(&left);
        left.retain(|other| *other != kind);
        KINDS[kind](scenario, random);
    }
}

/// Where an operator is, as opposed to a source.
fn operator(scenario: &Scenario, random: &mut Random) -> usize {
    let operators = scenario.vertices.iter().zip(0..).filter(|(vertex, _)| vertex.load.is_none());
    random.pick(&operators.map(|(_, position)| position).collect::<Vec<usize>>())
}

/// Subtasks that the widest vertex takes for the highest load there is.
fn widest(scenario: &Scenario) -> i32 {
    crate::job::Job::new(scenario).widest_planned()
}

fn sublinear(scenario: &mut Scenario, random: &mut Random) {
    let position = operator(scenario, random);
    scenario.vertices[position].exponent = random.between(0.7, 0.95);
}

fn hot_key(scenario: &mut Scenario, random: &mut Random) {
    let share = random.between(0.01, 0.06);
    for vertex in scenario.vertices.iter_mut().filter(|vertex| vertex.keyed).take(1) {
        vertex.hot_key = share;
    }
}

/// Less or a little more than what the highest load takes.
fn ceiling(scenario: &mut Scenario, random: &mut Random) {
    let peak = crate::job::Job::new(scenario).peak_demand();
    let last = scenario.vertices.len() - 1;
    scenario.vertices[last].ceiling = Some(peak[last].max(1.0) * random.between(0.8, 1.4));
}

fn warm_up(scenario: &mut Scenario, random: &mut Random) {
    let position = operator(scenario, random);
    let (seconds, from) = (random.between(30.0, 180.0), random.between(0.4, 0.8));
    scenario.vertices[position].warm_up = Some(WarmUp { seconds, from });
}

fn metrics(scenario: &mut Scenario, random: &mut Random) {
    let late = random.pick(&[5, 10, 20, 30]);
    let (missing, incomplete) = (random.pick(&[0.0, 0.02]), random.pick(&[0.0, 0.02]));
    scenario.metrics = Metrics { late, noise: random.between(0.01, 0.08), missing, incomplete };
}

fn no_backlog(scenario: &mut Scenario, _: &mut Random) {
    for vertex in scenario.vertices.iter_mut().filter(|vertex| vertex.load.is_some()).take(1) {
        vertex.pending = false;
    }
}

fn slowdown(scenario: &mut Scenario, random: &mut Random) {
    let position = operator(scenario, random);
    let (at, minutes) = (random.between(60.0, 250.0), random.between(5.0, 30.0));
    scenario.vertices[position].slowdown = Some(Slowdown { at, minutes, factor: random.between(0.5, 0.85) });
}

fn drift(scenario: &mut Scenario, random: &mut Random) {
    let position = operator(scenario, random);
    let (by, period) = (random.between(0.1, 0.4), random.between(60.0, 300.0));
    scenario.vertices[position].drift = Some(Drift { by, period });
}

/// A few less or more than the highest load takes.
fn few_slots(scenario: &mut Scenario, random: &mut Random) {
    let factor = random.between(0.8, 1.5);
    let wide = f64::from(widest(scenario)) * factor;
    let total = (1..i32::MAX).find(|slots| f64::from(*slots) >= wide).unwrap_or(1);
    scenario.slots = Some(Slots { total, rival: None });
}

fn rival(scenario: &mut Scenario, random: &mut Random) {
    let total = scenario.slots.as_ref().map_or_else(|| widest(scenario) + 4, |slots| slots.total);
    let slots = (total / 2).max(1);
    let (at, minutes) = (random.between(30.0, 200.0), random.between(20.0, 90.0));
    scenario.slots = Some(Slots { total, rival: Some(Rival { slots, at, minutes }) });
}
