//! One job's walk through a cycle.

mod cycle;
mod takeover;
mod unconfirmed;

use std::sync::Arc;

use autoscaler_core::event::reason;
use autoscaler_core::state::codec::UnreadableRow;
use autoscaler_core::state::{Change, ScalingHistory};
use autoscaler_core::{
    ClusterName, ClusterSnapshot, CycleMemory, Event, Fence, JobAutoScalerContext, JobKey, JobState, LoadedState,
    PortError, Revision, ScalingRealizer,
};
use chrono::TimeDelta;

use crate::clock::ClockSteps;
use crate::observer::{CycleEnded, Step};
use crate::ports::Ports;
use crate::right::Standing;
use cycle::{Cycle, Saved};
use unconfirmed::{Settled, Unconfirmed};

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
    /// The last save, if nobody knows whether it was stored.
    unconfirmed: Option<Box<Unconfirmed>>,
    /// Whether the state was brought to what is stored since a cycle began with it.
    is_brought_back: bool,
    memory: CycleMemory,
    /// The past scalings of the state, for those who watch; none where they are to be looked up.
    history: Option<Arc<ScalingHistory>>,
    /// The tenure that all of this is from.
    standing: Standing,
    /// Where its state may be from before.
    former: Option<Former>,
    /// Whether it ever had a cycle here.
    has_run: bool,
    /// The key that its state was taken over from, until it is stored under its own.
    taken_over: Option<(JobKey, Revision)>,
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
    /// Somebody else changed its state since, or it was another cluster's, or nobody knows whose: it stays.
    KeptByOthers,
}

/// Where the state of a job may be from before: under another key, if it was of a certain cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Former {
    /// The key.
    pub key: JobKey,
    /// What the cluster was called.
    pub cluster: ClusterName,
    /// Whether it may also be state of which no cluster is noted.
    pub or_unknown: bool,
}

impl JobAutoScaler {
    /// For a job of which nothing is in memory yet.
    pub fn new(ports: Ports) -> Self {
        let (standing, memory) = (ports.standing(), CycleMemory::default());
        let (clock, unstored_step) = (ClockSteps::default(), TimeDelta::zero());
        Self {
            ports,
            state: None,
            revision: None,
            unconfirmed: None,
            is_brought_back: false,
            memory,
            history: None,
            standing,
            former: None,
            has_run: false,
            taken_over: None,
            clock,
            unstored_step,
        }
    }

    /// With a place where its state may be from before: it is taken over from there if nothing is stored of the job.
    #[must_use]
    pub fn taking_over(mut self, former: Option<Former>) -> Self {
        self.former = former;
        self
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
        self.has_run = true;
        let ended = CycleEnded::new(self.ports.clock.now());
        let mut cycle =
            Cycle { ports: self.ports.clone(), context, ended, standing: self.standing, events: Vec::new() };
        let is_loaded = self.state.is_none();
        let Some(mut state) = self.loaded(&mut cycle).await else { return cycle.ended };
        let unknown = match self.settled_before(&mut cycle, &mut state).await {
            Settled::AsBefore => None,
            Settled::Unknown(unconfirmed) => Some(unconfirmed),
            Settled::Stored(report) => {
                let events = of_scalings(&report.events);
                cycle.ended.window = state.collected_metrics.get().clone();
                cycle.ended.scaling_history = self.history_of(&state);
                self.state = Some(state);
                cycle.ended.report = Some(Arc::clone(&report));
                let approvals = cycle.settled_approvals(&report, true);
                let events = events.into_iter().chain(approvals).collect();
                cycle.carry_out(&report, events, realizer).await;
                return cycle.ended;
            }
            Settled::ByOthers => {
                self.forget();
                cycle.report_events().await;
                return cycle.ended;
            }
        };
        let is_loaded = is_loaded || std::mem::take(&mut self.is_brought_back);
        if let Some(beginnings) = &self.ports.beginnings {
            beginnings.cycle_begins(context, &state, is_loaded);
        }
        let (now, step) = self.clock.look(self.ports.clock.as_ref());
        cycle.ended.at = now;
        self.memory.clock_was_set(step);
        let step = self.memory.clock_step();
        if let Some(changes) = self.ports.approvals.as_ref().and_then(|approvals| approvals.approved(context)) {
            self.memory.approve(changes);
        }
        let report = cycle.decided(snapshot, &mut state, &mut self.memory).await;
        self.unstored_step += step - self.memory.clock_step();
        let report = Arc::new(report);
        cycle.ended.window = state.collected_metrics.get().clone();
        cycle.ended.scaling_history = self.history_of(&state);
        cycle.ended.report = Some(Arc::clone(&report));
        if state.is_changed() {
            state.is_on(&context.cluster);
        }
        let saved = match unknown {
            // What is decided on what nobody knows goes nowhere; the observations stay.
            Some(unconfirmed) => {
                state = unconfirmed.with_window_of(state);
                (self.unconfirmed, self.is_brought_back) = (Some(unconfirmed), true);
                Saved::Failed
            }
            None => match cycle.saved(&report, &state, self.revision).await {
                Saved::Unanswered(error) => self.settled_now(&mut cycle, error, &report, &mut state).await,
                saved => saved,
            },
        };
        match saved {
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
                self.remove_former(&mut cycle).await;
            }
            Saved::Failed | Saved::Unanswered(_) => self.state = Some(state),
            Saved::Conflict => self.forget(),
        }
        let is_told = report.failure.as_ref().is_some_and(|failure| !self.ports.shared_failures.is_new(failure));
        // Scalings that were not stored are not carried out, so they are not told of.
        let is_worth_telling = |event: &&Event| {
            !(is_told && event.reason == reason::AUTOSCALER_ERROR)
                && (cycle.ended.is_stored || event.scaling().is_none())
        };
        let mut events: Vec<Event> = report.events.iter().filter(is_worth_telling).cloned().collect();
        events.extend(cycle.settled_approvals(&report, cycle.ended.is_stored));
        if cycle.ended.is_stored {
            cycle.carry_out(&report, events, realizer).await;
        } else {
            cycle.events.extend(events);
            cycle.report_events().await;
        }
        cycle.ended
    }

    /// Forgets a job that is gone from `cluster`, and removes its state unless it was another's or somebody else has
    /// changed it.
    ///
    /// # Errors
    /// The store can't be asked; everything is as it was.
    pub async fn cleanup(&mut self, job: &JobKey, cluster: &ClusterName) -> Result<Cleanup, PortError> {
        self.forget_earlier_tenures();
        if !self.ports.may_act() {
            return Ok(Cleanup::Deferred);
        }
        if self.unconfirmed.is_some() {
            // What is there may be ours or not: as if nothing of the job was known.
            self.forget();
        }
        let Some(known) = self.revision else {
            self.revision = Some(self.ports.store.load(job).await?.revision);
            return Ok(Cleanup::Deferred);
        };
        let LoadedState { state, revision, unreadable, .. } = self.ports.store.load(job).await?;
        // A state of before clusters were noted is ours if the job was seen here.
        let is_of_cluster = state.cluster.get().as_ref().map_or(self.has_run, |noted| noted == cluster);
        // What has nothing in it is nobody's: it went with the job, or somebody has cleared it.
        let is_nothing = unreadable.is_empty() && state == JobState::default();
        let is_ours = is_nothing || (is_of_cluster && revision == known);
        if !self.ports.may_act_as(self.standing) {
            return Ok(Cleanup::Deferred);
        }
        if is_ours {
            self.ports.store.remove(job, &Fence::at(revision).under(self.standing.lease)).await?;
        }
        self.forget();
        if let Some(approvals) = &self.ports.approvals {
            approvals.forget(cluster, job);
        }
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
        (self.taken_over, self.unconfirmed) = (None, None);
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
        self.unconfirmed = None;
        match cycle.load(&cycle.context.key).await {
            Ok(loaded) => {
                let loaded = self.or_former(loaded, cycle).await?;
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

/// What of an earlier cycle was not said then: its scalings.
fn of_scalings(events: &[Event]) -> Vec<Event> {
    events.iter().filter(|event| event.scaling().is_some()).cloned().collect()
}
