//! Who is told what happened.

use std::fmt::Debug;

use async_trait::async_trait;

use crate::context::JobAutoScalerContext;
use crate::error::PortError;
use crate::event::Event;
use crate::ids::JobKey;
use crate::time::Instant;

/// Who is told what happened.
#[async_trait]
pub trait AutoScalerEventHandler: Debug + Send + Sync + 'static {
    /// Sees whether events can be stored. A process asks once, before it does anything else.
    ///
    /// # Behavior
    /// - succeeds where an event could be stored now, and stores none;
    /// - a place that can't be used is an error although no event waits; [transient](PortError::is_transient) only where
    ///   it may be usable later although nobody changes anything.
    async fn ready(&self) -> Result<(), PortError>;

    /// Takes an event of a job that happened at `now`.
    ///
    /// # Behavior
    /// - returns without waiting for anything outside the process: a scaling must not be held up;
    /// - repeats of an event (same reason and key, within its interval) may be merged.
    async fn handle(&self, job: &JobAutoScalerContext, event: &Event, now: Instant) -> Result<(), PortError>;

    /// Waits until every event taken so far is where it belongs. The caller sets the deadline.
    ///
    /// # Behavior
    /// - events taken before the call are stored when it returns without an error;
    /// - an error says why some are not (yet); they are kept.
    async fn flush(&self) -> Result<(), PortError>;

    /// Forgets what is kept in memory of a job that is gone.
    ///
    /// # Behavior
    /// - forgetting an unknown job does nothing; what was stored stays.
    fn forget(&self, job: &JobKey);
}
