//! Slots that a job takes: subtasks of one slot sharing group share them, one of each vertex in a slot.

use std::collections::BTreeMap;

use crate::options::Configuration;
use crate::options::value::OptionValue;
use crate::topology::JobTopology;

/// Slots of one TaskManager by `taskmanager.numberOfTaskSlots`, 1 where it is not set or is no number above 0.
pub(crate) fn per_task_manager(configuration: &Configuration) -> u64 {
    let set = configuration.get("taskmanager.numberOfTaskSlots").and_then(i32::read);
    set.map(subtasks).filter(|slots| *slots > 0).unwrap_or(1)
}

/// Slots taken at a parallelism, in the topology's order: as many for each group as its widest vertex has subtasks. None
/// where a vertex's group is not known. What has finished takes none.
pub(crate) fn needed(topology: &JobTopology, parallelism: impl IntoIterator<Item = i32>) -> Option<u64> {
    let mut widest: BTreeMap<&str, u64> = BTreeMap::new();
    for (vertex, parallelism) in topology.vertices().iter().zip(parallelism) {
        let slots = widest.entry(vertex.slot_sharing_group.as_deref()?).or_default();
        if !vertex.finished {
            *slots = subtasks(parallelism).max(*slots);
        }
    }
    Some(widest.values().sum())
}

/// Subtasks as a count.
pub(crate) fn subtasks(parallelism: i32) -> u64 {
    u64::try_from(parallelism).unwrap_or(0)
}
