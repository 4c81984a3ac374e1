//! Recording: traces of the jobs that an autoscaler watches, written while it runs.

mod configuration;
mod directory;
mod entry;
#[cfg(test)]
mod entry_of;
mod error;
mod file;
mod file_name;
mod found;
mod options;
mod queue;
mod recorder;
mod single;
mod source;
mod writer;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use autoscaler_core::ClusterSource;
use autoscaler_core::options::{Configuration, InvalidOption};
use autoscaler_core::registry::Backends;
use autoscaler_runtime::Process;
use flink_rest::recorded::Tape;

pub use error::RecordError;
pub use found::recordings;
pub use options::RecordOptions;
pub use recorder::Recorder;
pub use writer::Recorded;

use directory::{Directory, Limits};
use queue::Queue;
use single::SingleFile;
use source::TapedSource;
use writer::{Sink, Writer};

/// Adds the options of recording.
pub fn register(backends: &mut Backends) {
    backends.add_options(RecordOptions::SPECS);
}

/// A recording under way. Files are written by a thread of its own: a disk that is slow or full costs no job a cycle, and
/// the cycles that could not be written are counted.
#[derive(Debug)]
pub struct Recording {
    tape: Arc<Tape>,
    recorder: Arc<Recorder>,
    writer: Writer,
}

impl Recording {
    /// Into the directory that the options name, if they do; it is made where it is not there. A file for each job, which
    /// is packed when it is full or old. The oldest files are deleted when all together are too large.
    ///
    /// # Errors
    /// An option can't be used, or the directory can't.
    pub fn by_options(configuration: &Configuration) -> Result<Option<Self>, RecordError> {
        let options = RecordOptions::checked(configuration)?;
        let Some(directory) = &options.directory else { return Ok(None) };
        Self::in_directory(Path::new(directory), &options).map(Some)
    }

    /// Into a directory, with the limits that the options set.
    ///
    /// # Errors
    /// It can't be used.
    pub fn in_directory(directory: &Path, options: &RecordOptions) -> Result<Self, RecordError> {
        let limits = Limits {
            file_bytes: options.max_file_size.0,
            file_age: options.max_file_age,
            total_bytes: options.max_total_size.0,
        };
        Self::into(Box::new(Directory::open(directory, limits)?))
    }

    /// Into a file, which must not be there: of one job. One that ends in `.gz` is packed, each cycle by itself.
    ///
    /// # Errors
    /// It can't be made.
    pub fn in_file(file: &Path) -> Result<Self, RecordError> {
        Self::into(Box::new(SingleFile::create(file)?))
    }

    fn into(sink: Box<dyn Sink>) -> Result<Self, RecordError> {
        let (queue, waiting) = Queue::new();
        let tape = Arc::<Tape>::default();
        let writer = Writer::start(sink, Arc::clone(&queue), waiting)?;
        Ok(Self { recorder: Arc::new(Recorder::new(Arc::clone(&tape), queue)), tape, writer })
    }

    /// A source of the same clusters, whose answers are kept for the recording.
    #[must_use]
    pub fn source(&self, source: Arc<dyn ClusterSource>) -> Arc<dyn ClusterSource> {
        Arc::new(TapedSource::new(source, Arc::clone(&self.tape)))
    }

    /// What has to watch the cycles: as an observer of what they begin with, and of what they come to.
    pub fn recorder(&self) -> &Arc<Recorder> {
        &self.recorder
    }

    /// Has a process recorded.
    #[must_use]
    pub fn of(&self, process: Process) -> Process {
        let recorder = &self.recorder;
        let process = process.with_source(|source| self.source(source));
        process.with_observer(Arc::clone(recorder) as _).with_beginning_observer(Arc::clone(recorder) as _)
    }

    /// Writes what waits, within a span.
    pub fn end(self, within: Duration) -> Recorded {
        self.writer.end(within)
    }
}

/// The options' own errors are told as they are.
impl From<InvalidOption> for RecordError {
    fn from(error: InvalidOption) -> Self {
        Self::Option(error)
    }
}
