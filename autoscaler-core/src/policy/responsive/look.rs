//! What one look at a job says, as the policy's rules need it.

use std::time::Duration;

use super::settings::Settings;
use crate::ids::VertexId;
use crate::metric::ScalingMetric as M;
use crate::observation::FlinkMetric;
use crate::options::Idea;
use crate::policy::view::JobView;
use crate::slots::SlotSharing;
use crate::time::Instant;
use crate::topology::ShipStrategy;

/// A metric window that may hold no more than one observation.
const SHORT_WINDOW: Duration = Duration::from_secs(120);

/// One look at a running job. Vertices are in topological order.
#[derive(Clone, Debug)]
pub(super) struct Look {
    /// When, seconds since the epoch.
    pub(super) now: f64,
    /// Since when the job runs, seconds since the epoch.
    pub(super) running_since: f64,
    /// When the job was scaled last, by whatever decided it, seconds since the epoch.
    pub(super) scaled_at: Option<f64>,
    /// Whether counters go on from the look before.
    pub(super) continues: bool,
    pub(super) vertices: Vec<VertexLook>,
    /// Where vertices use all slots that their group takes.
    pub(super) sharing: Option<SlotSharing>,
}

/// What one look says of a vertex; NaN where something is not known.
#[derive(Clone, Debug)]
pub(super) struct VertexLook {
    pub(super) id: VertexId,
    /// Places of the vertices it reads from.
    pub(super) inputs: Vec<usize>,
    /// Edges out of it.
    pub(super) outputs: usize,
    pub(super) parallelism: i32,
    /// The fewest and the most subtasks it may get.
    pub(super) least: i32,
    pub(super) most: i32,
    /// Key groups or partitions that can't be split among subtasks; 0: none.
    pub(super) groups: i32,
    /// Records read and written since the restart.
    pub(super) records_in: f64,
    pub(super) records_out: f64,
    /// Records read per second, over the same time as the busy share.
    pub(super) rate_in: f64,
    /// Share of time that the busiest subtask works.
    pub(super) busy: f64,
    /// Share of time that it is held back by those behind it.
    pub(super) held_back: f64,
    /// Records that wait, for a source that tells.
    pub(super) pending: Option<f64>,
    /// Whether it has ended, so that nothing is to be known of it.
    pub(super) finished: bool,
}

impl VertexLook {
    pub(super) fn is_source(&self) -> bool {
        self.inputs.is_empty()
    }

    /// Whether something is missing that should be there.
    pub(super) fn is_incomplete(&self) -> bool {
        let is_known = self.records_in.is_finite() && self.records_out.is_finite() && self.rate_in.is_finite();
        !self.finished && !is_known
    }
}

impl Look {
    /// What a view of a job says.
    pub(super) fn of(view: &JobView<'_>, settings: &Settings, now: Instant) -> Self {
        let vertices = (0..view.topology.vertices().len()).map(|index| vertex(view, settings, index)).collect();
        // A window that is no longer than the time between two looks begins anew with each.
        let continues =
            view.history.start().is_some_and(|start| start < now) || view.options.metrics_window < SHORT_WINDOW;
        let (now, running_since, scaled_at) = (seconds(now), seconds(view.running_since), view.scaled_at.map(seconds));
        let sharing = if view.options.slot_aware_enabled { SlotSharing::of(view.topology) } else { None };
        Self { now, running_since, scaled_at, continues, vertices, sharing }
    }

    pub(super) fn age(&self) -> f64 {
        self.now - self.running_since
    }

    /// Places of the sources.
    pub(super) fn sources(&self) -> impl Iterator<Item = usize> {
        (0..self.vertices.len()).filter(|index| self.vertices[*index].is_source())
    }

    /// Whether a source hides how much waits, and is held back.
    pub(super) fn is_blind(&self, source: usize) -> bool {
        self.vertices[source].pending.is_none() && self.vertices[source].held_back > 0.02
    }

    /// All subtasks.
    pub(super) fn subtasks(&self) -> f64 {
        self.vertices.iter().map(|vertex| f64::from(vertex.parallelism)).sum()
    }

    /// What the job costs at a parallelism: subtasks, or slots where vertices use all that their group takes.
    pub(super) fn cost(&self, parallelism: &[i32]) -> f64 {
        let parallelism = parallelism.iter().copied();
        match &self.sharing {
            Some(sharing) => sharing.widest(parallelism).map(f64::from).sum(),
            None => parallelism.map(f64::from).sum(),
        }
    }
}

/// Seconds since the epoch, to the millisecond.
#[expect(clippy::cast_precision_loss, reason = "milliseconds of any date to come are below 2^53")]
pub(super) fn seconds(instant: Instant) -> f64 {
    instant.timestamp_millis() as f64 / 1000.0
}

/// Whether a vertex has fewer subtasks than were asked for, in a run that began after that: there are no slots for more, and
/// what was asked for comes by itself once there are.
fn lacks_slots(view: &JobView<'_>, vertex: VertexId, current: i32) -> bool {
    let has_restarted = view.scaled_at.is_some_and(|at| at < view.running_since);
    has_restarted && view.asked.get(&vertex).is_some_and(|asked| *asked > current)
}

fn vertex(view: &JobView<'_>, settings: &Settings, index: usize) -> VertexLook {
    let (info, reading) = (&view.topology.vertices()[index], &view.readings.vertices[index]);
    let last = |metric| view.history.last(metric, index).unwrap_or(f64::NAN);
    let is_source = info.is_source();
    let rate = if is_source { FlinkMetric::SourceNumRecordsInPerSecond } else { FlinkMetric::NumRecordsInPerSecond };
    let held_back = reading.get(FlinkMetric::BackPressuredTimeMsPerSecond).map_or(f64::NAN, |held| held.avg / 1000.0);
    let partitions = i32::try_from(view.partitions[index]).unwrap_or(i32::MAX);
    let keyed = info.inputs.iter().any(|edge| edge.ship_strategy == ShipStrategy::Hash);
    let (current, options) = (info.parallelism, view.options);
    let is_fixed = view.excluded.contains(&info.id);
    let most = if settings.uses(Idea::Slots) && lacks_slots(view, info.id, current) {
        current
    } else {
        options.vertex_max_parallelism
    };
    let most = info.max_parallelism.min(current.max(most)).max(1);
    let least = current.min(options.vertex_min_parallelism).clamp(1, most);
    let (least, most) = view.scheduled.get(index).map_or((least, most), |bounds| bounds.within(least, most));
    let (least, most) = if is_fixed { (current, current) } else { (least, most) };
    VertexLook {
        id: info.id,
        inputs: info.inputs.iter().map(|edge| edge.vertex).collect(),
        outputs: info.outputs.len(),
        parallelism: current,
        least,
        most,
        groups: if partitions > 0 {
            partitions
        } else if keyed {
            info.max_parallelism
        } else {
            0
        },
        records_in: last(M::NumRecordsIn),
        records_out: last(M::NumRecordsOut),
        rate_in: reading.get(rate).map_or(f64::NAN, |rate| rate.sum),
        busy: last(M::Load),
        held_back,
        pending: reading
            .get(FlinkMetric::PendingRecords)
            .map(|pending| pending.sum)
            .filter(|pending| is_source && pending.is_finite()),
        finished: info.finished,
    }
}
