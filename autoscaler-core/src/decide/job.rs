//! The decision for a job: memory pressure, its vertices, what may hold a scaling up, and what is stored of it.

use std::collections::BTreeSet;

use super::explain::{Verdict, VertexDecision};
use super::{report, resources, vertex};
use crate::decimal::java_text;
use crate::evaluate::Evaluation;
use crate::event::{Event, EventType, reason};
use crate::job::{JobAutoScalerContext, VertexId};
use crate::memory;
use crate::metric::{EvaluatedScalingMetric, ScalingMetric as M};
use crate::options::JobOptions;
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

/// Where a job's decision led.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) scaled: bool,
    pub(crate) decisions: Vec<VertexDecision>,
}

/// Decides. What changes is left in `evaluation` and `state`, what happened in `events`.
pub(crate) fn decide(
    inputs: &Inputs<'_>,
    evaluation: &mut Evaluation,
    state: &mut JobState,
    events: &mut Vec<Event>,
) -> Outcome {
    if let Some(event) = memory_pressure(evaluation, inputs.options) {
        events.push(event);
        return Outcome { scaled: false, decisions: Vec::new() };
    }
    let decisions = inputs.decide_vertices(evaluation, state, events);
    let scaled = decisions.iter().any(|decision| decision.is_outside() && decision.target() != decision.current)
        && inputs.scale(&decisions, evaluation, state, events);
    Outcome { scaled, decisions }
}

/// The event of a TaskManager short of memory: scaling would act on rates that are not the job's own.
fn memory_pressure(evaluation: &Evaluation, options: &JobOptions) -> Option<Event> {
    let gc = evaluation.global.current(M::GcPressure);
    let heap = evaluation.global.average(M::HeapMaxUsageRatio);
    let (what, value, key) = if gc > options.gc_pressure_threshold {
        ("GC Pressure", gc, "gcPressure")
    } else if heap > options.heap_usage_threshold {
        ("Heap Usage", heap, "heapUsage")
    } else {
        return None;
    };
    Some(Event {
        event_type: EventType::Normal,
        reason: reason::MEMORY_PRESSURE,
        message: format!(
            "{what} {} is above the allowed limit for scaling operations. Please adjust the available memory manually.",
            java_text(value)
        ),
        key: Some(key.to_owned()),
        interval: Some(options.scaling_event_interval),
    })
}

impl Inputs<'_> {
    fn decide_vertices(
        &self,
        evaluation: &mut Evaluation,
        state: &mut JobState,
        events: &mut Vec<Event>,
    ) -> Vec<VertexDecision> {
        let mut decisions = Vec::with_capacity(self.topology.vertices().len());
        for (index, info) in self.topology.vertices().iter().enumerate() {
            if self.excluded.contains(&info.id) {
                decisions.push(VertexDecision {
                    vertex: info.id,
                    current: info.parallelism,
                    steps: Vec::new(),
                    verdict: Verdict::Excluded,
                });
                continue;
            }
            decisions.push(vertex::decide(vertex::Inputs {
                vertex: info,
                partitions: self.partitions[index],
                metrics: &mut evaluation.vertices[index],
                history: state.scaling_history.get().recent(info.id, self.now, self.options),
                delayed: &mut state.delayed_scale_down,
                events,
                options: self.options,
                restart_seconds: self.restart_seconds,
                now: self.now,
            }));
        }
        decisions
    }

    /// Scales every vertex whose target differs, unless something holds it up (ALGORITHM 8); whether it did.
    fn scale(
        &self,
        decisions: &[VertexDecision],
        evaluation: &mut Evaluation,
        state: &mut JobState,
        events: &mut Vec<Event>,
    ) -> bool {
        for (decision, metrics) in decisions.iter().zip(&mut evaluation.vertices) {
            if decision.target() != decision.current {
                metrics.set(M::RecommendedParallelism, EvaluatedScalingMetric::current(f64::from(decision.target())));
            }
        }
        let lines = || {
            let scaling = decisions
                .iter()
                .zip(&evaluation.vertices)
                .filter(|(decision, _)| decision.target() != decision.current);
            scaling.map(|(decision, metrics)| report::Line {
                vertex: decision.vertex,
                from: decision.current,
                to: decision.target(),
                metrics,
            })
        };
        if let Some(header) = self.blocked() {
            events.push(report::event(&header, lines(), self.options));
            return false;
        }
        let parallelism: Vec<i32> = decisions.iter().map(VertexDecision::target).collect();
        let Some(changes) = self.resources(&parallelism, evaluation, events) else { return false };
        events.push(report::event(report::ENABLED, lines(), self.options));
        self.store(decisions, changes, evaluation, state);
        true
    }

    /// The report's header where an option keeps scalings from being carried out.
    fn blocked(&self) -> Option<String> {
        if !self.options.scaling_enabled {
            return Some(report::disabled("job.autoscaler.scaling.enabled", "false"));
        }
        let excluded = self.options.periods.iter().any(|period| period.includes(self.now, self.context.time_zone));
        let list = || format!("[{}]", self.options.excluded_periods.join(", "));
        excluded.then(|| report::disabled("job.autoscaler.excluded.periods", &list()))
    }

    /// The configuration changes that go with the scaling; none where a quota forbids it.
    fn resources(
        &self,
        parallelism: &[i32],
        evaluation: &Evaluation,
        events: &mut Vec<Event>,
    ) -> Option<ConfigChanges> {
        let configuration = &self.context.configuration;
        let slots_each = resources::slots_per_task_manager(configuration);
        let tuned = memory::tune(&memory::Inputs {
            configuration,
            options: self.options,
            topology: self.topology,
            parallelism,
            global: &evaluation.global,
            task_manager_memory_bytes: self.context.task_manager_memory_bytes,
            slots_per_task_manager: slots_each,
            task_managers: resources::task_managers(self.topology, parallelism, &evaluation.global, slots_each),
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
        match resources::quota_event(self.topology, parallelism, cpu, memory, slots_each, self.options) {
            Some(event) => {
                events.push(event);
                None
            }
            None => Some(changes),
        }
    }

    fn store(
        &self,
        decisions: &[VertexDecision],
        changes: ConfigChanges,
        evaluation: &Evaluation,
        state: &mut JobState,
    ) {
        let mut history = state.scaling_history.get().trimmed(self.now, self.options);
        for (decision, metrics) in decisions.iter().zip(&evaluation.vertices) {
            if decision.target() != decision.current {
                let summary = ScalingSummary {
                    current_parallelism: decision.current,
                    new_parallelism: decision.target(),
                    metrics: metrics.clone(),
                };
                history.add(decision.vertex, self.now, summary);
            }
        }
        state.scaling_history.set(history);
        let mut tracking = state.scaling_tracking.get().trimmed(self.now, self.options);
        tracking.records.insert(self.now, None);
        state.scaling_tracking.set(tracking);
        let overrides = decisions.iter().map(|decision| (decision.vertex.to_string(), decision.target().to_string()));
        state.parallelism_overrides.set(overrides.collect());
        state.config_overrides.set(changes);
        if !state.delayed_scale_down.get().vertices.is_empty() {
            state.delayed_scale_down.edit().vertices.clear();
        }
    }
}
