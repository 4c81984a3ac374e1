//! One job's walk through a cycle.

use std::sync::Arc;
use std::time::Duration;

use autoscaler_core::event::reason;
use autoscaler_core::state::codec::UnreadableRow;
use autoscaler_core::state::{Change, ScalingHistory};
use autoscaler_core::window::MetricHistory;
use autoscaler_core::{
    ClusterSnapshot, CycleMemory, CycleReport, ErrorKind, Event, EventDetail, Fence, JobAutoScalerContext, JobKey,
    JobState, PortError, Realization, Revision, ScalingRealizer, Stage, stage,
};

use crate::observer::{CycleEnded, Durations, Failure, Step};
use crate::ports::Ports;

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
    tenure: u64,
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
        let tenure = ports.tenure();
        Self { ports, state: None, revision: None, memory: CycleMemory::default(), history: None, tenure }
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
            Cycle { ports: self.ports.clone(), context, ended, tenure: self.tenure, events: Vec::new() };
        let Some(mut state) = self.loaded(&mut cycle).await else { return cycle.ended };
        cycle.ended.at = self.ports.clock.now();
        let report = cycle.decided(snapshot, &mut state, &mut self.memory).await;
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
        if self.tenure != self.ports.tenure() {
            return Ok(Cleanup::Deferred);
        }
        if is_ours {
            self.ports.store.remove(job).await?;
        }
        self.forget();
        self.ports.handler.forget(job);
        Ok(if is_ours { Cleanup::Removed } else { Cleanup::KeptByOthers })
    }

    /// Forgets what is in memory: the next cycle loads the state anew.
    pub fn forget(&mut self) {
        (self.state, self.revision, self.memory, self.history) = (None, None, CycleMemory::default(), None);
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
        let tenure = self.ports.tenure();
        if std::mem::replace(&mut self.tenure, tenure) != tenure {
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

enum Saved {
    Unchanged,
    As(Revision),
    Failed,
    Conflict,
}

/// A cycle under way.
struct Cycle<'a> {
    ports: Ports,
    context: &'a JobAutoScalerContext,
    ended: CycleEnded,
    tenure: u64,
    /// What happened on the way, to be said at the end: a handler that hangs must not hold up what is done.
    events: Vec<Event>,
}

impl Cycle<'_> {
    /// Whether saving and realizing are ours to do, as they were when the cycle began.
    fn may_act(&self) -> bool {
        self.ports.may_act() && self.ports.tenure() == self.tenure
    }

    fn took(&mut self, step: Step, started: Duration) {
        let took = self.ports.clock.watch().saturating_sub(started);
        self.ended.durations.add(step, took);
    }

    fn failed(&mut self, step: Step, error: PortError) {
        self.ended.failures.push(Failure { step, error });
    }

    async fn decided(
        &mut self,
        snapshot: &dyn ClusterSnapshot,
        state: &mut JobState,
        memory: &mut CycleMemory,
    ) -> CycleReport {
        let observed = if stage(self.context) == Stage::Observing {
            let started = self.ports.clock.watch();
            let history_start = state.collected_metrics.get().start();
            let observed = snapshot.observe(self.context, history_start).await;
            self.took(Step::Observe, started);
            Some(observed)
        } else {
            None
        };
        let started = self.ports.clock.watch();
        let report = self.ports.autoscaler.cycle(self.context, observed, state, memory, self.ended.at);
        self.took(Step::Decide, started);
        report
    }

    async fn saved(&mut self, report: &CycleReport, state: &JobState, known: Option<Revision>) -> Saved {
        if !report.store || !state.is_changed() {
            let is_realized = report.realization != Realization::default();
            return if is_realized { self.compared(known).await } else { Saved::Unchanged };
        }
        if !self.may_act() {
            return Saved::Failed;
        }
        let started = self.ports.clock.watch();
        let fence = known.map_or_else(Fence::open, Fence::at);
        let saved = self.ports.store.save(&self.context.key, state, &fence).await;
        self.took(Step::Save, started);
        match saved {
            Ok(revision) => Saved::As(revision),
            Err(error) => self.not_saved(error).await,
        }
    }

    /// Asks the store whether it still has what is to be realized, where no save has shown it: overrides that somebody
    /// else replaced must not come back.
    async fn compared(&mut self, known: Option<Revision>) -> Saved {
        let started = self.ports.clock.watch();
        let loaded = self.ports.store.load(&self.context.key).await;
        self.took(Step::Load, started);
        match loaded {
            Ok(loaded) if Some(loaded.revision) == known => Saved::Unchanged,
            Ok(_) => {
                let message = "somebody else has written the job's state since it was loaded; it is not realized";
                let error = PortError::new(ErrorKind::Conflict, message).with("job", self.context.key.as_str());
                self.not_saved(error).await
            }
            Err(error) => {
                self.failed(Step::Load, error);
                Saved::Failed
            }
        }
    }

    async fn not_saved(&mut self, error: PortError) -> Saved {
        match error.kind() {
            ErrorKind::Conflict => {
                self.failed(Step::Save, error);
                let message = "The job's state was changed in the store by somebody else, such as a second autoscaler on \
                               the same database. It is read again, and nothing is scaled in this cycle.";
                let interval = self.context.options().map(|options| options.scaling_event_interval);
                let event = Event::warning(reason::STATE_CHANGED, message);
                let event = interval.map_or(event.clone(), |interval| event.merged_within(interval));
                self.events.push(event);
                Saved::Conflict
            }
            _ => {
                self.failed(Step::Save, error);
                Saved::Failed
            }
        }
    }

    async fn realized(&mut self, realizer: &dyn ScalingRealizer, realization: &Realization) -> Vec<Event> {
        let started = self.ports.clock.watch();
        let realized = realizer.realize(self.context, realization).await;
        self.took(Step::Realize, started);
        match realized {
            Ok(events) => {
                self.ended.is_realized = true;
                events
            }
            Err(error) => {
                self.failed(Step::Realize, error);
                Vec::new()
            }
        }
    }

    /// Hands events over. A handler that fails does not stop the cycle.
    async fn report(&mut self, events: &[Event]) {
        if events.is_empty() {
            return;
        }
        self.ended.events.extend_from_slice(events);
        let started = self.ports.clock.watch();
        for event in events {
            if let Err(error) = self.ports.handler.handle(self.context, event, self.ended.at).await {
                self.failed(Step::Report, error);
            }
        }
        self.took(Step::Report, started);
    }
}

impl CycleEnded {
    pub(crate) fn new(at: autoscaler_core::time::Instant) -> Self {
        Self {
            at,
            report: None,
            window: MetricHistory::new(),
            scaling_history: Arc::default(),
            events: Vec::new(),
            durations: Durations::default(),
            is_stored: false,
            is_realized: false,
            failures: Vec::new(),
        }
    }
}
