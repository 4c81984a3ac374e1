//! One cycle of one job against the outside world.

use autoscaler_core::collect::RememberedNames;
use autoscaler_core::event::reason;
use autoscaler_core::state::codec::UnreadableRow;
use autoscaler_core::{
    CycleReport, Event, JobAutoScalerContext, JobState, ListedJob, Realization, Round, Stage, cycle, stage,
};

use crate::log_observer;
use crate::ports::Ports;

/// What is kept in memory of a job between cycles.
#[derive(Debug, Default)]
pub(crate) struct JobMemory {
    /// Its state, once it was loaded.
    state: Option<JobState>,
    names: RememberedNames,
    /// What was said of its options, so as to say it once.
    said: Vec<String>,
}

/// Looks at a job, decides, stores, tells and realizes, in this order: a crash in between loses nothing that was
/// decided, as realizing goes by what is stored.
pub(crate) async fn run_cycle(ports: &Ports, listed: &ListedJob, round: &dyn Round, memory: &mut JobMemory) {
    let context = match ports.jobs.context(listed).await {
        Ok(context) => context,
        Err(error) => {
            tracing::warn!(job = %listed.key, name = %listed.name, "no cycle for the job: its configuration can't be had: {error}");
            return;
        }
    };
    let Some(mut state) = load(ports, &context, memory).await else { return };
    let now = (ports.clock)();
    let seen = if stage(&context) == Stage::Observing {
        let start = state.collected_metrics.get().start();
        Some(round.observe(&context, &mut memory.names, start).await)
    } else {
        None
    };
    let report = cycle(&context, seen, &mut state, &mut memory.names, now);
    log_observer::report(&context, &report);
    say_once(&context, &report, memory);
    let stored = save(ports, &context, &report, &mut state).await;
    memory.state = Some(state);
    tell(ports, &context, &report.events, now).await;
    if stored && report.realization != Realization::default() {
        match ports.realizer.realize(&context, &report.realization).await {
            Ok(events) => tell(ports, &context, &events, now).await,
            Err(error) => {
                tracing::warn!(job = %context.key, name = %context.name, "not realized, will try again next cycle: {error}");
            }
        }
    }
}

/// Says what somebody should know about the job's options, when it changes.
fn say_once(context: &JobAutoScalerContext, report: &CycleReport, memory: &mut JobMemory) {
    let unknown = context.options.as_ref().map_or(&[][..], |options| options.unknown_keys.as_slice());
    let mut notes = unknown.to_vec();
    notes.extend(report.warnings.iter().cloned());
    for note in notes.iter().filter(|note| !memory.said.contains(note)) {
        tracing::warn!(job = %context.key, name = %context.name, "{note}");
    }
    memory.said = notes;
}

/// The job's state: from memory, or from the store when the job is first seen. State that can't be read is not
/// acted on.
async fn load(ports: &Ports, context: &JobAutoScalerContext, memory: &mut JobMemory) -> Option<JobState> {
    if let Some(state) = memory.state.take() {
        return Some(state);
    }
    match ports.store.load(&context.key).await {
        Ok(loaded) => {
            let event = |row: &UnreadableRow| {
                Event::warning(reason::STATE_UNREADABLE, format!("{row}; it counts as absent until it is overwritten"))
            };
            let events: Vec<Event> = loaded.unreadable.iter().map(event).collect();
            tell(ports, context, &events, (ports.clock)()).await;
            Some(loaded.state)
        }
        Err(error) => {
            tracing::warn!(job = %context.key, name = %context.name, "no cycle for the job: its state can't be read: {error}");
            None
        }
    }
}

/// Stores what changed; whether the store now holds what is to be realized.
async fn save(ports: &Ports, context: &JobAutoScalerContext, report: &CycleReport, state: &mut JobState) -> bool {
    if !report.store || !state.is_changed() {
        // Overrides that an earlier write left behind wait for the next one.
        return !state.has_unstored_overrides();
    }
    match ports.store.save(&context.key, state).await {
        Ok(()) => {
            state.mark_stored();
            true
        }
        Err(error) => {
            tracing::warn!(job = %context.key, name = %context.name, "nothing is realized: the state can't be stored: {error}");
            false
        }
    }
}

/// Hands events on. A handler that fails does not stop the cycle.
async fn tell(ports: &Ports, context: &JobAutoScalerContext, events: &[Event], now: autoscaler_core::time::Instant) {
    for event in events {
        if let Err(error) = ports.handler.handle(context, event, now).await {
            tracing::warn!(job = %context.key, name = %context.name, reason = event.reason, "an event can't be handled: {error}");
        }
    }
}
