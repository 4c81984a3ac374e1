//! How a scaling is applied.

use std::fmt::Debug;

use async_trait::async_trait;

use crate::context::JobAutoScalerContext;
use crate::error::PortError;
use crate::event::Event;
use crate::ids::JobKey;
use crate::report::Realization;

/// How a scaling is applied.
#[async_trait]
pub trait ScalingRealizer: Debug + Send + Sync + 'static {
    /// Brings a job to what its state asks for.
    ///
    /// # Behavior
    /// - called every cycle: where nothing has to change, nothing is done and nothing is reported;
    /// - events are returned, not handled;
    /// - what can't be done until somebody changes something is reported as an event, once and not each cycle;
    /// - a job that does not run is left alone, unless it restarts and is to be realized even then.
    async fn realize(&self, job: &JobAutoScalerContext, realization: &Realization) -> Result<Vec<Event>, PortError>;

    /// Forgets what is kept in memory of a job that is gone.
    ///
    /// # Behavior
    /// - forgetting an unknown job does nothing.
    fn forget(&self, job: &JobKey);
}
