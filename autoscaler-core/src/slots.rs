//! Slots that a job takes: subtasks of one slot sharing group share them, one of each vertex in a slot.

use crate::options::Configuration;
use crate::options::value::OptionValue;
use crate::topology::{JobTopology, VertexInfo};

/// Slots of one TaskManager by `taskmanager.numberOfTaskSlots`, 1 where it is not set or is no number above 0.
pub(crate) fn per_task_manager(configuration: &Configuration) -> u64 {
    let set = configuration.get("taskmanager.numberOfTaskSlots").and_then(i32::read);
    set.map(subtasks).filter(|slots| *slots > 0).unwrap_or(1)
}

/// Which vertices of a job share slots.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlotSharing {
    /// For each vertex the place of the first one of its group.
    first: Vec<usize>,
}

impl SlotSharing {
    /// As Flink tells it; none where a vertex's group is not known (before 1.20).
    #[must_use]
    pub fn of(topology: &JobTopology) -> Option<Self> {
        let vertices = topology.vertices();
        let first = |vertex: &VertexInfo| {
            let group = vertex.slot_sharing_group.as_ref()?;
            vertices.iter().position(|other| other.slot_sharing_group.as_ref() == Some(group))
        };
        Some(Self { first: vertices.iter().map(first).collect::<Option<_>>()? })
    }

    /// One group for all vertices, as in jobs that say nothing of groups.
    #[must_use]
    pub fn one_group(vertices: usize) -> Self {
        Self { first: vec![0; vertices] }
    }

    /// What each group takes: as many slots as its widest vertex has subtasks. Parallelism in the topology's order.
    pub fn widest(&self, parallelism: impl IntoIterator<Item = i32>) -> impl Iterator<Item = i32> {
        let mut widest = vec![0; self.first.len()];
        for (first, parallelism) in self.first.iter().zip(parallelism) {
            widest[*first] = parallelism.max(widest[*first]);
        }
        widest.into_iter()
    }
}

/// Slots taken at a parallelism, in the topology's order. None where a vertex's group is not known. What has finished takes
/// none.
pub(crate) fn needed(topology: &JobTopology, parallelism: impl IntoIterator<Item = i32>) -> Option<u64> {
    let vertices = topology.vertices().iter().zip(parallelism);
    let taken = vertices.map(|(vertex, parallelism)| if vertex.finished { 0 } else { parallelism });
    Some(SlotSharing::of(topology)?.widest(taken).map(subtasks).sum())
}

/// Subtasks as a count.
pub(crate) fn subtasks(parallelism: i32) -> u64 {
    u64::try_from(parallelism).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vertices_of_a_group_share_slots() {
        let sharing = SlotSharing { first: vec![0, 1, 0] };
        let slots = |parallelism: &[i32]| sharing.widest(parallelism.iter().copied()).sum::<i32>();
        assert_eq!((slots(&[2, 3, 5]), slots(&[])), (8, 0));
        assert_eq!(SlotSharing::one_group(3).widest([2, 3, 5]).collect::<Vec<_>>(), [5, 0, 0]);
    }
}
