//! Network memory: the buffers every subtask needs for its edges.

use crate::options::Configuration;
use crate::options::value::{MemorySize, OptionValue};
use crate::topology::{Edge, JobTopology, ShipStrategy};

/// Flink's buffer settings.
struct Buffers {
    per_channel: u64,
    floating: u64,
    segment_bytes: u64,
}

impl Buffers {
    /// Segments of one edge, seen from a vertex with `parallelism` subtasks, its neighbour having `neighbour`.
    fn segments(&self, parallelism: u64, neighbour: u64, ship_strategy: ShipStrategy) -> u64 {
        let channels = match ship_strategy {
            ShipStrategy::Forward if parallelism == neighbour => 1,
            ShipStrategy::Forward | ShipStrategy::Rescale => neighbour.div_ceil(parallelism),
            _ => neighbour,
        };
        channels.saturating_mul(self.per_channel).saturating_add(self.floating)
    }
}

/// Bytes of network memory for one TaskManager, whose every slot may host a subtask of every vertex; none where a
/// setting can't be read.
pub(super) fn bytes(
    topology: &JobTopology,
    parallelism: &[i32],
    configuration: &Configuration,
    slots: u64,
) -> Option<u64> {
    let number = |key, default| configuration.get(key).map_or(Some(default), |text| text.parse().ok());
    let buffers = Buffers {
        per_channel: number("taskmanager.network.memory.buffers-per-channel", 2)?,
        floating: number("taskmanager.network.memory.floating-buffers-per-gate", 8)?,
        segment_bytes: configuration
            .get("taskmanager.memory.segment-size")
            .map_or(Some(MemorySize(32 << 10)), MemorySize::read)?
            .0,
    };
    let subtasks = |index: usize| u64::try_from(parallelism[index]).unwrap_or(1).max(1);
    let mut segments: u64 = 0;
    for (index, vertex) in topology.vertices().iter().enumerate() {
        for Edge { vertex: neighbour, ship_strategy } in vertex.inputs.iter().chain(&vertex.outputs) {
            segments = segments.saturating_add(buffers.segments(subtasks(index), subtasks(*neighbour), *ship_strategy));
        }
    }
    Some(segments.saturating_mul(buffers.segment_bytes).saturating_mul(slots))
}
