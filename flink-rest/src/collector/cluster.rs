//! The cluster's own metrics: TaskManagers' memory and garbage collection, JobManager's slots.

use async_trait::async_trait;
use autoscaler_core::ObserveError;
use autoscaler_core::observation::{ClusterReading, TaskManagerReading};

use crate::wire::MetricValue;

const HEAP_MAX: &str = "Status.JVM.Memory.Heap.Max";
const HEAP_USED: &str = "Status.JVM.Memory.Heap.Used";
const MANAGED_USED: &str = "Status.Flink.Memory.Managed.Used";
const METASPACE_USED: &str = "Status.JVM.Memory.Metaspace.Used";
const GC_TIME: &str = "Status.JVM.GarbageCollector.All.TimeMsPerSecond";
const SLOTS_TOTAL: &str = "taskSlotsTotal";
const SLOTS_AVAILABLE: &str = "taskSlotsAvailable";

/// What is asked about a cluster as a whole. Flink answers with nothing where any name is unknown.
#[async_trait]
pub trait ClusterApi: Send + Sync {
    /// Aggregates over the TaskManagers.
    async fn task_manager_metrics(&self, names: &[&str]) -> Result<Vec<MetricValue>, ObserveError>;

    /// The JobManager's values.
    async fn job_manager_metrics(&self, names: &[&str]) -> Result<Vec<MetricValue>, ObserveError>;
}

/// Asks for everything the core takes from the cluster. Garbage collection is asked for first, and left out where
/// the cluster does not know it.
///
/// # Errors
/// A request failed. Metrics that are not there are not an error.
pub async fn cluster_reading(api: &impl ClusterApi) -> Result<ClusterReading, ObserveError> {
    let mut values = api.task_manager_metrics(&[HEAP_MAX, HEAP_USED, MANAGED_USED, METASPACE_USED, GC_TIME]).await?;
    if values.is_empty() {
        values = api.task_manager_metrics(&[HEAP_MAX, HEAP_USED, MANAGED_USED, METASPACE_USED]).await?;
    }
    let slots = api.job_manager_metrics(&[SLOTS_TOTAL, SLOTS_AVAILABLE]).await?;
    let slot_count =
        |name| slots.iter().find(|value| value.id == name).map(MetricValue::value).filter(|count| !count.is_nan());
    let mut reading = ClusterReading::default();
    reading.slots_total = slot_count(SLOTS_TOTAL);
    reading.slots_available = slot_count(SLOTS_AVAILABLE);
    reading.task_managers = task_managers(&values);
    Ok(reading)
}

/// The answers from which a reading would be made again: the JobManager's, and the TaskManagers'.
pub fn cluster_answers(reading: &ClusterReading) -> (Vec<MetricValue>, Vec<MetricValue>) {
    let slots = [(SLOTS_TOTAL, reading.slots_total), (SLOTS_AVAILABLE, reading.slots_available)];
    let slots = slots.into_iter().filter_map(|(name, count)| Some(MetricValue::single(name, count?))).collect();
    let Some(managers) = reading.task_managers else { return (slots, Vec::new()) };
    let metrics = [
        (HEAP_MAX, Some(managers.heap_max)),
        (HEAP_USED, Some(managers.heap_used)),
        (MANAGED_USED, Some(managers.managed_used)),
        (METASPACE_USED, Some(managers.metaspace_used)),
        (GC_TIME, managers.gc_ms_per_second),
    ];
    let metrics = metrics.into_iter().filter_map(|(name, metric)| Some(MetricValue::aggregates(name, metric?)));
    (slots, metrics.collect())
}

fn task_managers(values: &[MetricValue]) -> Option<TaskManagerReading> {
    let find = |name| values.iter().find(|value| value.id == name).map(MetricValue::aggregated);
    let mut reading = TaskManagerReading::default();
    reading.heap_max = find(HEAP_MAX)?;
    reading.heap_used = find(HEAP_USED)?;
    reading.managed_used = find(MANAGED_USED)?;
    reading.metaspace_used = find(METASPACE_USED)?;
    reading.gc_ms_per_second = find(GC_TIME);
    Some(reading)
}
