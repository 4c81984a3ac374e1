//! What pages compare: recordings that this process makes, and a model of their jobs.

mod course;
mod read;

use std::path::PathBuf;
use std::sync::Arc;

use autoscaler::autoscaler_core::options::Configuration;
use autoscaler::page::{Compared, NotCompared, Question, Recordings};
use replay::{RecordError, RecordOptions};
use simulate::{Decider, SimulateError, run_until};
use tokio_util::sync::CancellationToken;

use crate::cli::simulate::of_recorded;
use course::Courses;
use read::Read;

/// The recordings in a directory.
#[derive(Debug)]
pub(super) struct Traces {
    directory: PathBuf,
}

impl Traces {
    /// Those of the directory into which the options have this process record, if they do.
    ///
    /// # Errors
    /// An option can't be used.
    pub(super) fn by_options(configuration: &Configuration) -> Result<Option<Arc<dyn Recordings>>, RecordError> {
        let directory = RecordOptions::checked(configuration)?.directory;
        Ok(directory.map(|directory| Arc::new(Self { directory: directory.into() }) as _))
    }
}

impl Recordings for Traces {
    fn compare(&self, question: &Question, stop: &CancellationToken) -> Result<Compared, NotCompared> {
        let Read { job, observed } = Read::of(&self.directory, question, stop)?;
        let scenario = of_recorded(&question.job.name, &job, &observed).map_err(not_compared)?;
        let courses = Courses::of(&observed).ok_or(NotCompared::NotRecorded)?;
        let run = |over: &Configuration| {
            let outcome = run_until(&scenario, &Decider::Autoscaler(over.clone()), &|| stop.is_cancelled());
            outcome.map(|outcome| courses.simulated(&outcome)).map_err(not_compared)
        };
        let tried = question.tries.iter().map(run).collect::<Result<_, _>>()?;
        Ok(Compared { seen: courses.seen(&observed), tried })
    }
}

fn not_compared(error: SimulateError) -> NotCompared {
    match error {
        SimulateError::Ended => NotCompared::Ended,
        other => NotCompared::Unusable(other.to_string()),
    }
}
