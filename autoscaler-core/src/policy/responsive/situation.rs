//! How a job is doing: what is asked of each vertex, what each can do, and which is tight.

use super::ceilings;
use super::flow::push;
use super::level::Level;
use super::look::Look;
use super::memory::Memory;
use super::needs::Abilities;
use super::observe::Observed;
use super::settings::{AHEAD, SETTLE, Settings};
use crate::options::Idea;

/// How a job is doing. Everything is in the look's order.
#[derive(Clone, Debug)]
pub(super) struct Situation {
    /// The load of each source, assumed where it is hidden.
    pub(super) levels: Vec<Level>,
    /// Sources whose load is assumed.
    pub(super) hidden: Vec<bool>,
    /// Records that wait at each source.
    pub(super) backlog: Vec<f64>,
    /// Records that will reach each vertex for them.
    pub(super) backlogs: Vec<f64>,
    /// Seconds that the worst source lags.
    pub(super) lag: f64,
    pub(super) abilities: Abilities,
    /// Records per second that reach each vertex.
    pub(super) demand: Vec<f64>,
    /// Records per second that each can do as it is.
    pub(super) have: Vec<f64>,
    /// The vertex that sets the pace.
    pub(super) tight: usize,
    /// Its demand over what it can do.
    pub(super) utilization: f64,
    /// The same two minutes ahead, averaged over five minutes; and for how many seconds that has been looked at.
    pub(super) ahead: f64,
    pub(super) ahead_span: f64,
    /// Whether the tight vertex could do more.
    pub(super) is_free: bool,
    /// Whether something is missing that is measured as a rule.
    pub(super) is_incomplete: bool,
}

/// Works out the situation; an error says what is not known yet.
pub(super) fn situation(
    look: &Look,
    memory: &mut Memory,
    observed: Observed,
    settings: &Settings,
) -> Result<Situation, String> {
    let Observed { passed, mut levels } = observed;
    let count = look.vertices.len();
    if let Some(source) = look.sources().find(|source| !look.is_blind(*source) && samples(memory, *source) < 2) {
        return Err(format!("the load of source {} is not known yet", look.vertices[source].id));
    }
    let curves = known(look, memory)?;
    let backlog: Vec<f64> = look.vertices.iter().map(|vertex| vertex.pending.unwrap_or(0.0)).collect();
    let lag = look.sources().map(|source| backlog[source] / levels[source].now.max(1e-9)).fold(0.0, f64::max);
    let mut situation = Situation {
        levels: Vec::new(),
        hidden: vec![false; count],
        backlogs: push(look, memory, &backlog),
        backlog,
        lag,
        abilities: Abilities { curves, sure: if settings.uses(Idea::Uncertainty) { 1.0 } else { 0.0 } },
        demand: Vec::new(),
        have: Vec::new(),
        tight: 0,
        utilization: 0.0,
        ahead: 0.0,
        ahead_span: 0.0,
        is_free: false,
        is_incomplete: is_incomplete(look, memory),
    };
    situation.uncover(look, memory, &mut levels, passed, settings);
    ceilings::let_grow(look, memory);
    if settings.uses(Idea::Ceilings) {
        ceilings::judge(look, memory);
    }
    for (curve, known) in situation.abilities.curves.iter_mut().zip(&memory.vertices) {
        *curve = known.capacity.or(*curve);
    }
    situation.levels = levels;
    situation.weigh(look, memory);
    Ok(situation)
}

fn samples(memory: &Memory, source: usize) -> usize {
    memory.vertices[source].source.as_ref().map_or(0, |source| source.samples.len())
}

/// What is known of each vertex, or at least assumed of it.
fn known(look: &Look, memory: &Memory) -> Result<Vec<Option<super::capacity::Capacity>>, String> {
    let is_late = look.age() >= 2.0 * SETTLE;
    let each = look.vertices.iter().zip(&memory.vertices).map(|(seen, known)| match known.capacity {
        Some(capacity) => Ok(Some(capacity)),
        None if seen.finished => Ok(None),
        // One that has hardly worked for a while will not say more.
        None if is_late => Ok(super::capacity::at_least(seen)),
        None => Err(format!("what vertex {} can do is not known yet", seen.id)),
    });
    each.collect()
}

/// Whether something is not there that was: it may be the part that is overloaded.
fn is_incomplete(look: &Look, memory: &Memory) -> bool {
    look.vertices
        .iter()
        .zip(&memory.vertices)
        .any(|(seen, known)| seen.is_incomplete() || (!seen.finished && known.busy.is_some() && !seen.busy.is_finite()))
}

impl Situation {
    /// A source without a backlog metric that has been held back for longer than the catch-up after a restart explains:
    /// more arrives than it reads.
    fn uncover(&mut self, look: &Look, memory: &mut Memory, levels: &mut [Level], passed: f64, settings: &Settings) {
        for source in look.sources() {
            let Some(known) = &mut memory.vertices[source].source else { continue };
            if look.is_blind(source) {
                levels[source].now = levels[source].now.max(known.guess.unwrap_or(0.0));
                levels[source].slope = 0.0;
            } else {
                known.guess = None;
            }
        }
        let blind: Vec<usize> = look.sources().filter(|source| look.is_blind(*source)).collect();
        if blind.is_empty() || !settings.uses(Idea::Hidden) {
            return;
        }
        let asked = push(look, memory, &loads(levels));
        let have = self.abilities.now(look);
        let asked_of = asked.iter().zip(&have).filter(|(asked, _)| **asked > 0.0);
        let least = asked_of.map(|(asked, have)| have / asked).fold(f64::INFINITY, f64::min);
        let spare = if least.is_finite() { (least - 1.0).max(0.08) } else { 1.0 };
        let explained = SETTLE + ((memory.down_time + 60.0) / spare).min(1200.0);
        if f64::from(memory.throttled) * passed >= 90.0 && look.age() > explained {
            for source in blind {
                let read = look.vertices[source].rate_in;
                let read = if read.is_finite() { read } else { 0.0 };
                levels[source].now = levels[source].now.max(read) * 1.4;
                self.hidden[source] = true;
            }
        }
    }

    /// Holds what is asked against what can be done.
    fn weigh(&mut self, look: &Look, memory: &mut Memory) {
        self.have = self.abilities.now(look);
        self.demand = push(look, memory, &loads(&self.levels));
        let later = |level: &Level| (level.now + level.slope * level.held.min(AHEAD)).max(0.0);
        let ahead = push(look, memory, &self.levels.iter().map(later).collect::<Vec<_>>());
        let share = |rate: f64, have: f64| if rate > 0.0 { rate / have } else { 0.0 };
        for index in 0..look.vertices.len() {
            let utilization = share(self.demand[index], self.have[index]);
            if utilization > self.utilization {
                (self.tight, self.utilization) = (index, utilization);
            }
        }
        let most = ahead.iter().zip(&self.have).map(|(rate, have)| share(*rate, *have)).fold(0.0, f64::max);
        memory.ahead.push((look.now, most));
        #[expect(clippy::cast_precision_loss, reason = "a few looks")]
        let looks = memory.ahead.len() as f64;
        self.ahead = memory.ahead.iter().map(|(_, share)| share).sum::<f64>() / looks;
        self.ahead_span = look.now - memory.ahead[0].0;
        let tight = &look.vertices[self.tight];
        self.is_free = tight.parallelism < tight.most
            && self.abilities.at(self.tight, tight, tight.most, 0.0) > 1.05 * self.have[self.tight];
    }
}

/// Records per second of each source.
pub(super) fn loads(levels: &[Level]) -> Vec<f64> {
    levels.iter().map(|level| level.now).collect()
}
