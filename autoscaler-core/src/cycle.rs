//! One cycle of one job, as one function from what was seen to what was decided (algorithm 1).

use std::collections::{BTreeMap, BTreeSet};

use crate::collect::{self, RememberedNames};
use crate::decide;
use crate::evaluate;
use crate::event::{Event, reason};
use crate::job::{JobAutoScalerContext, JobStatus, VertexId};
use crate::metric::{ScalingMetric, VertexSample};
use crate::observation::{Observation, ObserveError, Readings};
use crate::options::{JobOptions, value::OptionValue};
use crate::report::{CycleReport, Outcome, Realization};
use crate::state::JobState;
use crate::time::{self, Instant, whole_seconds};
use crate::topology::JobTopology;

/// What a cycle will do with a job, told before it is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Its options can't be used: say so, do nothing.
    Invalid,
    /// Autoscaling is off for it: forget it.
    Disabled,
    /// It does not run: wait.
    Waiting,
    /// Look at it and decide.
    Observing,
}

/// The stage of a job.
pub fn stage(context: &JobAutoScalerContext) -> Stage {
    match &context.options {
        Err(_) => Stage::Invalid,
        Ok(options) if !options.enabled => Stage::Disabled,
        Ok(_) if context.status != JobStatus::Running => Stage::Waiting,
        Ok(_) => Stage::Observing,
    }
}

/// Runs one cycle. `seen` is needed where [`stage`] says [`Stage::Observing`], and otherwise left alone.
///
/// `state` is changed as decided; store it if the report says so. `names` is what is remembered of the job's metric
/// names in memory.
pub fn cycle(
    context: &JobAutoScalerContext,
    seen: Option<Result<Observation, ObserveError>>,
    state: &mut JobState,
    names: &mut RememberedNames,
    now: Instant,
) -> CycleReport {
    let options = match &context.options {
        Ok(options) => options.as_ref(),
        Err(invalid) => {
            let event = Event::warning(reason::OPTIONS_VALIDATION, invalid.to_string());
            return CycleReport { events: vec![event], store: false, ..CycleReport::new(Outcome::Invalid) };
        }
    };
    let mut excluded: BTreeSet<String> = options.vertex_exclude_ids.iter().cloned().collect();
    let mut report = match stage(context) {
        Stage::Disabled | Stage::Invalid => {
            state.clear();
            CycleReport::new(Outcome::None)
        }
        Stage::Waiting => CycleReport { store: false, ..CycleReport::new(Outcome::None) },
        Stage::Observing => {
            let seen = seen.unwrap_or_else(|| Err(ObserveError::Unusable("the job was not looked at".to_owned())));
            let mut run = Run {
                context,
                options,
                state,
                names,
                now,
                excluded: &mut excluded,
                report: CycleReport::new(Outcome::None),
            };
            match run.decide(seen) {
                Ok(()) => run.report,
                Err(Stop::NotReady(why)) => CycleReport { store: false, note: Some(why), ..run.report },
                Err(Stop::Failed(message)) => run.failed(message),
            }
        }
    };
    report.realization = realization(context, options, state, &excluded);
    report
}

/// Why a cycle ended early.
enum Stop {
    NotReady(String),
    Failed(String),
}

impl From<ObserveError> for Stop {
    fn from(error: ObserveError) -> Self {
        match error {
            ObserveError::NotReady(why) => Self::NotReady(why),
            other => Self::Failed(other.to_string()),
        }
    }
}

/// A cycle under way.
struct Run<'a> {
    context: &'a JobAutoScalerContext,
    options: &'a JobOptions,
    state: &'a mut JobState,
    names: &'a mut RememberedNames,
    now: Instant,
    /// Ids of vertices not to scale in this cycle.
    excluded: &'a mut BTreeSet<String>,
    report: CycleReport,
}

impl Run<'_> {
    fn failed(mut self, message: String) -> CycleReport {
        self.report.events.push(Event::warning(reason::AUTOSCALER_ERROR, message.clone()));
        CycleReport { outcome: Outcome::Error, store: false, note: Some(message), ..self.report }
    }

    fn decide(&mut self, seen: Result<Observation, ObserveError>) -> Result<(), Stop> {
        let Observation { running_since, topology, metrics } = seen?;
        self.forget_if_restarted(running_since);
        self.forget_gone_vertices(&topology);
        for vertex in topology.vertices().iter().filter(|vertex| vertex.finished) {
            self.excluded.insert(vertex.id.to_string());
        }
        let stable = time::after(running_since, self.options.stabilization_interval);
        let (window, partitions) = match metrics {
            Ok(readings) => self.collect(&topology, &readings, stable)?,
            Err(ObserveError::MetricNotFound { vertex, metric }) if self.now < stable => {
                return Err(Stop::NotReady(format!("the job is stabilizing, and vertex {vertex} has no {metric} yet")));
            }
            Err(error) => return Err(error.into()),
        };
        self.record_restart(&topology, running_since);
        self.evaluate(&topology, &window, &partitions)?;
        self.report.topology = Some(topology);
        Ok(())
    }

    fn forget_if_restarted(&mut self, running_since: Instant) {
        if self.state.collected_metrics.get().start().is_some_and(|start| running_since > start) {
            self.state.collected_metrics.remove();
        }
    }

    fn forget_gone_vertices(&mut self, topology: &JobTopology) {
        let history = self.state.scaling_history.get();
        let is_gone =
            |id: &VertexId| topology.vertex(*id).is_none() && !history.recent(*id, self.now, self.options).is_empty();
        if history.vertices.keys().any(is_gone) {
            let mut history = history.trimmed(self.now, self.options);
            history.vertices.retain(|id, _| topology.vertex(*id).is_some());
            self.state.scaling_history.set(history);
        }
    }

    /// Adds the observation to the history. Returns how full the window is, and each vertex's partitions.
    fn collect(
        &mut self,
        topology: &JobTopology,
        readings: &Readings,
        stable: Instant,
    ) -> Result<(Window, Vec<u32>), Stop> {
        let managers = self.names.settled(readings.cluster.task_managers)?;
        let global = collect::global_sample(&readings.cluster, &managers);
        let history = self.state.collected_metrics.get();
        let sample = |(vertex, reading)| collect::vertex_sample(vertex, reading, history, self.options);
        let samples: Vec<VertexSample> = topology.vertices().iter().zip(&readings.vertices).map(sample).collect();
        for (vertex, sample) in topology.vertices().iter().zip(&samples) {
            if sample.value(ScalingMetric::Load).is_nan() {
                self.excluded.insert(vertex.id.to_string());
            }
        }
        let first_stable = history.first_at_or_after(stable).unwrap_or(self.now);
        let full = time::after(first_stable, self.options.metrics_window);
        let ids: Vec<VertexId> = topology.vertices().iter().map(|vertex| vertex.id).collect();
        let history = self.state.collected_metrics.edit();
        history.insert(self.now, &ids, samples, global);
        let window = if self.now < full {
            Window::FullAt(full)
        } else {
            history.drop_before(time::before(self.now, self.options.metrics_window));
            Window::Full
        };
        Ok((window, readings.vertices.iter().map(|reading| reading.source_partitions).collect()))
    }

    fn record_restart(&mut self, topology: &JobTopology, running_since: Instant) {
        let tracking = self.state.scaling_tracking.get().trimmed(self.now, self.options);
        if !tracking.awaits_restart() {
            return;
        }
        let history = self.state.scaling_history.get().trimmed(self.now, self.options);
        if let Some((at, duration)) = tracking.newly_known_restart(&history, topology, running_since) {
            let mut tracking = tracking;
            tracking.records.insert(at, Some(duration));
            self.state.scaling_tracking.set(tracking);
        }
    }

    fn evaluate(&mut self, topology: &JobTopology, window: &Window, partitions: &[u32]) -> Result<(), Stop> {
        let history = self.state.collected_metrics.get();
        if history.len() < 2 {
            self.report.note = Some("the first observation: rates need two".to_owned());
            return Ok(());
        }
        let tracking = self.state.scaling_tracking.get().trimmed(self.now, self.options);
        let restart_seconds = whole_seconds(tracking.restart_time(self.options));
        let context = self.context;
        let evaluators = context.plugins.evaluators(&self.options.evaluators, &mut self.report.warnings);
        let inputs = evaluate::Inputs {
            context,
            topology,
            history,
            partitions,
            options: self.options,
            restart_seconds,
            evaluators: &evaluators,
        };
        let mut evaluation =
            evaluate::evaluate(&inputs, &mut self.report.warnings).map_err(|error| Stop::Failed(error.to_string()))?;
        if let Window::FullAt(full) = window {
            for metrics in &mut evaluation.vertices {
                metrics.remove(ScalingMetric::RecommendedParallelism);
            }
            self.report.note = Some(format!("the metric window is full at {}", full.format("%H:%M:%S")));
        } else {
            let excluded = self.excluded.iter().filter_map(|id| id.parse().ok()).collect();
            let inputs = decide::Inputs {
                context: self.context,
                options: self.options,
                topology,
                partitions,
                excluded: &excluded,
                restart_seconds,
                now: self.now,
            };
            decide::decide(&inputs, &mut evaluation, self.state, &mut self.report);
            self.report.outcome = if self.report.held.is_none() { Outcome::Scaled } else { Outcome::Balanced };
        }
        self.report.evaluation = Some(evaluation);
        Ok(())
    }
}

/// How far the metric window is.
enum Window {
    Full,
    FullAt(Instant),
}

/// What the state asks for now (algorithm 1.4): the user's own overrides under the stored ones, which yield only for
/// excluded vertices.
fn realization(
    context: &JobAutoScalerContext,
    options: &JobOptions,
    state: &JobState,
    excluded: &BTreeSet<String>,
) -> Realization {
    let stored = state.parallelism_overrides.get();
    let parallelism = (!stored.is_empty()).then(|| {
        let users = context.configuration.get("pipeline.jobvertex-parallelism-overrides").and_then(BTreeMap::read);
        let mut merged: BTreeMap<String, String> = users.unwrap_or_default();
        for (vertex, parallelism) in stored {
            if !(excluded.contains(vertex) && merged.contains_key(vertex)) {
                merged.insert(vertex.clone(), parallelism.clone());
            }
        }
        merged
    });
    let config = options.memory_tuning_enabled.then(|| state.config_overrides.get().clone());
    Realization { parallelism, config }
}
