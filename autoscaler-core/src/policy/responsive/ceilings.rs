//! Whether a scale-up raised what a vertex can do: where it did not, more subtasks are not tried again for a while.

use super::capacity::Capacity;
use super::look::Look;
use super::memory::{Memory, Trial, VertexMemory};
use super::settings::SETTLE;

/// Until when a ceiling found for the nth time holds: an hour, then two, four, eight.
fn holds_until(now: f64, times: i32) -> f64 {
    now + 3600.0 * 2.0_f64.powi(times.clamp(0, 3))
}

/// Lets ceilings grow a little once their time is over, so that more may be tried.
pub(super) fn let_grow(look: &Look, memory: &mut Memory) {
    for capacity in memory.vertices.iter_mut().filter_map(|known| known.capacity.as_mut()) {
        if capacity.ceiling.is_finite() && look.now > capacity.until {
            capacity.ceiling *= 1.3;
            capacity.until = holds_until(look.now, capacity.times);
        }
    }
}

/// Judges the last scale-up from a minute and a half to five and a half after the restart.
pub(super) fn judge(look: &Look, memory: &mut Memory) {
    if look.age() < SETTLE || memory.vertices.iter().all(|known| known.trial.is_none()) {
        return;
    }
    let is_as_tried = |(seen, known): (&super::look::VertexLook, &VertexMemory)| {
        known.trial.is_none_or(|trial| trial.after == seen.parallelism)
    };
    if !look.vertices.iter().zip(&memory.vertices).all(is_as_tried) {
        return end_trial(memory);
    }
    for (seen, known) in look.vertices.iter().zip(&mut memory.vertices) {
        if let Some(trial) = known.trial.as_mut().filter(|_| seen.busy > 0.3 && seen.rate_in > 0.0) {
            trial.seen.0 += (seen.rate_in / seen.busy).ln();
            trial.seen.1 += 1;
        }
    }
    if look.age() < SETTLE + 240.0 {
        return;
    }
    for known in &mut memory.vertices {
        if let Some(capped) = known.trial.and_then(|trial| ceiling(trial, look.now)) {
            known.capacity = Some(capped);
        }
    }
    end_trial(memory);
}

pub(super) fn end_trial(memory: &mut Memory) {
    for known in &mut memory.vertices {
        known.trial = None;
    }
}

/// Whether the last scale-up has done nothing for a vertex so far: before that is judged, another would be blind.
pub(super) fn is_in_doubt(known: &VertexMemory) -> bool {
    known.trial.is_some_and(|trial| trial.seen.1 > 0 && has_done_nothing(trial))
}

/// Records per second that a vertex was seen to do since a scale-up.
fn real(trial: Trial) -> f64 {
    (trial.seen.0 / f64::from(trial.seen.1)).exp()
}

fn has_done_nothing(trial: Trial) -> bool {
    let (got, hoped) = (real(trial) / trial.have - 1.0, trial.expect / trial.have - 1.0);
    trial.after > trial.before && hoped > 0.1 && got < 0.25 * hoped
}

/// What is known of a vertex that a scale-up did nothing for.
fn ceiling(trial: Trial, now: f64) -> Option<Capacity> {
    (trial.seen.1 >= 4 && has_done_nothing(trial)).then(|| Capacity {
        ceiling: real(trial).max(trial.have) * 1.02,
        until: holds_until(now, trial.curve.times),
        times: trial.curve.times.saturating_add(1),
        ..trial.curve
    })
}
