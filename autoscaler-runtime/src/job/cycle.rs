//! The steps of one cycle of a job.

use std::time::Duration;

use autoscaler_core::event::reason;
use autoscaler_core::{
    ClusterSnapshot, CycleMemory, CycleReport, ErrorChain, ErrorKind, Event, Fence, JobAutoScalerContext, JobKey,
    JobState, LoadedState, PortError, Realization, Revision, ScalingRealizer, Stage, looks_after, stage,
};

use crate::observer::{CycleEnded, Failure, Step};
use crate::ports::Ports;
use crate::right::{Standing, while_holding};

/// What came of saving.
pub(super) enum Saved {
    Unchanged,
    As(Revision),
    /// Nobody knows whether it was.
    Unanswered(PortError),
    Failed,
    Conflict,
}

/// A cycle under way.
pub(super) struct Cycle<'a> {
    pub(super) ports: Ports,
    pub(super) context: &'a JobAutoScalerContext,
    pub(super) ended: CycleEnded,
    pub(super) standing: Standing,
    /// What happened on the way, to be said at the end: a handler that hangs must not hold up what is done.
    pub(super) events: Vec<Event>,
}

impl Cycle<'_> {
    /// Whether saving and realizing are ours to do, as they were when the cycle began.
    pub(super) fn may_act(&self) -> bool {
        self.ports.may_act_as(self.standing)
    }

    pub(super) fn took(&mut self, step: Step, started: Duration) {
        let took = self.ports.clock.watch().saturating_sub(started);
        self.ended.durations.add(step, took);
    }

    pub(super) fn failed(&mut self, step: Step, error: PortError) {
        self.ended.failures.push(Failure { step, error });
    }

    /// What the store has under a key.
    pub(super) async fn load(&mut self, key: &JobKey) -> Result<LoadedState, PortError> {
        let started = self.ports.clock.watch();
        let loaded = self.ports.store.load(key).await;
        self.took(Step::Load, started);
        loaded
    }

    pub(super) async fn decided(
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
        if looks_after(self.context, state) {
            let started = self.ports.clock.watch();
            match snapshot.health(self.context).await {
                Ok(health) => memory.note_health(health),
                // What is not known says nothing against the scaling.
                Err(error) => {
                    tracing::debug!(job = %self.context.key, "how it has fared is not known: {}", ErrorChain(&error))
                }
            }
            self.took(Step::Observe, started);
        }
        let started = self.ports.clock.watch();
        let report = self.ports.autoscaler.cycle(self.context, observed, state, memory, self.ended.at);
        self.took(Step::Decide, started);
        report
    }

    pub(super) async fn saved(&mut self, report: &CycleReport, state: &JobState, known: Option<Revision>) -> Saved {
        if !report.store || !state.is_changed() {
            let is_realized = report.realization != Realization::default();
            return if is_realized { self.compared(known).await } else { Saved::Unchanged };
        }
        if !self.may_act() {
            return Saved::Failed;
        }
        let started = self.ports.clock.watch();
        let fence = known.map_or_else(Fence::open, Fence::at).under(self.standing.lease);
        let saved = self.ports.store.save(&self.context.key, state, &fence).await;
        self.took(Step::Save, started);
        match saved {
            Ok(revision) => Saved::As(revision),
            Err(error) if error.kind() == ErrorKind::Conflict => self.not_ours(error),
            Err(error) => Saved::Unanswered(error),
        }
    }

    /// Asks the store whether it still has what is to be realized, where no save has shown it: overrides that somebody
    /// else replaced must not come back.
    async fn compared(&mut self, known: Option<Revision>) -> Saved {
        match self.load(&self.context.key).await {
            Ok(loaded) if Some(loaded.revision) == known => Saved::Unchanged,
            Ok(_) => {
                let message = "somebody else has written the job's state since it was loaded; it is not realized";
                let error = PortError::new(ErrorKind::Conflict, message).with("job", self.context.key.as_str());
                self.not_ours(error)
            }
            Err(error) => {
                self.failed(Step::Load, error);
                Saved::Failed
            }
        }
    }

    /// Says that somebody else has written the state.
    pub(super) fn not_ours(&mut self, error: PortError) -> Saved {
        self.failed(Step::Save, error);
        // It may be that the lease has passed on; whoever keeps it finds out.
        self.ports.doubt();
        let message = "The job's state was changed in the store by somebody else, such as a second autoscaler on the \
                       same database. It is read again, and nothing is scaled in this cycle.";
        let interval = self.context.options().map(|options| options.scaling_event_interval);
        let event = Event::warning(reason::STATE_CHANGED, message);
        let event = interval.map_or(event.clone(), |interval| event.merged_within(interval));
        self.events.push(event);
        Saved::Conflict
    }

    /// What there is to tell of approvals, with what a report came to.
    pub(super) fn settled_approvals(&self, report: &CycleReport, is_stored: bool) -> Vec<Event> {
        let approvals = self.ports.approvals.as_ref();
        approvals.map(|approvals| approvals.settle(self.context, report, is_stored)).unwrap_or_default()
    }

    /// Carries out what is stored of a report, and says what happened.
    pub(super) async fn carry_out(&mut self, report: &CycleReport, events: Vec<Event>, realizer: &dyn ScalingRealizer) {
        self.events.extend(events);
        self.ended.is_stored = true;
        if report.realization != Realization::default() && self.may_act() {
            let events = self.realized(realizer, &report.realization).await;
            self.events.extend(events);
        }
        self.report_events().await;
    }

    async fn realized(&mut self, realizer: &dyn ScalingRealizer, realization: &Realization) -> Vec<Event> {
        let started = self.ports.clock.watch();
        let realized = while_holding(|| self.may_act(), realizer.realize(self.context, realization)).await;
        let lost = || {
            let message = "the right to act was lost before the scaling was applied";
            PortError::new(ErrorKind::Conflict, message).with("job", self.context.key.as_str())
        };
        let realized = realized.unwrap_or_else(|| Err(lost()));
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

    /// Hands over what happened. A handler that fails does not stop the cycle.
    pub(super) async fn report_events(&mut self) {
        let events = std::mem::take(&mut self.events);
        if events.is_empty() {
            return;
        }
        let started = self.ports.clock.watch();
        for event in &events {
            if let Err(error) = self.ports.handler.handle(self.context, event, self.ended.at).await {
                self.failed(Step::Report, error);
            }
        }
        self.took(Step::Report, started);
        self.ended.events.extend(events);
    }
}
