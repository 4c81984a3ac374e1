//! From a look to what the job should be.

use super::ceilings;
use super::down;
use super::look::Look;
use super::memory::Memory;
use super::observe::{again, observe};
use super::settings::{LOOK, SETTLE, Settings};
use super::situation::{Situation, situation};
use super::up;
use crate::options::Idea;
use crate::policy::rule::{Reason, Rule};

/// What a look came to.
#[derive(Clone, Debug)]
pub(super) enum Decision {
    /// The job is as it should be, or has to wait.
    Stay(Reason),
    /// The job gets this parallelism, for this reason.
    Scale(Rule, Vec<i32>),
}

/// What a look adds to what is remembered, and how the job is doing; an error says what is not known yet.
pub(super) fn assess(look: &Look, memory: &mut Memory, settings: &Settings) -> Result<Situation, String> {
    let observed = observe(look, memory, settings).ok_or("the first look: rates need two")?;
    situation(look, memory, observed, settings)
}

/// Between two looks: how the job is doing by what is remembered, and for how many seconds more nothing is decided. None
/// where it is time for a look.
pub(super) fn between(look: &Look, memory: &Memory, settings: &Settings) -> Option<(Result<Situation, String>, f64)> {
    let last = memory.last.filter(|last| *last <= look.now && look.now - last < LOOK)?;
    if !look.continues || memory.running_since != Some(look.running_since) {
        return None;
    }
    // What was learned in between would count twice.
    let mut aside = memory.clone();
    aside.align(look);
    let observed = again(look, &aside);
    Some((situation(look, &mut aside, observed, settings), LOOK - (look.now - last)))
}

/// Decides. A scaling is remembered as decided on.
pub(super) fn choose(look: &Look, memory: &mut Memory, situation: &Situation, settings: &Settings) -> Decision {
    if let Some(left) = up::settles(look, memory) {
        return Decision::Stay(Reason::Settling { left });
    }
    let Situation { utilization, lag, .. } = *situation;
    let rescales = memory.rescales.len();
    let is_used_up = i32::try_from(rescales).unwrap_or(i32::MAX) >= settings.most_rescales;
    let needed = up::need(look, memory, situation, settings);
    let is_stuck = needed.is_some();
    let is_in_doubt = settings.uses(Idea::Doubt) && ceilings::is_in_doubt(&memory.vertices[situation.tight]);
    if let Some(rule) = needed.filter(|_| situation.is_free && !is_in_doubt)
        && let Some(new) = up::size(look, memory, situation, settings)
    {
        if is_used_up {
            return Decision::Stay(Reason::DailyLimit { rescales });
        }
        up::remember(look, memory, situation, settings, &new);
        return Decision::Scale(rule, new);
    }
    if utilization > settings.high || lag > settings.lag / 2.0 || memory.throttled > 0 {
        return Decision::Stay(if is_stuck {
            Reason::Stuck { utilization }
        } else {
            Reason::Busy { utilization, lag }
        });
    }
    if look.age() < 2.0 * SETTLE {
        return Decision::Stay(Reason::Settling { left: 2.0 * SETTLE - look.age() });
    }
    if situation.is_incomplete {
        return Decision::Stay(Reason::Incomplete);
    }
    match down::size(look, memory, situation, settings) {
        Err(reason) => Decision::Stay(reason),
        Ok(_) if is_used_up => Decision::Stay(Reason::DailyLimit { rescales }),
        Ok((rule, new)) => {
            down::remember(look, memory);
            Decision::Scale(rule, new)
        }
    }
}
