//! Looking at what a cycle begins with.

use std::fmt::Debug;

use autoscaler_core::{JobAutoScalerContext, JobState};

/// Looks at what cycles begin with, for recordings. Called from within the cycle, so it must return at once; what the cycle
/// came to goes to a [`CycleObserver`](crate::CycleObserver).
pub trait BeginningObserver: Debug + Send + Sync + 'static {
    /// A job's cycle begins with this state. `is_loaded` says that it has just come from the store, and that nothing is
    /// in memory of cycles before.
    fn cycle_begins(&self, job: &JobAutoScalerContext, state: &JobState, is_loaded: bool);
}
