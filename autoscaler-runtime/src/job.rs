//! One job's walk through a cycle.

mod cycle;

use std::sync::Arc;

use autoscaler_core::event::reason;
use autoscaler_core::state::codec::UnreadableRow;
use autoscaler_core::state::{Change, ScalingHistory};
use autoscaler_core::{
    ClusterSnapshot, CycleMemory, Event, EventDetail, Fence, JobAutoScalerContext, JobKey, JobState, PortError,
    Realization, Revision, ScalingRealizer,
};
use chrono::TimeDelta;

use crate::clock::ClockSteps;
use crate::observer::{CycleEnded, Step};
use crate::ports::Ports;
use crate::right::Standing;
use cycle::{Cycle, Saved};

/// One job's walk: what is kept in memory of it between cycles, and the cycle itself. For a control loop of one's own;
/// [`ControlLoop`](crate::ControlLoop) has one for each job.
///
/// A cycle that is dropped in the middle leaves nothing half done: the next one loads the state anew.
#[derive(Debug)]
pub struct JobAutoScaler {
    ports: Ports,
    /// The state as it was loaded or saved last; none before that, and while a cycle runs.
    state: Option<JobState>,
    /// The version of the state that the store had when it was loaded or saved last.
    revision: Option<Revision>,
    memory: CycleMemory,
    /// The past scalings of the state, for those who watch; none where they are to be looked up.
    history: Option<Arc<ScalingHistory>>,
    /// The tenure that all of this is from.
    standing: Standing,
    clock: ClockSteps,
    /// By how far the clock was set since the window that is stored: what a window loaded anew has to be told again.
    unstored_step: TimeDelta,
}

/// What came of forgetting a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Cleanup {
    /// Its state is removed.
    Removed,
    /// Its state was not loaded here before, or is not ours to remove now: a later call removes it if nobody has changed
    /// it by then.
    Deferred,
    /// Somebody else changed its state since: it is theirs, and stays.
    KeptByOthers,
}

impl JobAutoScaler {
    /// For a job of which nothing is in memory yet.
    pub fn new(ports: Ports) -> Self {
        let (standing, memory) = (ports.standing(), CycleMemory::default());
        let (clock, unstored_step) = (ClockSteps::default(), TimeDelta::zero());
        Self { ports, state: None, revision: None, memory, history: None, standing, clock, unstored_step }
    }

    /// Runs one cycle: loads, observes, decides, saves, realizes, reports. What fails is in the answer, and costs no
    /// more than this cycle.
    ///
    /// Saving comes before realizing, and realizing goes by what is stored: a crash in between loses nothing. Events
    /// come last, so that nothing holds a scaling up.
    pub async fn scale(
        &mut self,
        context: &JobAutoScalerContext,
        snapshot: &dyn ClusterSnapshot,
        realizer: &dyn ScalingRealizer,
    ) -> CycleEnded {
        self.forget_earlier_tenures();
        let ended = CycleEnded::new(self.ports.clock.now());
        let mut cycle =
            Cycle { ports: self.ports.clone(), context, ended, standing: self.standing, events: Vec::new() };
        let Some(mut state) = self.loaded(&mut cycle).await else { return cycle.ended };
        let (now, step) = self.clock.look(self.ports.clock.as_ref());
        cycle.ended.at = now;
        self.memory.clock_was_set(step);
        let step = self.memory.clock_step();
        let report = cycle.decided(snapshot, &mut state, &mut self.memory).await;
        self.unstored_step += step - self.memory.clock_step();
        let report = Arc::new(report);
        cycle.ended.window = state.collected_metrics.get().clone();
        cycle.ended.scaling_history = self.history_of(&state);
        cycle.ended.report = Some(Arc::clone(&report));
        match cycle.saved(&report, &state, self.revision).await {
            Saved::Unchanged => {
                // Overrides that an earlier save left behind wait for the next one.
                cycle.ended.is_stored = !state.has_unstored_overrides();
                self.state = Some(state);
            }
            Saved::As(revision) => {
                state.mark_stored();
                cycle.ended.is_stored = true;
                (self.state, self.revision) = (Some(state), Some(revision));
                self.unstored_step = TimeDelta::zero();
            }
            Saved::Failed => self.state = Some(state),
            Saved::Conflict => self.forget(),
        }
        let mut events = std::mem::take(&mut cycle.events);
        events.extend(if cycle.ended.is_stored { report.events.clone() } else { without_scalings(&report.events) });
        if cycle.ended.is_stored && report.realization != Realization::default() && cycle.may_act() {
            events.extend(cycle.realized(realizer, &report.realization).await);
        }
        cycle.report(&events).await;
        cycle.ended
    }

    /// Forgets a job that is gone, and removes its state unless somebody else has changed it.
    ///
    /// # Errors
    /// The store can't be asked; everything is as it was.
    pub async fn cleanup(&mut self, job: &JobKey) -> Result<Cleanup, PortError> {
        self.forget_earlier_tenures();
        if !self.ports.may_act() {
            return Ok(Cleanup::Deferred);
        }
        let Some(known) = self.revision else {
            self.revision = Some(self.ports.store.load(job).await?.revision);
            return Ok(Cleanup::Deferred);
        };
        let is_ours = self.ports.store.load(job).await?.revision == known;
        if !self.ports.may_act_as(self.standing) {
            return Ok(Cleanup::Deferred);
        }
        if is_ours {
            self.ports.store.remove(job, &Fence::at(known).under(self.standing.lease)).await?;
        }
        self.forget();
        self.ports.handler.forget(job);
        Ok(if is_ours { Cleanup::Removed } else { Cleanup::KeptByOthers })
    }

    /// What is remembered of the job, as the last cycle left it; none before there was one, or after it was cut short.
    pub fn state(&self) -> Option<&JobState> {
        self.state.as_ref()
    }

    /// Forgets what is in memory: the next cycle loads the state anew.
    pub fn forget(&mut self) {
        let step = self.memory.clock_step() + std::mem::take(&mut self.unstored_step);
        (self.state, self.revision, self.memory, self.history) = (None, None, CycleMemory::default(), None);
        self.memory.clock_was_set(step);
    }

    /// The past scalings of a state, copied only when they change.
    fn history_of(&mut self, state: &JobState) -> Arc<ScalingHistory> {
        if state.scaling_history.change() != Change::Unchanged {
            self.history = None;
        }
        let copy = || Arc::new(state.scaling_history.get().clone());
        Arc::clone(self.history.get_or_insert_with(copy))
    }

    /// Forgets what is in memory if the right to act was lost since: somebody else may have acted on the job.
    fn forget_earlier_tenures(&mut self) {
        let standing = self.ports.standing();
        if std::mem::replace(&mut self.standing, standing) != standing {
            self.forget();
        }
    }

    /// The state: from memory, or from the store. State that can't be read is not acted on.
    async fn loaded(&mut self, cycle: &mut Cycle<'_>) -> Option<JobState> {
        if let Some(state) = self.state.take() {
            return Some(state);
        }
        let started = self.ports.clock.watch();
        let loaded = self.ports.store.load(&cycle.context.key).await;
        cycle.took(Step::Load, started);
        match loaded {
            Ok(loaded) => {
                let event = |row: &UnreadableRow| {
                    let message = format!("{row}; it counts as absent until it is overwritten");
                    Event::warning(reason::STATE_UNREADABLE, message)
                };
                cycle.events.extend(loaded.unreadable.iter().map(event));
                self.revision = Some(loaded.revision);
                Some(loaded.state)
            }
            Err(error) => {
                cycle.failed(Step::Load, error);
                None
            }
        }
    }
}

/// Scalings that were not stored are not carried out, so they are not reported as if they were.
fn without_scalings(events: &[Event]) -> Vec<Event> {
    let is_carried_out =
        |event: &&Event| matches!(&event.detail, EventDetail::ScalingReport(report) if report.blocked.is_none());
    events.iter().filter(|event| !is_carried_out(event)).cloned().collect()
}
