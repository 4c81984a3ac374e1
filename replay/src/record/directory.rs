//! A file for each job in a directory, each packed when it is full or old, the oldest deleted when all are too large.

use std::collections::{BTreeMap, HashMap};
use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::entry::{Entry, RecordedJob};
use super::error::RecordError;
use super::file::{TraceFile, pack};
use super::file_name::began;
use super::writer::Sink;

/// Held by whoever records into the directory.
const LOCK: &str = ".flink-autoscaler-record.lock";
/// No file is packed before it has so many bytes, however many jobs share the room there is.
const LEAST_BYTES: u64 = 64 << 10;
/// Recordings of one job that begin within the same second, at most.
const SAME_SECOND: u32 = 1000;

/// How large recordings may become.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// Bytes of a file that is written.
    pub(super) file_bytes: u64,
    /// Its age.
    pub(super) file_age: Duration,
    /// Bytes of all files.
    pub(super) total_bytes: u64,
}

#[derive(Debug)]
pub(super) struct Directory {
    path: PathBuf,
    limits: Limits,
    /// Files that are written, by job.
    open: HashMap<u64, Open>,
    /// Those that no longer are: when they began and their name, and their bytes.
    closed: BTreeMap<(String, PathBuf), u64>,
    /// Those that are to be packed.
    full: Vec<PathBuf>,
    _lock: File,
}

/// A file that is written.
#[derive(Debug)]
struct Open {
    job: Arc<RecordedJob>,
    file: TraceFile,
    began: Instant,
}

impl Directory {
    /// Opens a directory, which is made where its parent is there.
    pub(super) fn open(path: &Path, limits: Limits) -> Result<Self, RecordError> {
        match std::fs::create_dir(path) {
            Ok(()) => {}
            Err(_) if path.is_dir() => {}
            Err(error) => return Err(RecordError::Directory(error)),
        }
        let lock = File::options().create(true).append(true).open(path.join(LOCK)).map_err(RecordError::Directory)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(RecordError::InUse),
            Err(TryLockError::Error(error)) => return Err(RecordError::Directory(error)),
        }
        Ok(Self {
            path: path.to_owned(),
            limits,
            open: HashMap::new(),
            closed: BTreeMap::new(),
            full: Vec::new(),
            _lock: lock,
        })
    }

    /// What earlier processes left: how large it is, and files that one which was killed could not pack.
    fn look(&mut self) -> io::Result<()> {
        let mut unpacked = Vec::new();
        for entry in std::fs::read_dir(&self.path)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = entry.path();
            if let Some(whole) = name.strip_suffix(".tmp").filter(|whole| began(whole).is_some()) {
                tracing::debug!(file = whole, "an unfinished file of an earlier process is deleted");
                std::fs::remove_file(&path)?;
            } else if let Some(began) = began(&name) {
                if path.extension().is_some_and(|extension| extension == "gz") {
                    self.closed.insert((began.to_owned(), path), entry.metadata()?.len());
                } else {
                    unpacked.push(path);
                }
            }
        }
        self.close_all(unpacked)
    }

    /// Packs files, each whatever becomes of the others; the first error is told.
    fn close_all(&mut self, paths: Vec<PathBuf>) -> io::Result<()> {
        let mut packed = Ok(());
        for path in paths {
            packed = packed.and(self.close(path));
        }
        packed
    }

    /// Packs a file that is no longer written.
    fn close(&mut self, path: PathBuf) -> io::Result<()> {
        let began = path.file_name().and_then(|name| began(&name.to_string_lossy()).map(str::to_owned));
        let Some(began) = began else { return Ok(()) };
        match pack(&path) {
            Ok((path, bytes)) => {
                self.closed.insert((began, path), bytes);
                Ok(())
            }
            Err(error) => {
                // It stays as it is, and counts.
                let bytes = std::fs::metadata(&path).map_or(0, |metadata| metadata.len());
                self.closed.insert((began, path), bytes);
                Err(error)
            }
        }
    }

    /// Makes the file of a job.
    fn create(&self, name: &str) -> io::Result<TraceFile> {
        let mut taken = io::Error::from(io::ErrorKind::AlreadyExists);
        for number in 1..=SAME_SECOND {
            let number = if number == 1 { String::new() } else { format!("-{number}") };
            let path = self.path.join(format!("{name}{number}.jsonl"));
            if crate::trace::packed_name(&path).exists() {
                continue;
            }
            match TraceFile::create(path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => taken = error,
                made => return made,
            }
        }
        Err(taken)
    }

    /// Whether a file is to be packed, and the next one begun.
    fn is_full(&self, open: &Open) -> bool {
        // A share for each job, so that none is alone in what is kept.
        let share = self.limits.total_bytes / 4 / (self.open.len() as u64).max(1);
        let most = self.limits.file_bytes.min(share).max(LEAST_BYTES);
        open.file.len() >= most || open.began.elapsed() >= self.limits.file_age
    }

    /// Deletes the oldest until the others are not too large together.
    fn keep_within_bounds(&mut self) -> io::Result<()> {
        let written = |open: &Open| open.file.len();
        let mut total = self.closed.values().sum::<u64>() + self.open.values().map(written).sum::<u64>();
        while total > self.limits.total_bytes {
            let (path, bytes) = match self.closed.pop_first() {
                Some(((_, path), bytes)) => (path, bytes),
                None => {
                    let oldest = self.open.iter().min_by_key(|(_, open)| open.began).map(|(id, _)| *id);
                    let Some(open) = oldest.and_then(|id| self.open.remove(&id)) else { return Ok(()) };
                    open.job.lose();
                    (open.file.path().to_owned(), open.file.len())
                }
            };
            total -= bytes;
            match std::fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }
}

impl Sink for Directory {
    fn begin(&mut self) -> io::Result<()> {
        let looked = self.look();
        self.keep_within_bounds()?;
        looked
    }

    fn write(&mut self, entry: &Entry, lines: &str) -> io::Result<()> {
        let id = entry.job.id();
        if entry.beginning.is_some()
            && self.open.get(&id).is_some_and(|open| self.is_full(open))
            && let Some(full) = self.open.remove(&id)
        {
            self.full.push(full.file.path().to_owned());
        }
        if !self.open.contains_key(&id) {
            let file = self.create(&entry.name)?;
            self.open.insert(id, Open { job: Arc::clone(&entry.job), file, began: Instant::now() });
        }
        if let Some(open) = self.open.get_mut(&id)
            && let Err(error) = open.file.append(lines)
        {
            if error.kind() == io::ErrorKind::NotFound {
                self.open.remove(&id);
            }
            return Err(error);
        }
        if self.open.get(&id).is_some_and(|open| self.is_full(open)) {
            entry.job.set_needs_beginning(true);
        }
        Ok(())
    }

    fn tidy(&mut self) -> io::Result<()> {
        let full = std::mem::take(&mut self.full);
        let packed = self.close_all(full);
        self.keep_within_bounds()?;
        packed
    }

    fn end_of(&mut self, job: &RecordedJob) -> io::Result<()> {
        self.open.remove(&job.id()).map_or(Ok(()), |open| self.close(open.file.path().to_owned()))
    }

    fn files(&self) -> Vec<PathBuf> {
        let closed = self.closed.keys().map(|(_, path)| path.clone());
        closed.chain(self.open.values().map(|open| open.file.path().to_owned())).collect()
    }
}

#[cfg(test)]
mod tests;
