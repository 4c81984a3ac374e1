//! Whether an observation goes on where the window's last one ended.

use crate::metric::{ScalingMetric as M, VertexSample};
use crate::topology::{JobTopology, VertexInfo};
use crate::window::MetricHistory;

/// By how many milliseconds a subtask's busy time may fall: Flink takes idle time off it every five seconds only.
const IDLE_COUNTED_LATE_MS: f64 = 6000.0;

/// The first vertex of which a counter has fallen since it was last in the window, and the counter: its tasks were
/// restarted in between, whatever else Flink says of it. Its answers are of different ages, by seconds.
pub(crate) fn fallen<'a>(
    topology: &'a JobTopology,
    samples: &[VertexSample],
    history: &MetricHistory,
) -> Option<(&'a VertexInfo, M)> {
    let vertices = topology.vertices().iter().zip(samples).enumerate();
    // The counters of a vertex that has finished are zeros that nobody counted.
    vertices.filter(|(_, (vertex, _))| !vertex.finished).find_map(|(index, (vertex, sample))| {
        let column = history.column_of(index, vertex.id)?;
        let has_fallen = |(metric, tolerated): &(M, f64)| {
            history.last_known(*metric, column).is_some_and(|last| sample.value(*metric) < last - tolerated)
        };
        let idle_late = IDLE_COUNTED_LATE_MS * f64::from(vertex.parallelism);
        let counters = [(M::NumRecordsIn, 0.0), (M::NumRecordsOut, 0.0), (M::AccumulatedBusyTime, idle_late)];
        counters.iter().find(|counter| has_fallen(counter)).map(|(metric, _)| (vertex, *metric))
    })
}
