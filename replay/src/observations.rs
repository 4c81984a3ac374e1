//! What a trace saw of its job, without anything being decided.

use std::path::Path;

use autoscaler_core::Observation;
use autoscaler_core::time::{Instant, from_epoch_millis};
use flink_rest::recorded::{MetricNames, observe};
use futures::executor::block_on;

use crate::line::{JobLine, TraceLine};
use crate::trace::{Trace, TraceError};

/// The first job of a trace, and what was observed of it in each of its cycles, with the cycle's instant. Cycles in which it
/// could not be observed are left out.
///
/// # Errors
/// The trace can't be read, begins with no job, or a line of it is not what it should be.
pub fn observations(path: &Path) -> Result<(JobLine, Vec<(Instant, Observation)>), TraceError> {
    let mut trace = Trace::open(path)?;
    let mut job: Option<JobLine> = None;
    let mut observed = Vec::new();
    while let Some(line) = trace.next() {
        match line? {
            TraceLine::Job(other) if job.as_ref().is_some_and(|job| job.job_id != other.job_id) => break,
            TraceLine::Job(line) => job = job.or(Some(line)),
            TraceLine::Restart => {}
            TraceLine::Cycle(line) => {
                let now = from_epoch_millis(line.now);
                let now = now.ok_or_else(|| trace.broken(format!("expected an instant as now, not {}", line.now)))?;
                // Names are cheap to look up in what was recorded, and those of another run must not count.
                if let Ok(observation) = block_on(observe(line.as_ref(), &mut MetricNames::default(), None)) {
                    observed.push((now, observation));
                }
            }
        }
    }
    let job = job.ok_or_else(|| trace.broken("expected a job before any cycle"))?;
    Ok((job, observed))
}
