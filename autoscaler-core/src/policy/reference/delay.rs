//! Scale-downs that wait for `scale-down.interval` (algorithm 7).

use crate::ids::VertexId;
use crate::options::JobOptions;
use crate::policy::explain::{Step, Verdict};
use crate::state::{DelayedScaleDown, Recommendation};
use crate::time;

/// The waiting scale-downs, copied once one changes.
pub(super) struct Delays<'a> {
    before: &'a DelayedScaleDown,
    after: Option<DelayedScaleDown>,
}

impl<'a> Delays<'a> {
    pub(super) fn new(before: &'a DelayedScaleDown) -> Self {
        Self { before, after: None }
    }

    /// What waits from now on, if that is to be stored.
    pub(super) fn changed(self) -> Option<DelayedScaleDown> {
        self.after
    }

    fn edit(&mut self) -> &mut DelayedScaleDown {
        self.after.get_or_insert_with(|| self.before.clone())
    }

    /// The vertex no longer wants fewer subtasks.
    pub(super) fn forget(&mut self, vertex: VertexId) {
        if self.after.as_ref().unwrap_or(self.before).vertices.contains_key(&vertex) {
            self.edit().vertices.remove(&vertex);
        }
    }

    /// What becomes of a vertex that wants fewer subtasks now: it waits, and then gets the most that was wanted over
    /// the interval.
    pub(super) fn scale_down(
        &mut self,
        vertex: VertexId,
        wanted: Recommendation,
        options: &JobOptions,
        steps: &mut Vec<Step>,
    ) -> Verdict {
        let interval = options.scale_down_interval;
        let Recommendation { at: now, parallelism: to, outside_utilization_bound } = wanted;
        if interval.as_millis() == 0 {
            return Verdict::Change { to, outside_utilization_bound };
        }
        let window_start = time::before(now, interval);
        let delay = self.edit().trigger(vertex, wanted);
        if window_start < delay.first_trigger {
            return Verdict::Delayed { to, until: time::after(delay.first_trigger, interval) };
        }
        let largest = delay.largest_since(window_start).unwrap_or(wanted);
        if largest.parallelism != to {
            steps.push(Step::LargestOfInterval { from: to, to: largest.parallelism });
        }
        Verdict::Change { to: largest.parallelism, outside_utilization_bound: largest.outside_utilization_bound }
    }
}
