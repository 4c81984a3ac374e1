//! What a scaling does to the number of slots and TaskManagers, and whether quotas allow it (algorithm 8.4, 8.5).

use std::collections::BTreeMap;

use super::input::Execution;
use crate::cycle_memory::CycleMemory;
use crate::evaluation::Evaluation;
use crate::event::{Event, reason};
use crate::memory;
use crate::metric::{EvaluatedMetrics, ScalingMetric as M};
use crate::options::value::{MemorySize, OptionValue};
use crate::options::{Configuration, JobOptions};
use crate::policy::Hold;
use crate::report::CycleReport;
use crate::slots::{self, subtasks};
use crate::state::ConfigChanges;
use crate::topology::JobTopology;

/// The configuration changes that go with a scaling to `parallelism`, where resources and quotas allow it.
pub(super) fn allowed(
    execution: &Execution<'_>,
    parallelism: &[i32],
    evaluation: &Evaluation,
    report: &mut CycleReport,
) -> Result<ConfigChanges, Hold> {
    let Execution { context, options, topology, .. } = *execution;
    let configuration = context.configuration();
    let slots_each = slots::per_task_manager(configuration);
    let task_managers = task_managers(topology, parallelism, &evaluation.global, slots_each, options);
    let mut changes = ConfigChanges::default();
    if let Some((recommended, event)) = tuned(execution, parallelism, evaluation, task_managers) {
        report.events.push(event);
        report.recommended_memory = Some(recommended.clone());
        if options.memory_tuning_enabled {
            changes = recommended;
        }
    }
    let memory = memory_bytes(configuration, &changes, context.parsed.task_manager_memory_bytes);
    let cpu = context.parsed.task_manager_cpu;
    if let (Some(check), Some(cpu), Some(memory)) = (execution.plugins.resource_check(), cpu, memory) {
        let (before, after) = task_managers;
        if cpu > 0.0 && memory > 0 && !check.can_schedule(before, after, cpu, memory) {
            return Err(Hold::Resources { before, after });
        }
    }
    match quota_event(topology, parallelism, cpu, memory, slots_each, options) {
        Some(event) => {
            report.events.push(event);
            Err(Hold::Quota)
        }
        None => Ok(changes),
    }
}

/// Has memory recommended for the job as it is, where that is asked for also while nothing is scaled. It is an event only
/// where it is another than was told last: what is used is never twice the same.
pub(super) fn recommend_memory(
    execution: &Execution<'_>,
    evaluation: &Evaluation,
    memory: &mut CycleMemory,
    report: &mut CycleReport,
) {
    let Execution { context, options, topology, .. } = *execution;
    if !options.memory_tuning_recommendations {
        return;
    }
    let parallelism: Vec<i32> = topology.vertices().iter().map(|vertex| vertex.parallelism).collect();
    let slots_each = slots::per_task_manager(context.configuration());
    let task_managers = task_managers(topology, &parallelism, &evaluation.global, slots_each, options);
    let Some((changes, event)) = tuned(execution, &parallelism, evaluation, task_managers) else {
        report.warnings.push(
            "memory.tuning.recommendations.enabled has no effect on this job: its cluster's configuration does not tell \
             how TaskManagers' memory is set up (taskmanager.memory.process.size)"
                .to_owned(),
        );
        return;
    };
    if memory_bytes(context.configuration(), &changes, None).is_some_and(|total| memory.is_new_size(total)) {
        report.events.push(event);
    }
    report.recommended_memory = Some(changes);
}

/// The memory configuration that is recommended, and the event that tells it; none where the memory model can't be derived.
fn tuned(
    execution: &Execution<'_>,
    parallelism: &[i32],
    evaluation: &Evaluation,
    task_managers: (u64, u64),
) -> Option<(ConfigChanges, Event)> {
    let Execution { context, options, topology, .. } = *execution;
    let configuration = context.configuration();
    memory::tune(&memory::TuningInput {
        configuration,
        options,
        topology,
        parallelism,
        global: &evaluation.global,
        task_manager_memory_bytes: context.parsed.task_manager_memory_bytes,
        slots_per_task_manager: slots::per_task_manager(configuration),
        task_managers,
    })
}

/// TaskManagers needed before and after, told from the slots in use: one slot for each subtask of the widest
/// vertex where that is how many are used, else one for each subtask. A slot-aware scaling is told by slot sharing groups.
fn task_managers(
    topology: &JobTopology,
    parallelism: &[i32],
    global: &EvaluatedMetrics,
    slots_each: u64,
    options: &JobOptions,
) -> (u64, u64) {
    if options.slot_aware_enabled
        && let Some(after) = slots::needed(topology, parallelism.iter().copied())
        && let Some(before) = slots::needed(topology, topology.vertices().iter().map(|vertex| vertex.parallelism))
    {
        return (before.div_ceil(slots_each), after.div_ceil(slots_each));
    }
    let used = slots_used(global);
    let current = || topology.vertices().iter().map(|vertex| subtasks(vertex.parallelism));
    let new = || parallelism.iter().map(|p| subtasks(*p));
    let after = if current().max() == Some(used) { new().max().unwrap_or(0) } else { new().sum() };
    (used.div_ceil(slots_each), after.div_ceil(slots_each))
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a number of slots; NaN counts as 0")]
fn slots_used(global: &EvaluatedMetrics) -> u64 {
    global.current(M::NumTaskSlotsUsed) as u64
}

/// Bytes of one TaskManager as scaling will leave it: the configured process size with the changes applied, else
/// what the context knows.
fn memory_bytes(configuration: &Configuration, changes: &ConfigChanges, context: Option<u64>) -> Option<u64> {
    const KEY: &str = "taskmanager.memory.process.size";
    let text = changes.overrides.get(KEY).map(String::as_str).or_else(|| configuration.get(KEY));
    text.and_then(MemorySize::read).map(|size| size.0).or(context)
}

/// The event of a quota that the scaling would break. Goes by the slot sharing groups of the vertices that scale; a slot-aware
/// scaling by those of all: one that is raised to the width of its group takes no slot more.
fn quota_event(
    topology: &JobTopology,
    parallelism: &[i32],
    cpu: Option<f64>,
    memory_bytes: Option<u64>,
    slots_each: u64,
    options: &JobOptions,
) -> Option<Event> {
    let mut groups: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for (vertex, new) in topology.vertices().iter().zip(parallelism) {
        let group = vertex.slot_sharing_group.as_deref()?;
        if vertex.parallelism != *new || options.slot_aware_enabled {
            let widest = groups.entry(group).or_default();
            widest.0 = widest.0.max(subtasks(vertex.parallelism));
            widest.1 = widest.1.max(subtasks(*new));
        }
    }
    let managers = |slots: u64| slots / slots_each;
    let current = managers(groups.values().map(|group| group.0).sum());
    let new = managers(groups.values().map(|group| group.1).sum());
    if new <= current {
        return None;
    }
    #[expect(clippy::cast_precision_loss, reason = "numbers of TaskManagers and bytes are far below 2^53")]
    let exceeds = |quota: Option<f64>, each: Option<f64>| matches!((quota, each), (Some(quota), Some(each)) if each * new as f64 > quota);
    #[expect(clippy::cast_precision_loss, reason = "numbers of TaskManagers and bytes are far below 2^53")]
    let bytes = |bytes: u64| bytes as f64;
    let broken = exceeds(options.quota_cpu, cpu)
        || exceeds(options.quota_memory.map(|size| bytes(size.0)), memory_bytes.map(bytes));
    broken.then(|| Event::warning(reason::RESOURCE_QUOTA_REACHED, "Resource usage is above the allowed limit for scaling operations. Please adjust the resource quota manually.".to_owned()).merged_within(options.scaling_event_interval))
}
