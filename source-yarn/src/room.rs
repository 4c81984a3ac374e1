//! The room that queues and the cluster have left, and who waits for it.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use autoscaler_core::plugin::ResourceCheck;
use serde::Deserialize;

use crate::lenient::Lenient;
use crate::options::Counted;

/// Memory in MB, and virtual cores. What is overdrawn is below 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub(crate) struct Resources {
    #[serde(default)]
    pub(crate) memory: i64,
    #[serde(default, rename = "vCores")]
    pub(crate) cores: i64,
}

impl Resources {
    fn less(self, used: Self) -> Self {
        Self { memory: self.memory.saturating_sub(used.memory), cores: self.cores.saturating_sub(used.cores) }
    }

    fn at_most(self, other: Self) -> Self {
        Self { memory: self.memory.min(other.memory), cores: self.cores.min(other.cores) }
    }
}

/// `/ws/v1/cluster/metrics`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Metrics {
    cluster_metrics: ClusterMetrics,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ClusterMetrics {
    #[serde(rename = "availableMB")]
    available_memory: i64,
    available_virtual_cores: i64,
}

/// `/ws/v1/cluster/scheduler`.
#[derive(Debug, Deserialize)]
pub(crate) struct Scheduler {
    scheduler: SchedulerEntry,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SchedulerEntry {
    scheduler_info: SchedulerInfo,
}

/// The CapacityScheduler is its root queue itself, the FairScheduler has it inside; the FifoScheduler has no queues.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SchedulerInfo {
    #[serde(default)]
    root_queue: Option<Queue>,
    #[serde(flatten)]
    root: Queue,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Queue {
    #[serde(default)]
    queue_name: String,
    /// Of the CapacityScheduler.
    #[serde(default)]
    queues: Lenient<Queues>,
    /// Of the FairScheduler.
    #[serde(default)]
    child_queues: Lenient<Queues>,
    #[serde(default, alias = "usedResources")]
    resources_used: Option<Resources>,
    #[serde(default)]
    max_resources: Option<Resources>,
    #[serde(default)]
    capacities: Capacities,
    #[serde(default)]
    pending_containers: i64,
}

#[derive(Debug, Deserialize)]
struct Queues {
    #[serde(default)]
    queue: Lenient<Queue>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Capacities {
    #[serde(default)]
    queue_capacities_by_partition: Lenient<Capacity>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Capacity {
    #[serde(default)]
    partition_name: String,
    #[serde(default)]
    effective_max_resource: Option<Resources>,
}

/// What is known of a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct QueueRoom {
    /// What its applications can still have.
    pub(crate) free: Resources,
    /// Whether containers are waited for in it.
    pub(crate) is_waited_for: bool,
}

/// The room of each leaf queue, by full name; of the whole cluster where there are no queues.
#[derive(Debug, Default)]
pub(crate) struct Room {
    queues: BTreeMap<String, QueueRoom>,
}

impl Room {
    pub(crate) fn of(metrics: &Metrics, scheduler: &Scheduler) -> Self {
        let Metrics { cluster_metrics: ClusterMetrics { available_memory, available_virtual_cores } } = *metrics;
        let all = Resources { memory: available_memory, cores: available_virtual_cores };
        let info = &scheduler.scheduler.scheduler_info;
        let mut room = Self::default();
        room.take_in(info.root_queue.as_ref().unwrap_or(&info.root), "", all);
        room
    }

    fn take_in(&mut self, queue: &Queue, parent: &str, above: Resources) {
        // The FairScheduler tells full names.
        let name = match queue.queue_name.as_str() {
            name if parent.is_empty() || name.starts_with(&format!("{parent}.")) => name.to_owned(),
            name => format!("{parent}.{name}"),
        };
        let of_all_nodes = |capacity: &&Capacity| capacity.partition_name.is_empty();
        let capacity = queue.capacities.queue_capacities_by_partition.0.iter().find(of_all_nodes);
        let most = capacity.and_then(|capacity| capacity.effective_max_resource).or(queue.max_resources);
        let free = match (most, queue.resources_used) {
            (Some(most), Some(used)) => above.at_most(most.less(used)),
            _ => above,
        };
        let children = || queue.queues.0.iter().chain(&queue.child_queues.0).flat_map(|all| &all.queue.0);
        children().for_each(|child| self.take_in(child, &name, free));
        if children().next().is_none() {
            self.queues.insert(name, QueueRoom { free, is_waited_for: queue.pending_containers > 0 });
        }
    }

    /// The room of the queue that an application says it is in: by its full name, or its last part.
    pub(crate) fn queue(&self, named: &str) -> Option<QueueRoom> {
        let ends = |name: &str| name.rsplit_once('.').is_some_and(|(_, last)| last == named);
        let found = self.queues.get(named).or_else(|| {
            let mut found = self.queues.iter().filter(|(name, _)| ends(name)).map(|(_, room)| room);
            found.next().filter(|_| found.next().is_none())
        });
        // Without queues there is but the whole.
        found.or_else(|| self.queues.get("")).copied()
    }
}

/// The room of an application's queue, as it was last told.
#[derive(Debug)]
pub(crate) struct RoomCheck {
    counted: Counted,
    free: Mutex<Option<Resources>>,
}

impl RoomCheck {
    pub(crate) fn new(counted: Counted) -> Self {
        Self { counted, free: Mutex::default() }
    }

    pub(crate) fn note(&self, free: Option<Resources>) {
        *self.free.lock().unwrap_or_else(PoisonError::into_inner) = free;
    }
}

impl ResourceCheck for RoomCheck {
    /// What is not known to be too little is taken for enough.
    fn can_schedule(&self, before: u64, after: u64, cpu: f64, memory_bytes: u64) -> bool {
        let free = *self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(free) = free.filter(|_| after > before) else { return true };
        let more = i64::try_from(after - before).unwrap_or(i64::MAX);
        let each = |amount: f64| -> i64 {
            #[expect(clippy::cast_possible_truncation, reason = "it saturates")]
            let whole = amount.ceil() as i64;
            whole
        };
        let has_cores = || more.saturating_mul(each(cpu)) <= free.cores;
        let memory = i64::try_from(memory_bytes.div_ceil(1 << 20)).unwrap_or(i64::MAX);
        more.saturating_mul(memory) <= free.memory && (self.counted == Counted::Memory || has_cores())
    }
}

#[cfg(test)]
mod tests;
