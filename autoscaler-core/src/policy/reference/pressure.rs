//! Memory pressure: a TaskManager that is short of memory holds every scaling back (algorithm 4).

use crate::decimal::java_text;
use crate::event::{Event, reason};
use crate::metric::{EvaluatedMetrics, ScalingMetric as M};
use crate::options::JobOptions;
use crate::policy::hold::Hold;

/// A TaskManager short of memory: scaling would act on rates that are not the job's own.
pub(in crate::policy) fn memory_pressure(global: &EvaluatedMetrics, options: &JobOptions) -> Option<(Hold, Event)> {
    let gc = global.current(M::GcPressure);
    let heap = global.average(M::HeapMaxUsageRatio);
    let (what, measured, key, option, limit) = if gc > options.gc_pressure_threshold {
        ("GC Pressure", gc, "gcPressure", "memory.gc-pressure.threshold", options.gc_pressure_threshold)
    } else if heap > options.heap_usage_threshold {
        ("Heap Usage", heap, "heapUsage", "memory.heap-usage.threshold", options.heap_usage_threshold)
    } else {
        return None;
    };
    let event = Event::normal(
        reason::MEMORY_PRESSURE,
        format!(
            "{what} {} is above the allowed limit for scaling operations. Please adjust the available memory manually.",
            java_text(measured)
        ),
    )
    .with_key(key)
    .merged_within(options.scaling_event_interval);
    Some((Hold::MemoryPressure { option, measured, limit }, event))
}
