//! The bounds of a vertex by a job's schedule.

use std::sync::Arc;

use super::explain::Scheduled;

/// A bound, and the rule that it is of.
#[derive(Clone, Debug)]
pub(crate) struct Bound {
    /// Subtasks.
    pub(crate) parallelism: i32,
    /// The rule's name.
    pub(crate) rule: Arc<str>,
    /// Whether the rule is yet to begin: the job is to be up by then.
    pub(crate) is_early: bool,
}

/// The bounds of a vertex.
#[derive(Clone, Debug, Default)]
pub(crate) struct Bounds {
    pub(crate) least: Option<Bound>,
    pub(crate) most: Option<Bound>,
}

impl Bounds {
    /// Fewest and most subtasks by these bounds, within those that hold otherwise. Where rules contradict each other, what is
    /// asked for at least counts.
    pub(crate) fn within(&self, least: i32, most: i32) -> (i32, i32) {
        let upper = self.most.as_ref().map_or(most, |bound| bound.parallelism.clamp(least.min(most), most));
        let lower = self.least.as_ref().map_or(least, |bound| bound.parallelism.clamp(least.min(most), most));
        (if self.least.is_some() { lower } else { lower.min(upper) }, upper.max(lower))
    }

    /// Subtasks by these bounds instead of those wanted, and the bound that moved them.
    pub(super) fn moved(&self, wanted: i32) -> Option<(i32, Scheduled, &Bound)> {
        match (&self.least, &self.most) {
            (Some(least), _) if wanted < least.parallelism => Some((least.parallelism, Scheduled::AtLeast, least)),
            (least, Some(most)) if wanted > most.parallelism => {
                let to = most.parallelism.max(least.as_ref().map_or(1, |least| least.parallelism));
                (to < wanted).then_some((to, Scheduled::AtMost, most))
            }
            _ => None,
        }
    }
}
