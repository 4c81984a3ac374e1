//! What a look adds to what is remembered.

use super::capacity;
use super::flow;
use super::level::{Level, level};
use super::look::{Look, VertexLook};
use super::memory::{Counted, Memory, Source};
use super::settings::{LOOK, SCALING_RESTARTS, SETTLE, Settings};
use crate::options::Idea;

/// What was learned from a look.
#[derive(Clone, Debug)]
pub(super) struct Observed {
    /// Seconds since the look before.
    pub(super) passed: f64,
    /// The load of each source; nothing for other vertices.
    pub(super) levels: Vec<Level>,
}

/// Takes a look into account; none where counters have nothing to be held against.
pub(super) fn observe(look: &Look, memory: &mut Memory, settings: &Settings) -> Option<Observed> {
    memory.align(look);
    memory.forget_old(look.now, settings.memory);
    note_restart(look, memory);
    let before: Vec<_> = memory.vertices.iter().map(|known| known.counted).collect();
    for (seen, known) in look.vertices.iter().zip(&mut memory.vertices) {
        let (read, written, waiting) = (seen.records_in, seen.records_out, seen.pending);
        known.counted = (!seen.is_incomplete()).then_some(Counted { read, written, waiting });
    }
    let last = memory.last.replace(look.now).filter(|last| look.continues && *last < look.now)?;
    let has_fallen = |(seen, before): (&VertexLook, &Option<Counted>)| {
        before.is_some_and(|before| seen.records_in < before.read || seen.records_out < before.written)
    };
    if look.vertices.iter().zip(&before).any(has_fallen) {
        return None;
    }
    let passed = look.now - last;
    take_samples(look, memory, &before, passed);
    flow::learn(look, memory, &before, passed);
    learn_vertices(look, memory, passed, settings);
    let levels = note_levels(look, memory, passed, settings);
    let is_blind = look.sources().any(|source| look.is_blind(source));
    memory.throttled = if is_blind { memory.throttled.saturating_add(1) } else { 0 };
    Some(Observed { passed, levels })
}

/// What was learned at the last look, for another one so soon that it says nothing new.
pub(super) fn again(look: &Look, memory: &Memory) -> Observed {
    let of = |index: usize| memory.vertices[index].source.as_ref().filter(|_| look.vertices[index].is_source());
    let levels = (0..look.vertices.len())
        .map(|index| of(index).map_or_else(Level::default, |source| level(&source.samples, &source.means, true)))
        .collect();
    Observed { passed: LOOK, levels }
}

/// Learns from a restart how long a scaling takes.
fn note_restart(look: &Look, memory: &mut Memory) {
    if let Some(since) = memory.running_since.filter(|since| *since != look.running_since) {
        let took = look.running_since - memory.scaled_at;
        if took > 0.0 && took < SCALING_RESTARTS && memory.scaled_at > since {
            memory.down_time += (took - memory.down_time) * 0.5;
            memory.rescales.push(memory.scaled_at);
        }
        memory.last = None;
        memory.throttled = 0;
    }
    memory.running_since = Some(look.running_since);
}

/// Arrivals per second since the look before: records read, and what the backlog grew by.
fn take_samples(look: &Look, memory: &mut Memory, before: &[Option<Counted>], passed: f64) {
    for index in look.sources() {
        let seen = &look.vertices[index];
        let Some(Counted { read, waiting: waited, .. }) = before[index] else { continue };
        let mut rate = (seen.records_in - read) / passed;
        match (seen.pending, waited) {
            (Some(waiting), Some(waited)) => rate += (waiting - waited) / passed,
            // What a source hides can't be seen while it is held back.
            _ if seen.held_back > 0.02 => continue,
            _ => {}
        }
        if rate.is_finite() {
            memory.vertices[index].source.get_or_insert_with(Source::default).add(look.now, rate.max(0.0));
        }
    }
}

fn learn_vertices(look: &Look, memory: &mut Memory, passed: f64, settings: &Settings) {
    let has_settled = look.age() >= SETTLE;
    let is_anew = !settings.uses(Idea::Learning) && look.age() <= SETTLE + 45.0;
    for (seen, known) in look.vertices.iter().zip(&mut memory.vertices) {
        if seen.busy.is_finite() {
            let busy = known.busy.unwrap_or(seen.busy);
            known.busy = Some(busy + (seen.busy - busy) * (passed / 120.0).min(1.0));
        }
        if has_settled {
            known.capacity = capacity::learn(known.capacity.filter(|_| !is_anew), seen, passed);
        }
    }
}

/// The level of each source's load, noted as a peak of the minute that it is of; what may have ended already is not.
fn note_levels(look: &Look, memory: &mut Memory, passed: f64, settings: &Settings) -> Vec<Level> {
    let mut levels = vec![Level::default(); look.vertices.len()];
    for index in look.sources() {
        let source = memory.vertices[index].source.get_or_insert_with(Source::default);
        let mut level = level(&source.samples, &source.means, settings.uses(Idea::ChangePoints));
        if !settings.uses(Idea::Trend) {
            level.slope = 0.0;
        }
        if !level.is_pending {
            source.note_peak(minute(look.now - passed / 2.0), level.now);
        }
        levels[index] = level;
    }
    levels
}

/// Whole minutes since the epoch.
#[expect(clippy::cast_possible_truncation, reason = "minutes of any date to come fit")]
pub(super) fn minute(seconds: f64) -> i64 {
    (seconds / 60.0).floor() as i64
}
