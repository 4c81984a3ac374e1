//! Distributing a TaskManager's memory by what was used.

use super::model::MemoryModel;
use super::network;
use crate::decimal::java_text;
use crate::event::{Event, reason};
use crate::metric::{EvaluatedMetrics, ScalingMetric as M};
use crate::options::value::{MemorySize, OptionValue};
use crate::options::{Configuration, JobOptions};
use crate::state::ConfigChanges;
use crate::topology::JobTopology;

/// What tuning takes.
pub(crate) struct TuningInput<'a> {
    pub(crate) configuration: &'a Configuration,
    pub(crate) options: &'a JobOptions,
    pub(crate) topology: &'a JobTopology,
    /// Parallelism after the scaling, in the topology's order.
    pub(crate) parallelism: &'a [i32],
    pub(crate) global: &'a EvaluatedMetrics,
    /// Memory of one TaskManager by the job's context.
    pub(crate) task_manager_memory_bytes: Option<u64>,
    /// Slots of one TaskManager.
    pub(crate) slots_per_task_manager: u64,
    /// TaskManagers before and after the scaling.
    pub(crate) task_managers: (u64, u64),
}

/// Memory that is left to give away.
struct Budget(u64);

impl Budget {
    fn take(&mut self, wanted: u64) -> u64 {
        let taken = wanted.min(self.0);
        self.0 -= taken;
        taken
    }
}

/// The configuration to recommend, and the event that tells it; none where the memory model can't be derived or no
/// total is known.
pub(crate) fn tune(input: &TuningInput<'_>) -> Option<(ConfigChanges, Event)> {
    let model = MemoryModel::derive(input.configuration)?;
    let configured =
        || MemorySize::read(input.configuration.get("taskmanager.memory.process.size")?).map(|size| size.0);
    let total = input.task_manager_memory_bytes.or_else(configured)?;
    let mut budget = Budget(total);
    budget.take(model.framework_off_heap);
    budget.take(model.task_off_heap);
    budget.take(model.jvm_overhead);

    let network = budget.take(network::bytes(
        input.topology,
        input.parallelism,
        input.configuration,
        input.slots_per_task_manager,
    )?);
    let metaspace = budget.take(with_overhead(input, M::MetaspaceMemoryUsed));
    let heap = budget.take(with_overhead(input, M::HeapMemoryUsed));
    let managed = match used(input, M::ManagedMemoryUsed) {
        0 => 0,
        _ if input.options.memory_tuning_maximize_managed => budget.take(u64::MAX),
        _ => budget.take(model.managed),
    };
    if input.options.memory_tuning_compensation_enabled {
        budget.take(compensation(heap, input.task_managers));
    }
    let new_total = total - budget.0;
    if new_total == 0 {
        return None;
    }
    let flink_memory = new_total.saturating_sub(metaspace).saturating_sub(model.jvm_overhead);
    let changes = changes(&[
        ("taskmanager.memory.process.size", size(new_total)),
        ("taskmanager.memory.framework.heap.size", size(0)),
        ("taskmanager.memory.managed.fraction", fraction(managed, flink_memory)),
        ("taskmanager.memory.network.min", size(network)),
        ("taskmanager.memory.network.max", size(network)),
        ("taskmanager.memory.jvm-metaspace.size", size(metaspace)),
        ("taskmanager.memory.jvm-overhead.fraction", fraction(model.jvm_overhead, new_total)),
    ]);
    let event = event(&changes, input.options);
    Some((changes, event))
}

/// Average use in bytes; 0 if unknown.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates on purpose; NaN counts as 0")]
fn used(input: &TuningInput<'_>, metric: M) -> u64 {
    input.global.average(metric) as u64
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "truncated to bytes on purpose"
)]
fn with_overhead(input: &TuningInput<'_>, metric: M) -> u64 {
    (used(input, metric) as f64 * (1.0 + input.options.memory_tuning_overhead)) as u64
}

/// Heap that the remaining TaskManagers need more, because there are fewer of them.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "truncated to bytes on purpose"
)]
fn compensation(heap: u64, (before, after): (u64, u64)) -> u64 {
    let factor = (before as f64 / after as f64).max(1.0);
    ((factor * heap as f64) as u64).saturating_sub(heap)
}

fn size(bytes: u64) -> String {
    MemorySize(bytes).to_string()
}

/// `part / whole` with three decimals, up.
#[expect(clippy::cast_precision_loss, reason = "sizes are far below 2^53")]
fn fraction(part: u64, whole: u64) -> String {
    if whole == 0 {
        return "0.0".to_owned();
    }
    let exact = part as f64 / whole as f64;
    java_text((exact * 1000.0).ceil() / 1000.0)
}

fn changes(overrides: &[(&str, String)]) -> ConfigChanges {
    let removals = [
        "taskmanager.memory.flink.size",
        "taskmanager.memory.task.heap.size",
        "taskmanager.memory.managed.size",
        "taskmanager.memory.size",
    ];
    ConfigChanges {
        overrides: overrides.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect(),
        removals: removals.map(str::to_owned).to_vec(),
    }
}

fn event(changes: &ConfigChanges, options: &JobOptions) -> Event {
    let state = if options.memory_tuning_enabled { "enabled" } else { "disabled" };
    let mut message = format!("Memory tuning recommends the following configuration (automatic tuning is {state}):");
    for (key, value) in &changes.overrides {
        message.push_str(&format!("\n{key}: {value}"));
    }
    message.push_str(&format!("\nRemove the following config entries if present: [{}]", changes.removals.join(", ")));
    Event::normal(reason::CONFIGURATION_RECOMMENDATION, message)
        .with_key("MemoryTuning")
        .merged_within(options.scaling_event_interval)
}
