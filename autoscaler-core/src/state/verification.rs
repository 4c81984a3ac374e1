//! What is remembered of scalings that are looked after: the one under way, and those that went wrong.

use std::collections::BTreeMap;

use crate::ids::VertexId;
use crate::time::Instant;

/// Scalings that went wrong that are remembered, at most.
const MOST_FAILED: usize = 8;

/// The scaling that is looked after, and those that went wrong.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Verification {
    /// The scaling that is looked after.
    pub trial: Option<Trial>,
    /// Scalings that went wrong, oldest first.
    pub failed: Vec<FailedScaling>,
}

/// A scaling that is looked after.
#[derive(Clone, Debug, PartialEq)]
pub struct Trial {
    /// When it was decided.
    pub decided_at: Instant,
    /// Subtasks of each vertex before.
    pub before: BTreeMap<VertexId, i32>,
    /// Subtasks of each vertex that it is to have.
    pub after: BTreeMap<VertexId, i32>,
    /// Records per second that the sources read before; none where that was not known.
    pub rate: Option<f64>,
    /// The job as it came to run with it; none until it does.
    pub start: Option<Start>,
}

/// A job that has come to run as a scaling would have it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Start {
    /// When.
    pub since: Instant,
    /// Checkpoints that had failed and completed until then, where known.
    pub checkpoints: Option<(u64, u64)>,
    /// What its sources had read and what waited for them once it had settled.
    pub settled: Option<Progress>,
}

/// What the sources of a job have read in all, and what waits for them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Progress {
    /// When that was looked at.
    pub at: Instant,
    /// Records read.
    pub read: f64,
    /// Records that wait.
    pub waiting: f64,
}

/// A scaling that went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailedScaling {
    /// The vertices that it changed: subtasks before, and those that it failed with.
    pub vertices: BTreeMap<VertexId, (i32, i32)>,
    /// Until when it is not tried again.
    pub until: Instant,
    /// How often in a row it failed.
    pub times: u32,
}

impl Trial {
    /// The vertices that it changes: subtasks before and after.
    pub fn changes(&self) -> BTreeMap<VertexId, (i32, i32)> {
        let changed = self.after.iter().filter_map(|(vertex, after)| {
            let before = *self.before.get(vertex)?;
            (before != *after).then_some((*vertex, (before, *after)))
        });
        changed.collect()
    }
}

impl FailedScaling {
    /// Whether a scaling goes more than half as far as this one for one of its vertices. What lies between may be as bad: where
    /// it is, half of what is left is tried.
    pub fn is_reached_by(&self, wanted: impl Fn(VertexId) -> Option<(i32, i32)>) -> bool {
        self.vertices.iter().any(|(vertex, (before, failed))| {
            let half = i64::from(*before) + i64::from(*failed);
            wanted(*vertex).is_some_and(|(current, to)| match before < failed {
                true => to > current && 2 * i64::from(to) > half,
                false => to < current && 2 * i64::from(to) < half,
            })
        })
    }
}

impl Verification {
    /// Adds a scaling that went wrong at `now`: an hour passes before it is tried again, then two, four, eight.
    pub fn add_failed(&mut self, trial: &Trial, now: Instant) {
        let vertices = trial.changes();
        let is_again = |failed: &FailedScaling| failed.is_reached_by(|vertex| vertices.get(&vertex).copied());
        let times = self.failed.iter().filter(|failed| is_again(failed)).map(|failed| failed.times).max().unwrap_or(0);
        self.failed.retain(|failed| !is_again(failed));
        let hours = 1_i64 << times.min(3);
        let until = now.checked_add_signed(chrono::TimeDelta::hours(hours)).unwrap_or(now);
        self.failed.push(FailedScaling { vertices, until, times: times.saturating_add(1) });
        self.failed.drain(..self.failed.len().saturating_sub(MOST_FAILED));
    }

    /// Ends the look after a scaling that did no harm.
    pub fn end_trial(&mut self) {
        if let Some(trial) = self.trial.take() {
            let vertices = trial.changes();
            self.failed.retain(|failed| !failed.is_reached_by(|vertex| vertices.get(&vertex).copied()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    fn trial(before: i32, after: i32) -> Trial {
        let map = |parallelism| BTreeMap::from([("0".repeat(32).parse().unwrap(), parallelism)]);
        let decided_at = Instant::UNIX_EPOCH;
        Trial { decided_at, before: map(before), after: map(after), rate: None, start: None }
    }

    #[test]
    fn each_failure_waits_twice_as_long() {
        let mut verification = Verification::default();
        let hours = [1, 2, 4, 8, 8].map(|_| {
            verification.add_failed(&trial(4, 8), Instant::UNIX_EPOCH);
            (verification.failed[0].until - Instant::UNIX_EPOCH).num_hours()
        });
        assert_eq!((hours, verification.failed.len()), ([1, 2, 4, 8, 8], 1));
        verification.add_failed(&trial(4, 6), Instant::UNIX_EPOCH);
        assert_eq!(verification.failed[1].until, Instant::UNIX_EPOCH + TimeDelta::hours(1), "half way is another one");
        for doubling in 4..20 {
            verification.add_failed(&trial(1 << (doubling + 1), 1 << doubling), Instant::UNIX_EPOCH);
        }
        assert_eq!(verification.failed.len(), MOST_FAILED);
    }

    #[test]
    fn one_that_does_no_harm_takes_back_what_was_held_against_it() {
        let mut verification = Verification::default();
        verification.add_failed(&trial(4, 8), Instant::UNIX_EPOCH);
        verification.add_failed(&trial(8, 4), Instant::UNIX_EPOCH);
        verification.trial = Some(trial(4, 8));
        verification.end_trial();
        assert_eq!((verification.trial.is_none(), verification.failed.len()), (true, 1));
        assert_eq!(verification.failed[0].vertices.values().next(), Some(&(8, 4)));
    }

    #[test]
    fn what_goes_more_than_half_as_far_is_the_same_again() {
        let failed = |before, after| {
            let mut verification = Verification::default();
            verification.add_failed(&trial(before, after), Instant::UNIX_EPOCH);
            verification.failed.remove(0)
        };
        let reached = |failed: &FailedScaling, current, to| failed.is_reached_by(|_| Some((current, to)));
        let up = failed(4, 8);
        assert_eq!([6, 7, 8, 9].map(|to| reached(&up, 4, to)), [false, true, true, true]);
        assert!(!reached(&up, 12, 8), "down from elsewhere");
        let down = failed(8, 4);
        assert_eq!([4, 5, 6].map(|to| reached(&down, 8, to)), [true, true, false]);
        assert!(!down.is_reached_by(|_| None), "the vertex is gone");
    }
}
