//! One cycle of one job, as one function from what was observed to what was decided (algorithm 1).

mod continuity;
mod decision;
mod realization;
mod shadow;
mod verification;

use std::collections::BTreeSet;
use std::sync::Arc;

use self::decision::Seen;
use self::realization::realization;
use self::verification::look_after_waiting;
pub use self::verification::looks_after;
use crate::autoscaler::Autoscaler;
use crate::collect;
use crate::context::JobAutoScalerContext;
use crate::cycle_memory::CycleMemory;
use crate::error::{ErrorChain, PortError};
use crate::event::{Event, reason};
use crate::ids::VertexId;
use crate::metric::ScalingMetric;
use crate::observation::{Observation, ObserveError, Readings};
use crate::options::{JobOptions, PolicyChoice};
use crate::proposed::Changes;
use crate::report::{CycleReport, Filling, Outcome};
use crate::state::JobState;
use crate::status::JobStatus;
use crate::time::{self, Instant};
use crate::topology::JobTopology;

/// What a cycle will do with a job, known before it is observed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Stage {
    /// Its options can't be used: say so, do nothing.
    Invalid,
    /// Autoscaling is off for it: forget it.
    Disabled,
    /// It does not run: wait.
    Waiting,
    /// Observe it and decide.
    Observing,
}

/// The stage of a job.
pub fn stage(context: &JobAutoScalerContext) -> Stage {
    match context.options() {
        _ if context.parsed.conflict.is_some() => Stage::Invalid,
        Err(_) => Stage::Invalid,
        Ok(options) if !options.enabled => Stage::Disabled,
        Ok(_) if context.status != JobStatus::Running => Stage::Waiting,
        Ok(_) => Stage::Observing,
    }
}

impl Autoscaler {
    /// Runs one cycle. `observed` is needed where [`stage`] says [`Stage::Observing`], and otherwise left alone.
    ///
    /// `state` is changed as decided; store it if the report says so. `memory` is the job's, kept from cycle to cycle.
    pub fn cycle(
        &self,
        context: &JobAutoScalerContext,
        observed: Option<Result<Observation, ObserveError>>,
        state: &mut JobState,
        memory: &mut CycleMemory,
        now: Instant,
    ) -> CycleReport {
        let approved = memory.take_approved();
        if let Some(conflict) = &context.parsed.conflict {
            // Nothing is realized either: two would undo what the other does.
            let event =
                Event::warning(reason::AUTOSCALER_CONFLICT, conflict.as_str()).merged_within(self.complaint_interval);
            return CycleReport { events: vec![event], store: false, ..CycleReport::new(Outcome::Invalid) };
        }
        let options = match context.options() {
            Ok(options) => options,
            Err(invalid) => {
                // Nothing is realized either: what of it the user still wants would be in the options.
                let event = Event::warning(reason::OPTIONS_VALIDATION, invalid.to_string())
                    .merged_within(self.complaint_interval);
                return CycleReport { events: vec![event], store: false, ..CycleReport::new(Outcome::Invalid) };
            }
        };
        let mut warnings = Vec::new();
        let mut excluded = excluded_by_options(options, &mut warnings);
        let mut report = match stage(context) {
            Stage::Disabled | Stage::Invalid => {
                // Switched on again, the job would go on with overrides and waiting scale-downs of another time.
                state.clear();
                CycleReport::new(Outcome::Undecided)
            }
            // A restart takes nothing away from what is known of the job.
            Stage::Waiting => {
                let health = memory.take_health();
                let put_back = look_after_waiting(options, state, health.as_ref(), now);
                let store = put_back.is_some();
                let (note, event) = put_back.unzip();
                let events = event.into_iter().collect();
                CycleReport { store, note, events, ..CycleReport::new(Outcome::Undecided) }
            }
            Stage::Observing => {
                let observed =
                    observed.unwrap_or_else(|| Err(ObserveError::Unusable("the job was not observed".to_owned())));
                let mut run = Run {
                    autoscaler: self,
                    context,
                    options,
                    state,
                    memory,
                    now,
                    excluded: &mut excluded,
                    approved,
                    report: CycleReport::new(Outcome::Undecided),
                };
                match run.decide(observed) {
                    Ok(()) => run.report,
                    Err(Stop::LeftAlone(why)) => {
                        // No realization: overrides from a time when nobody knew what it is must not come back.
                        return CycleReport { store: false, note: Some(why), warnings, ..run.report };
                    }
                    Err(Stop::NotReady(why)) => CycleReport { store: false, note: Some(why), ..run.report },
                    Err(Stop::Failed(message, failure)) => run.failed(message, failure),
                }
            }
        };
        if options.enabled
            && let Some(notice) = &context.parsed.notice
        {
            let event = Event::warning(reason::RESOURCES_WAITED_FOR, notice.as_str());
            report.events.push(event.merged_within(options.scaling_event_interval));
        }
        // Whatever the outcome: what an earlier cycle stored may not have been carried out, for a crash or a refusal.
        report.realization = realization(context, options, state, &excluded, &mut warnings, now);
        report.warnings.extend(warnings);
        report
    }
}

/// Why a cycle ended early.
enum Stop {
    NotReady(String),
    /// The job is none to scale, whatever was decided of it before.
    LeftAlone(String),
    /// Why, and the answer of the cluster that it was.
    Failed(String, Option<Arc<PortError>>),
}

impl From<ObserveError> for Stop {
    fn from(error: ObserveError) -> Self {
        match error {
            ObserveError::NotReady(why) => Self::NotReady(why),
            other => {
                let message = ErrorChain(&other).to_string();
                Self::Failed(message, if let ObserveError::Cluster(failure) = other { Some(failure) } else { None })
            }
        }
    }
}

/// A cycle under way.
struct Run<'a> {
    autoscaler: &'a Autoscaler,
    context: &'a JobAutoScalerContext,
    options: &'a JobOptions,
    state: &'a mut JobState,
    memory: &'a mut CycleMemory,
    now: Instant,
    /// Vertices not to scale in this cycle.
    excluded: &'a mut BTreeSet<VertexId>,
    /// The scaling that somebody approved.
    approved: Option<Changes>,
    report: CycleReport,
}

impl Run<'_> {
    fn failed(mut self, message: String, failure: Option<Arc<PortError>>) -> CycleReport {
        // Nobody knows how far the cycle came, so nothing of it is stored; what it changed goes with the next that ends well.
        self.report.events.push(Event::warning(reason::AUTOSCALER_ERROR, message.clone()));
        CycleReport { outcome: Outcome::Error, store: false, note: Some(message), failure, ..self.report }
    }

    fn decide(&mut self, observed: Result<Observation, ObserveError>) -> Result<(), Stop> {
        if matches!(observed, Err(ObserveError::Batch)) {
            return Err(self.left_alone());
        }
        self.state.collected_metrics.hold();
        let Observation { running_since, topology, metrics } = observed?;
        self.report.running_since = Some(running_since);
        self.keep_time();
        self.forget_if_restarted(running_since);
        self.forget_gone_vertices(&topology);
        if self.look_after(&topology, running_since) {
            self.report.topology = Some(topology);
            return Ok(());
        }
        // It has no tasks left to scale, and what it counts stands still.
        for vertex in topology.vertices().iter().filter(|vertex| vertex.finished) {
            self.excluded.insert(vertex.id);
        }
        let stable = time::after(running_since, self.options.stabilization_interval);
        let (readings, (window_full_at, partitions)) = match metrics {
            Ok(readings) => {
                let collected = self.collect(&topology, &readings, stable)?;
                (readings, collected)
            }
            // Metrics appear one by one while tasks start; one that is missing later is for somebody to look at.
            Err(ObserveError::MetricNotFound { vertex, metric }) if self.now < stable => {
                self.fills(stable, time::after(stable, self.options.metrics_window));
                return Err(Stop::NotReady(format!("the job is stabilizing, and vertex {vertex} has no {metric} yet")));
            }
            Err(error @ (ObserveError::Incomplete { .. } | ObserveError::ValueMissing { .. })) => {
                return Err(self.incomplete(&error, stable));
            }
            Err(error) => return Err(error.into()),
        };
        self.whole_again();
        self.fills(stable, window_full_at);
        self.record_restart(&topology, running_since);
        if self.look_at_throughput(&topology) {
            self.report.topology = Some(topology);
            return Ok(());
        }
        let seen = Seen { running_since, topology: &topology, readings: &readings, partitions: &partitions };
        self.evaluate(seen, window_full_at)?;
        self.report.topology = Some(topology);
        Ok(())
    }

    fn fills(&mut self, stable_at: Instant, full_at: Instant) {
        // The responsive policy waits for no window.
        let waits = self.options.policy == PolicyChoice::Reference;
        self.report.filling = (waits && self.now < full_at).then_some(Filling { stable_at, full_at });
    }

    fn forget_if_restarted(&mut self, running_since: Instant) {
        // The counters began anew: a rate across the restart would be that of neither run.
        if self.state.collected_metrics.get().start().is_some_and(|start| running_since > start) {
            self.state.collected_metrics.remove();
        }
    }

    fn forget_gone_vertices(&mut self, topology: &JobTopology) {
        let history = self.state.scaling_history.get();
        let is_gone =
            |id: &VertexId| topology.vertex(*id).is_none() && !history.recent(*id, self.now, self.options).is_empty();
        // Entries that are too old to count go with the next change anyway, and are no reason to write.
        if history.vertices.keys().any(is_gone) {
            let mut history = history.trimmed(self.now, self.options);
            history.vertices.retain(|id, _| topology.vertex(*id).is_some());
            self.state.scaling_history.set(history);
        }
    }

    /// Adds the observation to the history. Returns when the window is full, and each vertex's partitions.
    fn collect(
        &mut self,
        topology: &JobTopology,
        readings: &Readings,
        stable: Instant,
    ) -> Result<(Instant, Vec<u32>), Stop> {
        // A collector of somebody else's may be wrong; a reading must not be taken for another vertex's.
        if readings.vertices.len() != topology.vertices().len() {
            let (vertices, readings) = (topology.vertices().len(), readings.vertices.len());
            let error = ObserveError::Unusable(format!("{readings} readings for a job of {vertices} vertices"));
            return Err(error.into());
        }
        let managers = self.memory.settled(readings.cluster.task_managers)?;
        let global = collect::global_sample(&readings.cluster, &managers);
        let mut samples = self.samples(topology, readings);
        if self.forget_if_fallen(topology, &samples) {
            // Some values are taken from the observations before, which are gone now.
            samples = self.samples(topology, readings);
        }
        for (vertex, sample) in topology.vertices().iter().zip(&samples) {
            // Without its busy time nobody can tell what it could process.
            if sample.value(ScalingMetric::Load).is_nan() {
                self.excluded.insert(vertex.id);
            }
        }
        let window = self.options.metrics_window;
        let first_stable = self.state.collected_metrics.get().first_at_or_after(stable);
        // Until it is stable the moment stays, rather than to move on with each cycle.
        let first = if window.is_zero() { self.now } else { self.now.max(stable) };
        let full = time::after(first_stable.unwrap_or(first), window);
        let ids: Vec<VertexId> = topology.vertices().iter().map(|vertex| vertex.id).collect();
        let window = &mut self.state.collected_metrics;
        window.insert(self.now, &ids, &samples, global);
        // Until then the observations from before the job was stable stay: they don't count, and hold their place.
        if self.now >= full {
            window.drop_before(time::before(self.now, self.options.metrics_window));
        }
        Ok((full, readings.vertices.iter().map(|reading| reading.source_partitions).collect()))
    }

    fn record_restart(&mut self, topology: &JobTopology, running_since: Instant) {
        let tracking = self.state.scaling_tracking.get();
        // Most cycles: spares them the whole history.
        if !tracking.awaits_restart() {
            return;
        }
        let past = self.state.scaling_history.get().all_recent(self.now, self.options);
        if let Some((at, duration)) = tracking.newly_known_restart(past, topology, running_since) {
            let mut tracking = tracking.trimmed(self.now, self.options);
            tracking.records.insert(at, Some(duration));
            self.state.scaling_tracking.set(tracking);
        }
    }
}

/// Vertices that options exclude; what is none of a vertex is told in `warnings`.
fn excluded_by_options(options: &JobOptions, warnings: &mut Vec<String>) -> BTreeSet<VertexId> {
    let mut excluded = BTreeSet::new();
    for (text, number) in options.vertex_exclude_ids.iter().zip(1..) {
        match text.parse() {
            Ok(vertex) => {
                excluded.insert(vertex);
            }
            // What stands there is not shown: it may be anything.
            Err(_) => warnings.push(format!(
                "job.autoscaler.vertex.exclude.ids: entry {number} excludes no vertex: expected an id, 32 hexadecimal digits"
            )),
        }
    }
    excluded
}

#[cfg(test)]
mod tests;
