//! A policy of ours, for loads that jump: it keeps what a rescale does not change (how much load there is, how what a
//! vertex can do grows with its parallelism), and puts a price on a rescale.
//!
//! One unit for every price: job-minutes, which is the job as it now is, running for a minute. Read from `decide` downward:
//! `observe` learns from a look, `situation` holds what is asked against what can be done, `up` and `down` choose.

mod aligned;
mod capacity;
mod ceilings;
mod decide;
mod down;
mod flow;
mod level;
mod look;
mod memory;
mod needs;
mod observe;
mod settings;
mod situation;
mod told;
mod up;

use super::contract::Policy;
use super::hold::Hold;
use super::proposal::{Conclusion, Proposal};
use super::reference::pressure::memory_pressure;
use super::rule::Reason;
use super::view::JobView;
use crate::evaluate::global;
use crate::state::PolicyMemory;
use crate::time::Instant;
use decide::{Decision, assess, between, choose};
use look::Look;
use memory::Memory;
use settings::Settings;
use told::Found;

/// Decides by a job's load as it is now and as it was over the last hours, and by what each vertex was seen to do.
#[derive(Clone, Copy, Debug, Default)]
pub struct ResponsivePolicy;

impl Policy for ResponsivePolicy {
    fn name(&self) -> &'static str {
        "responsive"
    }

    fn propose(&self, view: &JobView<'_>, memory: &mut PolicyMemory, now: Instant) -> Proposal {
        let settings = Settings::of(view.options);
        let look = Look::of(view, &settings, now);
        let mut warnings = Vec::new();
        let mut known = Memory::of_text(&memory.text).unwrap_or_else(|| {
            if !memory.text.is_empty() {
                warnings.push("what the responsive policy remembers can't be read: it begins anew".to_owned());
            }
            Memory::default()
        });
        let mut proposal = match between(&look, &known, &settings) {
            Some((Err(why), _)) => Proposal::new(Conclusion::Undecided(why)),
            Some((Ok(situation), left)) => {
                let stay = Conclusion::Stay(Hold::Responsive(Reason::NextLook { left }));
                told::proposal(Found { view, look: &look, situation: &situation, settings: &settings }, None, stay)
            }
            None => {
                let proposal = propose(view, &look, &mut known, &settings, &mut warnings);
                memory.text = known.to_text();
                proposal
            }
        };
        proposal.warnings = warnings;
        proposal
    }
}

fn propose(
    view: &JobView<'_>,
    look: &Look,
    known: &mut Memory,
    settings: &Settings,
    warnings: &mut Vec<String>,
) -> Proposal {
    let situation = match assess(look, known, settings) {
        Err(why) => return Proposal::new(Conclusion::Undecided(why)),
        Ok(situation) => situation,
    };
    let found = Found { view, look, situation: &situation, settings };
    if let Some((hold, event)) = memory_pressure(&global(view.history), view.options) {
        let stay = told::proposal(found, None, Conclusion::Stay(hold));
        return Proposal { events: vec![event], ..stay };
    }
    match choose(look, known, &situation, settings) {
        Decision::Stay(reason) => told::proposal(found, None, Conclusion::Stay(Hold::Responsive(reason))),
        Decision::Scale(rule, wanted) => {
            let scaling = told::Scaling { rule, aligned: aligned::align_all(view, look, &wanted, warnings), wanted };
            told::proposal(found, Some(&scaling), Conclusion::Scale)
        }
    }
}

#[cfg(test)]
mod tests;
