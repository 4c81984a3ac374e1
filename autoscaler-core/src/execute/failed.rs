//! Scalings that went wrong are not tried again for a while.

use super::input::Execution;
use crate::policy::Hold;
use crate::state::{Trial, Verification};
use crate::time::to_millis;

/// Why a scaling to `parallelism`, in the topology's order, has to wait, if it does.
pub(super) fn failed_before(execution: &Execution<'_>, parallelism: &[i32], known: &Verification) -> Option<Hold> {
    let Execution { options, topology, now, .. } = *execution;
    let wanted = |id| {
        let mut vertices = topology.vertices().iter().zip(parallelism);
        vertices.find(|(vertex, _)| vertex.id == id).map(|(vertex, to)| (vertex.parallelism, *to))
    };
    let mut failed = known.failed.iter().filter(|failed| now < failed.until && options.rolls_back());
    let failed = failed.find(|failed| failed.is_reached_by(wanted))?;
    Some(Hold::RolledBack { until: failed.until, times: failed.times })
}

/// A scaling to `parallelism` that is to be looked after.
pub(super) fn trial(execution: &Execution<'_>, parallelism: &[i32]) -> Trial {
    let vertices = || execution.topology.vertices().iter();
    Trial {
        decided_at: to_millis(execution.now),
        before: vertices().map(|vertex| (vertex.id, vertex.parallelism)).collect(),
        after: vertices().zip(parallelism).map(|(vertex, to)| (vertex.id, *to)).collect(),
        rate: execution.read_rate,
        start: None,
    }
}
