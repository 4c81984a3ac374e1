//! What a trace saw of its job, without anything being decided.

use std::path::Path;

use autoscaler_core::Observation;
use autoscaler_core::time::{Instant, from_epoch_millis};
use flink_rest::recorded::{MetricNames, observe};
use futures::executor::block_on;

use crate::line::{JobLine, TraceLine};
use crate::trace::{Trace, TraceError};

/// The cycles of a trace, each with what was observed in it.
#[derive(Debug)]
pub struct Observations {
    trace: Trace,
    job: JobLine,
    from: Instant,
}

/// A cycle.
#[derive(Debug)]
#[non_exhaustive]
pub struct Observed {
    /// When it was.
    pub at: Instant,
    /// What was seen; none where the job could not be observed, and before the instant from which on it counts.
    pub observation: Option<Observation>,
}

impl Observations {
    /// Of a trace; what was before `from` is passed over.
    ///
    /// # Errors
    /// The trace can't be read, or begins with no job.
    pub fn open(path: &Path, from: Instant) -> Result<Self, TraceError> {
        let mut trace = Trace::open(path)?;
        match trace.next().transpose()? {
            Some(TraceLine::Job(job)) => Ok(Self { trace, job, from }),
            _ => Err(trace.broken("expected a job before any cycle")),
        }
    }

    /// The job that the cycles are of from here on, with its options. Another one, or other options, may come later.
    pub fn job(&self) -> &JobLine {
        &self.job
    }

    fn read(&mut self) -> Result<Option<Observed>, TraceError> {
        while let Some(line) = self.trace.next() {
            match line? {
                TraceLine::Job(job) => self.job = job,
                TraceLine::Restart => {}
                TraceLine::Cycle(line) => {
                    let at = from_epoch_millis(line.now);
                    let expected = || self.trace.broken(format!("expected an instant as now, not {}", line.now));
                    let at = at.ok_or_else(expected)?;
                    // Names are cheap to look up in what was recorded, and those of another run must not count.
                    let observe = || block_on(observe(line.as_ref(), &mut MetricNames::default(), None)).ok();
                    return Ok(Some(Observed { at, observation: (at >= self.from).then(observe).flatten() }));
                }
            }
        }
        Ok(None)
    }
}

/// Cycles up to the first that can't be read.
impl Iterator for Observations {
    type Item = Result<Observed, TraceError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.read().transpose()
    }
}

/// The first job of a trace, and what was observed of it in each of its cycles, with the cycle's instant. Cycles in which it
/// could not be observed are left out.
///
/// # Errors
/// The trace can't be read, begins with no job, or a line of it is not what it should be.
pub fn observations(path: &Path) -> Result<(JobLine, Vec<(Instant, Observation)>), TraceError> {
    let mut cycles = Observations::open(path, Instant::MIN_UTC)?;
    let job = cycles.job().clone();
    let mut observed = Vec::new();
    while let Some(Observed { at, observation }) = cycles.next().transpose()? {
        if cycles.job().job_id != job.job_id {
            break;
        }
        observed.extend(observation.map(|observation| (at, observation)));
    }
    Ok((job, observed))
}
