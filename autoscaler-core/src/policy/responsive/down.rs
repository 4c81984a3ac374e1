//! When a job loses subtasks: a ski rental. It goes on paying for what it does not need until that has cost as much as a
//! rescale, or as much of it as the past says is enough.

use super::ceilings::end_trial;
use super::look::Look;
use super::memory::{Memory, Source};
use super::observe::minute;
use super::settings::{LEAST_SAVING, Settings};
use super::situation::{Situation, loads};
use crate::options::Idea;
use crate::policy::rule::{Reason, Rule};

/// The shortest span that is looked back over, and the longest one, minutes.
const BACK: std::ops::RangeInclusive<i32> = 3..=1440;

/// The smaller job, and why.
pub(super) fn size(
    look: &Look,
    memory: &Memory,
    situation: &Situation,
    settings: &Settings,
) -> Result<(Rule, Vec<i32>), Reason> {
    let search = Search::new(look, memory, situation, settings);
    let waits = Reason::Waits { share: search.short, price: search.price };
    if search.short < LEAST_SAVING {
        return Err(Reason::Right { utilization: situation.utilization });
    }
    let safe = search.needs(&search.goal(settings.memory));
    let (mut goal, mut new) = (Vec::new(), Vec::new());
    for back in BACK.map(f64::from) {
        if back > search.farthest || look.now - back * 60.0 < search.start {
            break;
        }
        let next = search.goal(back);
        if next != goal {
            (goal, new) = (next.clone(), search.needs(&next));
        }
        let share = saved(look, &new);
        if share < LEAST_SAVING {
            break;
        }
        let price = search.price_of(new == safe);
        if share * back >= price {
            let deeper = search.price / search.short;
            let may_wait = memory.penalty == 0.0 && settings.uses(Idea::Deeper);
            if share < 0.7 * search.short && may_wait && share * deeper < settings.price {
                // A deeper cut is about to pay: one rescale instead of two.
                break;
            }
            let (minutes, falling) = (back, search.falling);
            return Ok((Rule::Saves { share, minutes, price, falling }, new));
        }
    }
    Err(waits)
}

/// Takes note of a scale-down.
pub(super) fn remember(look: &Look, memory: &mut Memory) {
    memory.add_down(look.now, look.subtasks());
    end_trial(memory);
    memory.scaled(look.now);
}

/// What a smaller job is looked for by.
struct Search<'a> {
    look: &'a Look,
    memory: &'a Memory,
    situation: &'a Situation,
    settings: &'a Settings,
    /// Since when the job is as it is, as far as peaks are known.
    start: f64,
    /// Whether the load has been falling for half an hour.
    falling: bool,
    /// What has to be saved, minutes of the whole job.
    price: f64,
    /// The share that the present load could do without.
    short: f64,
    /// How far the look back goes, minutes.
    farthest: f64,
}

impl<'a> Search<'a> {
    #[expect(clippy::cast_precision_loss, reason = "minutes since the epoch")]
    fn new(look: &'a Look, memory: &'a Memory, situation: &'a Situation, settings: &'a Settings) -> Self {
        let first_peaks = look.sources().filter_map(|source| known(memory, source)?.peaks.first());
        let first_peak = first_peaks.map(|(minute, _)| 60.0 * *minute as f64);
        let start = first_peak.fold(memory.scaled_at.max(look.running_since), f64::max);
        let levels = || look.sources().map(|source| situation.levels[source]);
        let falling =
            levels().any(|level| level.slope < 0.0 && level.held > 1800.0) && !levels().any(|level| level.slope > 0.0);
        let held =
            levels().filter(|level| level.slope < 0.0).map(|level| level.held / 60.0).fold(f64::INFINITY, f64::min);
        let price = price(memory, settings) * (if falling { 1.0 } else { settings.trust }).max(memory.penalty);
        let at_target: Vec<f64> = loads(&situation.levels).iter().map(|load| load / settings.target).collect();
        let least = situation.abilities.needs(look, memory, &at_target);
        let least: Vec<i32> = present(look).zip(&least).map(|(now, least)| now.min(*least)).collect();
        let short = saved(look, &least);
        let farthest = if falling { held } else { settings.memory };
        Self { look, memory, situation, settings, start, falling, price, short, farthest }
    }

    /// What has to be saved. A job that still carries all peaks that are remembered has nothing to fear of a load that comes
    /// back: whatever scale-downs had to be undone, it does not wait for that.
    fn price_of(&self, is_safe: bool) -> f64 {
        let Self { memory, settings, .. } = *self;
        let is_exempt = is_safe && !self.falling && settings.uses(Idea::Safe);
        if is_exempt { price(memory, settings) * settings.trust } else { self.price }
    }

    /// Records per second at the sources: what carries the highest load of the last minutes, and the present one.
    #[expect(clippy::cast_precision_loss, reason = "minutes since the epoch")]
    fn goal(&self, back: f64) -> Vec<f64> {
        let Self { look, settings, falling, .. } = *self;
        let high = if settings.uses(Idea::Peaks) { settings.high } else { settings.target };
        let mut goal = vec![0.0; look.vertices.len()];
        for source in look.sources() {
            let (level, known) = (self.situation.levels[source], known(self.memory, source));
            let since = |minutes: f64| known.map_or(0.0, |known| known.top_since(minute(look.now) as f64 - minutes));
            let relative = -level.slope / level.now.max(1e-9);
            let ahead = if falling { settings.reach(relative, level.held) } else { 0.0 };
            let peak = if ahead > 0.0 { since(back.min(20.0)) / settings.middle() } else { since(back) / high };
            goal[source] = ((level.now + level.slope * ahead) / settings.target).max(peak);
        }
        goal
    }

    /// The parallelism for that, where it is lower than now.
    fn needs(&self, goal: &[f64]) -> Vec<i32> {
        let wanted = self.situation.abilities.needs(self.look, self.memory, goal);
        present(self.look).zip(&wanted).map(|(now, wanted)| now.min(*wanted)).collect()
    }
}

fn present(look: &Look) -> impl Iterator<Item = i32> {
    look.vertices.iter().map(|seen| seen.parallelism)
}

/// The share of what the job costs that a smaller one saves.
fn saved(look: &Look, smaller: &[i32]) -> f64 {
    let total = look.cost(&present(look).collect::<Vec<_>>());
    (total - look.cost(smaller)) / total
}

fn known(memory: &Memory, source: usize) -> Option<&Source> {
    memory.vertices[source].source.as_ref()
}

/// What a rescale is worth: twice as much once three quarters of a day's are used up.
fn price(memory: &Memory, settings: &Settings) -> f64 {
    let used = i32::try_from(memory.rescales.len()).unwrap_or(i32::MAX);
    if f64::from(used) >= 0.75 * f64::from(settings.most_rescales) { 2.0 * settings.price } else { settings.price }
}
