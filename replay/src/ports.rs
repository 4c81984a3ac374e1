//! The outside of a recorded job: ports on the heap, over the lines of its trace.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use autoscaler_core::time::Instant;
use autoscaler_core::{
    AutoScalerStateStore, ClusterSnapshot, ErrorKind, Event, Fence, JobAutoScalerContext, JobKey, JobState,
    LoadedState, Observation, ObserveError, PortError, Realization, Revision, ScalingRealizer,
};
use autoscaler_runtime::Clock;
use flink_rest::recorded::{MetricNames, observe};

use crate::line::CycleLine;

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What is kept here is whole whenever it is unlocked.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What a database would hold of the one job there is.
#[derive(Debug, Default)]
pub(crate) struct TraceStore(Mutex<(JobState, u64)>);

impl TraceStore {
    /// A store that holds this.
    pub(crate) fn of(state: JobState) -> Self {
        Self(Mutex::new((state, 0)))
    }

    /// What `read` makes of what is stored.
    pub(crate) fn read<T>(&self, read: impl FnOnce(&JobState) -> T) -> T {
        read(&locked(&self.0).0)
    }
}

#[async_trait]
impl AutoScalerStateStore for TraceStore {
    async fn load(&self, _: &JobKey) -> Result<LoadedState, PortError> {
        let (state, revision) = &*locked(&self.0);
        Ok(LoadedState::new(state.clone(), Revision(*revision)))
    }

    async fn save(&self, _: &JobKey, state: &JobState, fence: &Fence) -> Result<Revision, PortError> {
        let mut held = locked(&self.0);
        if fence.revision.is_some_and(|known| known.0 != held.1) {
            return Err(PortError::new(ErrorKind::Conflict, "the state was changed by somebody else"));
        }
        held.0.take_changes_of(state);
        held.1 += 1;
        Ok(Revision(held.1))
    }

    async fn remove(&self, _: &JobKey, _: &Fence) -> Result<(), PortError> {
        *locked(&self.0) = Default::default();
        Ok(())
    }

    /// Nobody asks: there is one job, and whoever replays it knows its key.
    async fn jobs(&self) -> Result<Vec<JobKey>, PortError> {
        Ok(Vec::new())
    }
}

/// It is always the time of the cycle under way.
#[derive(Debug, Default)]
pub(crate) struct TraceClock(Mutex<(Instant, Duration)>);

impl TraceClock {
    /// Goes on to the next cycle. The watch goes with it: that a clock was set is nothing a trace can tell.
    pub(crate) fn set(&self, now: Instant) {
        let mut time = locked(&self.0);
        let passed = (now - time.0).to_std().unwrap_or_default();
        *time = (now, time.1.saturating_add(passed));
    }
}

impl Clock for TraceClock {
    fn now(&self) -> Instant {
        locked(&self.0).0
    }

    fn watch(&self) -> Duration {
        locked(&self.0).1
    }
}

/// A recorded cycle as a cluster that answers, and the metric names that are remembered from one to the next.
#[derive(Debug)]
pub(crate) struct RecordedRound {
    pub(crate) line: Arc<CycleLine>,
    pub(crate) names: Arc<Mutex<MetricNames>>,
}

#[async_trait]
impl ClusterSnapshot for RecordedRound {
    async fn observe(
        &self,
        _: &JobAutoScalerContext,
        history_start: Option<Instant>,
    ) -> Result<Observation, ObserveError> {
        let mut names = std::mem::take(&mut *locked(&self.names));
        let observed = observe(self.line.as_ref(), &mut names, history_start).await;
        *locked(&self.names) = names;
        observed
    }
}

/// Does nothing: what is realized is in the cycle's report.
#[derive(Debug)]
pub(crate) struct Nobody;

#[async_trait]
impl ScalingRealizer for Nobody {
    async fn realize(&self, _: &JobAutoScalerContext, _: &Realization) -> Result<Vec<Event>, PortError> {
        Ok(Vec::new())
    }

    fn forget(&self, _: &JobKey) {}
}
