//! What a job's cycles remember in memory.

use crate::observation::{ObserveError, TaskManagerReading};

/// What a collector can't know and a job's cycles have to remember, in memory only.
#[derive(Clone, Debug, Default)]
pub struct CycleMemory {
    /// Whether the cluster's TaskManagers have a garbage collection metric; none until one answer was whole.
    expects_gc: Option<bool>,
}

impl CycleMemory {
    /// Holds a TaskManager reading against what the cluster had before: whether it has a garbage collection metric
    /// is settled by the first whole reading, and a metric gone since makes the reading incomplete.
    pub(crate) fn settled(&mut self, reading: Option<TaskManagerReading>) -> Result<TaskManagerReading, ObserveError> {
        let reading = reading.ok_or(ObserveError::TaskManagerMetricsMissing)?;
        let has_gc = reading.gc_ms_per_second.is_some();
        match *self.expects_gc.get_or_insert(has_gc) {
            true if has_gc => Ok(reading),
            true => Err(ObserveError::TaskManagerMetricsMissing),
            false => Ok(TaskManagerReading { gc_ms_per_second: None, ..reading }),
        }
    }
}
