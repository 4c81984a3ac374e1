//! When a job gets more subtasks, and how many.

use super::look::Look;
use super::memory::{Memory, Trial};
use super::settings::{HORIZON, REGRET, SCALING_RESTARTS, SETTLE, Settings};
use super::situation::Situation;
use crate::options::Idea;
use crate::policy::rule::Rule;

/// Why more is needed; none where it is not.
pub(super) fn need(look: &Look, memory: &Memory, situation: &Situation, settings: &Settings) -> Option<Rule> {
    let Situation { utilization, lag, ahead, tight, .. } = *situation;
    // Something has to confirm what the model says: a backlog, a source held back, or a vertex that is busy indeed.
    let busy = memory.vertices[tight].busy.unwrap_or(1.0);
    let is_seen = !settings.uses(Idea::Confirmation)
        || lag > 10.0
        || situation.hidden.contains(&true)
        || busy > 0.9 * settings.high;
    if utilization > 1.0 && lag + (utilization - 1.0) * HORIZON > settings.lag && is_seen {
        return Some(Rule::Overload { utilization, lag });
    }
    let enough = |source: usize| memory.vertices[source].source.as_ref().is_some_and(|known| known.samples.len() >= 10);
    let is_hot = ahead > settings.high && utilization > settings.high && is_seen && situation.ahead_span >= 240.0;
    if is_hot && look.sources().all(enough) {
        return Some(Rule::Hot { ahead, high: settings.high });
    }
    if lag > settings.lag {
        let clears =
            if utilization > 0.0 && utilization < 1.0 { lag / (1.0 / utilization - 1.0) } else { f64::INFINITY };
        if clears > 3.0 * (settings.catch_up + memory.down_time) && look.age() > 300.0 {
            return Some(Rule::Slow { lag, clears });
        }
    }
    None
}

/// Whether a scaling of ours is too fresh to be judged; for how many seconds more.
pub(super) fn settles(look: &Look, memory: &Memory) -> Option<f64> {
    let scaled_at = memory.scaled_at.max(look.scaled_at.unwrap_or(f64::NEG_INFINITY));
    let is_ours = scaled_at > look.running_since - SCALING_RESTARTS;
    (look.age() < SETTLE && is_ours).then(|| SETTLE - look.age())
}

/// The parallelism that the job gets; none where the tight vertex would hardly gain from it. No vertex is lowered.
pub(super) fn size(look: &Look, memory: &Memory, situation: &Situation, settings: &Settings) -> Option<Vec<i32>> {
    let mut goal = vec![0.0; look.vertices.len()];
    for source in look.sources() {
        goal[source] = goal_of(source, memory, situation, settings);
    }
    let wanted = situation.abilities.needs(look, memory, &goal);
    let new: Vec<i32> = look.vertices.iter().zip(&wanted).map(|(seen, wanted)| seen.parallelism.max(*wanted)).collect();
    // What the job gains is what the vertex gains that is tight then.
    let each = look.vertices.iter().zip(&situation.demand).zip(&new).enumerate();
    let busiest = each
        .filter(|(_, ((_, demand), _))| **demand > 0.0)
        .map(|(index, ((seen, demand), new))| demand / situation.abilities.at(index, seen, *new, 0.0))
        .fold(0.0, f64::max);
    let helps = situation.utilization > 1.05 * busiest || !settings.uses(Idea::WholeJob);
    (helps && new[situation.tight] > look.vertices[situation.tight].parallelism).then_some(new)
}

/// Records per second at a source to size for: the present load at the target, what a trend will bring, and what clears the
/// backlog in time.
fn goal_of(source: usize, memory: &Memory, situation: &Situation, settings: &Settings) -> f64 {
    let level = situation.levels[source];
    let load = level.now;
    let relative = level.slope / load.max(1e-9);
    let reach = settings.reach(relative, level.held);
    let backlog = situation.backlog[source] + load * (memory.down_time + 10.0);
    let trend = (load + level.slope * reach).min(2.0 * load) / settings.high;
    (load / settings.target).max(trend).max(load + backlog / settings.catch_up)
}

/// Takes note of a scale-up.
pub(super) fn remember(look: &Look, memory: &mut Memory, situation: &Situation, settings: &Settings, new: &[i32]) {
    if settings.uses(Idea::Regret) {
        regret(look, memory, new);
    }
    for (index, (seen, known)) in look.vertices.iter().zip(&mut memory.vertices).enumerate() {
        let Some(curve) = known.capacity.or(situation.abilities.curves[index]) else { continue };
        known.trial = Some(Trial {
            before: seen.parallelism,
            after: new[index],
            have: situation.have[index],
            expect: curve.at(seen, new[index], 0.0),
            seen: (0.0, 0),
            curve,
        });
        if let Some(source) = known.source.as_mut().filter(|_| look.is_blind(index)) {
            source.guess = Some(situation.levels[index].now);
        }
    }
    memory.scaled(look.now);
}

/// A scale-up to where a recent scale-down came from: that one was wrong, and the next has to wait twice as long. Much later
/// that is forgotten, step by step.
fn regret(look: &Look, memory: &mut Memory, new: &[i32]) {
    let after: f64 = new.iter().map(|parallelism| f64::from(*parallelism)).sum();
    match memory.last_down() {
        Some((at, before)) if look.now - at < REGRET && after > 0.8 * before => {
            memory.penalty = (memory.penalty * 2.0).clamp(1.0, 8.0);
            memory.downs.pop();
        }
        Some((at, _)) if look.now - at > 4.0 * 3600.0 => {
            memory.penalty = if memory.penalty > 1.0 { memory.penalty / 2.0 } else { 0.0 };
        }
        _ => {}
    }
}
