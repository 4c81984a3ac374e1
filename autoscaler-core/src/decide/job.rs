//! The decision for a job: memory pressure, its vertices, what may hold a scaling up, and what is stored of it.

use std::collections::BTreeSet;

use super::explain::{Band, Verdict, VertexDecision};
use super::hold::Hold;
use super::{executors, resources, vertex};
use crate::decimal::{java_text, round3};
use crate::evaluate::Evaluation;
use crate::event::{Event, EventType, reason};
use crate::job::{JobAutoScalerContext, VertexId};
use crate::memory;
use crate::metric::{EvaluatedScalingMetric, ScalingMetric as M};
use crate::options::{AlignmentChoice, JobOptions};
use crate::report::CycleReport;
use crate::scaling_report::{Blocked, ScalingReport, VertexScaling};
use crate::state::{ConfigChanges, JobState, ScalingSummary};
use crate::time::Instant;
use crate::topology::JobTopology;

/// What a job's decision takes.
pub(crate) struct Inputs<'a> {
    pub(crate) context: &'a JobAutoScalerContext,
    pub(crate) options: &'a JobOptions,
    pub(crate) topology: &'a JobTopology,
    pub(crate) partitions: &'a [u32],
    pub(crate) excluded: &'a BTreeSet<VertexId>,
    pub(crate) restart_seconds: f64,
    pub(crate) now: Instant,
}

/// Decides. What changes is left in `evaluation` and `state`, what happened and why in `report`.
pub(crate) fn decide(inputs: &Inputs<'_>, evaluation: &mut Evaluation, state: &mut JobState, report: &mut CycleReport) {
    if let Some((hold, event)) = memory_pressure(evaluation, inputs.options) {
        report.events.push(event);
        report.held = Some(hold);
        return;
    }
    let decisions = inputs.decide_vertices(evaluation, state, report);
    report.held = if decisions.iter().any(|decision| decision.is_outside() && decision.changes()) {
        inputs.scale(&decisions, evaluation, state, report).err()
    } else if decisions.iter().any(VertexDecision::changes) {
        Some(Hold::AllWithinBounds)
    } else {
        Some(Hold::NothingToChange)
    };
    report.decisions = decisions;
}

/// A TaskManager short of memory: scaling would act on rates that are not the job's own.
fn memory_pressure(evaluation: &Evaluation, options: &JobOptions) -> Option<(Hold, Event)> {
    let gc = evaluation.global.current(M::GcPressure);
    let heap = evaluation.global.average(M::HeapMaxUsageRatio);
    let (what, measured, key, option, limit) = if gc > options.gc_pressure_threshold {
        ("GC Pressure", gc, "gcPressure", "memory.gc-pressure.threshold", options.gc_pressure_threshold)
    } else if heap > options.heap_usage_threshold {
        ("Heap Usage", heap, "heapUsage", "memory.heap-usage.threshold", options.heap_usage_threshold)
    } else {
        return None;
    };
    let event = Event {
        event_type: EventType::Normal,
        reason: reason::MEMORY_PRESSURE,
        message: format!(
            "{what} {} is above the allowed limit for scaling operations. Please adjust the available memory manually.",
            java_text(measured)
        ),
        key: Some(key.to_owned()),
        interval: Some(options.scaling_event_interval),
    };
    Some((Hold::MemoryPressure { option, measured, limit }, event))
}

impl Inputs<'_> {
    fn decide_vertices(
        &self,
        evaluation: &mut Evaluation,
        state: &mut JobState,
        report: &mut CycleReport,
    ) -> Vec<VertexDecision> {
        let custom = match &self.options.alignment {
            AlignmentChoice::Custom(choice) => self.context.plugins.alignment_mode(choice, &mut report.warnings),
            AlignmentChoice::Mode(_) | AlignmentChoice::Adjust(_) => None,
        };
        let mut decisions = Vec::with_capacity(self.topology.vertices().len());
        for (index, info) in self.topology.vertices().iter().enumerate() {
            if self.excluded.contains(&info.id) {
                decisions.push(VertexDecision {
                    vertex: info.id,
                    current: info.parallelism,
                    steps: Vec::new(),
                    verdict: Verdict::Excluded,
                    band: Band::of(&evaluation.vertices[index]),
                });
                continue;
            }
            decisions.push(vertex::decide(vertex::Inputs {
                vertex: info,
                partitions: self.partitions[index],
                metrics: &mut evaluation.vertices[index],
                history: state.scaling_history.get().recent(info.id, self.now, self.options),
                delayed: &mut state.delayed_scale_down,
                events: &mut report.events,
                warnings: &mut report.warnings,
                alignment: custom.as_ref(),
                options: self.options,
                restart_seconds: self.restart_seconds,
                now: self.now,
            }));
        }
        decisions
    }

    /// Scales every vertex whose target differs, unless something holds it up (algorithm 8).
    fn scale(
        &self,
        decisions: &[VertexDecision],
        evaluation: &mut Evaluation,
        state: &mut JobState,
        report: &mut CycleReport,
    ) -> Result<(), Hold> {
        for (decision, metrics) in decisions.iter().zip(&mut evaluation.vertices) {
            if decision.changes() {
                metrics.set(M::RecommendedParallelism, EvaluatedScalingMetric::current(f64::from(decision.target())));
            }
        }
        let mut parallelism: Vec<i32> = decisions.iter().map(VertexDecision::target).collect();
        if let Some((key, value)) = self.blocked() {
            let blocked = Blocked { key: key.to_owned(), value: value.clone() };
            report.events.push(self.report_event(Some(blocked), &parallelism, evaluation));
            return Err(Hold::Blocked { key, value });
        }
        let changes = self.resources(&parallelism, evaluation, &mut report.events)?;
        self.filter(&mut parallelism, evaluation, report)?;
        report.events.push(self.report_event(None, &parallelism, evaluation));
        self.store(&parallelism, changes, evaluation, state);
        Ok(())
    }

    /// Has the custom executors look at the scaling, and writes back what they make of it.
    fn filter(
        &self,
        parallelism: &mut [i32],
        evaluation: &mut Evaluation,
        report: &mut CycleReport,
    ) -> Result<(), Hold> {
        let executors = self.context.plugins.executors(&self.options.executors, &mut report.warnings);
        if executors.is_empty() {
            return Ok(());
        }
        let filtered = executors::filter(self, &executors, parallelism, evaluation, &mut report.warnings);
        if let Err(Hold::Vetoed { by, why }) = &filtered {
            report.events.push(Event {
                event_type: EventType::Warning,
                reason: reason::SCALING_VETOED,
                message: format!("Scaling vetoed by the custom executor {by}: {why}"),
                key: Some(format!("ScalingVetoed:{by}")),
                interval: Some(self.options.scaling_event_interval),
            });
        }
        filtered?;
        for (index, vertex) in self.topology.vertices().iter().enumerate() {
            let metrics = &mut evaluation.vertices[index];
            let rate = metrics.average(M::TrueProcessingRate);
            let expected = round3(rate / f64::from(vertex.parallelism) * f64::from(parallelism[index]));
            metrics.set(M::ExpectedProcessingRate, EvaluatedScalingMetric::current(expected));
        }
        Ok(())
    }

    /// The scaling report: every vertex that changes.
    fn report_event(&self, blocked: Option<Blocked>, parallelism: &[i32], evaluation: &Evaluation) -> Event {
        let changed = self.topology.vertices().iter().zip(parallelism).zip(&evaluation.vertices);
        let vertices = changed.filter(|((vertex, to), _)| vertex.parallelism != **to).map(|((vertex, to), metrics)| {
            VertexScaling {
                vertex: vertex.id,
                from: vertex.parallelism,
                to: *to,
                capacity: metrics.average(M::TrueProcessingRate),
                expected_capacity: metrics.current(M::ExpectedProcessingRate),
                target_data_rate: metrics.average(M::TargetDataRate),
            }
        });
        Event {
            event_type: EventType::Normal,
            reason: reason::SCALING_REPORT,
            message: ScalingReport { blocked, vertices: vertices.collect() }.to_string(),
            key: Some("ScalingExecutor".to_owned()),
            interval: Some(self.options.scaling_event_interval),
        }
    }

    /// The option, with its value, that keeps scalings from being carried out.
    fn blocked(&self) -> Option<(&'static str, String)> {
        if !self.options.scaling_enabled {
            return Some(("job.autoscaler.scaling.enabled", "false".to_owned()));
        }
        let excluded = self.options.periods.iter().any(|period| period.includes(self.now, self.context.time_zone));
        let list = || format!("[{}]", self.options.excluded_periods.join(", "));
        excluded.then(|| ("job.autoscaler.excluded.periods", list()))
    }

    /// The configuration changes that go with the scaling, where resources and quotas allow it.
    fn resources(
        &self,
        parallelism: &[i32],
        evaluation: &Evaluation,
        events: &mut Vec<Event>,
    ) -> Result<ConfigChanges, Hold> {
        let configuration = &self.context.configuration;
        let slots_each = resources::slots_per_task_manager(configuration);
        let task_managers = resources::task_managers(self.topology, parallelism, &evaluation.global, slots_each);
        let tuned = memory::tune(&memory::Inputs {
            configuration,
            options: self.options,
            topology: self.topology,
            parallelism,
            global: &evaluation.global,
            task_manager_memory_bytes: self.context.task_manager_memory_bytes,
            slots_per_task_manager: slots_each,
            task_managers,
        });
        let mut changes = ConfigChanges::default();
        if let Some((recommended, event)) = tuned {
            events.push(event);
            if self.options.memory_tuning_enabled {
                changes = recommended;
            }
        }
        let memory = resources::memory_bytes(configuration, &changes, self.context.task_manager_memory_bytes);
        let cpu = self.context.task_manager_cpu;
        if let (Some(check), Some(cpu), Some(memory)) = (self.context.plugins.resource_check(), cpu, memory) {
            let (before, after) = task_managers;
            if cpu > 0.0 && memory > 0 && !check.can_schedule(before, after, cpu, memory) {
                return Err(Hold::Resources { before, after });
            }
        }
        match resources::quota_event(self.topology, parallelism, cpu, memory, slots_each, self.options) {
            Some(event) => {
                events.push(event);
                Err(Hold::Quota)
            }
            None => Ok(changes),
        }
    }

    fn store(&self, parallelism: &[i32], changes: ConfigChanges, evaluation: &Evaluation, state: &mut JobState) {
        let scaled = || self.topology.vertices().iter().zip(parallelism);
        let mut history = state.scaling_history.get().trimmed(self.now, self.options);
        for ((vertex, new), metrics) in scaled().zip(&evaluation.vertices) {
            if vertex.parallelism != *new {
                let summary = ScalingSummary {
                    current_parallelism: vertex.parallelism,
                    new_parallelism: *new,
                    metrics: metrics.clone(),
                };
                history.add(vertex.id, self.now, summary);
            }
        }
        state.scaling_history.set(history);
        let mut tracking = state.scaling_tracking.get().trimmed(self.now, self.options);
        tracking.records.insert(self.now, None);
        state.scaling_tracking.set(tracking);
        state
            .parallelism_overrides
            .set(scaled().map(|(vertex, new)| (vertex.id.to_string(), new.to_string())).collect());
        state.config_overrides.set(changes);
        if !state.delayed_scale_down.get().vertices.is_empty() {
            state.delayed_scale_down.edit().vertices.clear();
        }
    }
}
