//! Everything into one file.

use std::io;
use std::path::{Path, PathBuf};

use super::entry::{Entry, RecordedJob};
use super::error::RecordError;
use super::file::TraceFile;
use super::writer::Sink;

/// One file, for one job.
#[derive(Debug)]
pub(super) struct SingleFile(TraceFile);

impl SingleFile {
    pub(super) fn create(path: &Path) -> Result<Self, RecordError> {
        TraceFile::create(path.to_owned()).map(Self).map_err(RecordError::File)
    }
}

impl Sink for SingleFile {
    fn begin(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn write(&mut self, _: &Entry, lines: &str) -> io::Result<()> {
        self.0.append(lines)
    }

    fn tidy(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn end_of(&mut self, _: &RecordedJob) -> io::Result<()> {
        Ok(())
    }

    fn files(&self) -> Vec<PathBuf> {
        vec![self.0.path().to_owned()]
    }
}
