//! The thread that writes.

use std::fmt::Debug;
use std::io;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::entry::{Entry, RecordedJob};
use super::error::RecordError;
use super::queue::{Queue, Work};

/// Where cycles are written.
pub(super) trait Sink: Debug + Send {
    /// What is done before the first cycle.
    fn begin(&mut self) -> io::Result<()>;

    /// Writes the lines of a cycle, all or none.
    fn write(&mut self, entry: &Entry, lines: &str) -> io::Result<()>;

    /// Packs and deletes what is to be.
    fn tidy(&mut self) -> io::Result<()>;

    /// A job is gone.
    fn end_of(&mut self, job: &RecordedJob) -> io::Result<()>;

    /// The files there are.
    fn files(&self) -> Vec<PathBuf>;
}

/// What a recording came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Recorded {
    /// Cycles that were written.
    pub cycles: u64,
    /// Cycles that could not be.
    pub lost: u64,
    /// The files there are.
    pub files: Vec<PathBuf>,
    /// Whether everything that waited was written, or given up, in time.
    pub is_whole: bool,
}

#[derive(Debug)]
pub(super) struct Writer {
    queue: Arc<Queue>,
    ended: Mutex<Receiver<Recorded>>,
}

impl Writer {
    pub(super) fn start(sink: Box<dyn Sink>, queue: Arc<Queue>, waiting: Receiver<Work>) -> Result<Self, RecordError> {
        let (tell, ended) = channel();
        let mut writing = Writing::new(sink, Arc::clone(&queue));
        let thread = std::thread::Builder::new().name("recording".to_owned());
        let work = move || {
            writing.begin();
            writing.work(waiting);
            writing.finish(&tell);
        };
        thread.spawn(work).map_err(RecordError::Thread)?;
        Ok(Self { queue, ended: Mutex::new(ended) })
    }

    pub(super) fn end(&self, within: Duration) -> Recorded {
        let has_been_told = self.queue.end();
        let ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        let within = if has_been_told { within } else { Duration::ZERO };
        match ended.recv_timeout(within) {
            Ok(recorded) => recorded,
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                tracing::warn!("cycles are missing in the recording: they could not be written within {within:?}");
                Recorded::default()
            }
        }
    }
}

#[derive(Debug)]
struct Writing {
    sink: Box<dyn Sink>,
    queue: Arc<Queue>,
    sum: Recorded,
    /// Cycles lost since writing fails; none where it does not.
    failing: Option<u64>,
    /// Whether it was said that files can't be packed or deleted.
    is_untidy: bool,
}

impl Writing {
    fn new(sink: Box<dyn Sink>, queue: Arc<Queue>) -> Self {
        Self { sink, queue, sum: Recorded::default(), failing: None, is_untidy: false }
    }

    fn begin(&mut self) {
        let begun = self.sink.begin();
        self.tidied(begun);
    }

    /// Does what waits, until it is told that nothing comes any more.
    fn work(&mut self, waiting: Receiver<Work>) -> Receiver<Work> {
        while let Ok(work) = waiting.recv() {
            match work {
                Work::Write(entry, bytes) => {
                    self.write(&entry);
                    drop(entry);
                    self.queue.done(bytes);
                }
                Work::EndOf(job) => {
                    let ended = self.sink.end_of(&job);
                    self.tidied(ended);
                }
                Work::End => break,
            }
        }
        waiting
    }

    fn finish(mut self, tell: &Sender<Recorded>) {
        let left = self.queue.take_lost();
        self.sum.lost += left;
        if self.sum.lost > 0 {
            tracing::warn!("{} cycles are missing in the recording, which has {}", self.sum.lost, self.sum.cycles);
        }
        let files = self.sink.files();
        // Whoever waited no longer does where nobody takes it.
        let _late = tell.send(Recorded { files, is_whole: true, ..self.sum });
    }

    fn write(&mut self, entry: &Entry) {
        let missed = self.queue.take_lost();
        if missed > 0 {
            self.fails(missed, &io::Error::other("it is not as quick as the cycles come"));
        }
        let job = &entry.job;
        if entry.beginning.is_some() {
            job.begins();
        } else if job.has_gap() {
            // Nobody could tell what it began with.
            self.sum.lost += 1;
            self.failing = self.failing.map(|lost| lost + 1);
            return;
        }
        let written = entry.lines().map_err(io::Error::from).and_then(|lines| self.sink.write(entry, &lines));
        match written {
            Ok(()) => {
                self.sum.cycles += 1;
                if let Some(lost) = self.failing.take() {
                    tracing::info!("cycles are recorded again; {lost} are missing");
                }
            }
            Err(error) => {
                job.lose();
                self.fails(1, &error);
            }
        }
        let tidied = self.sink.tidy();
        self.tidied(tidied);
    }

    /// Says the first time that files can't be packed or deleted.
    fn tidied(&mut self, tidied: io::Result<()>) {
        match tidied {
            Ok(()) => self.is_untidy = false,
            Err(error) if !std::mem::replace(&mut self.is_untidy, true) => {
                tracing::warn!("recordings can't be packed or deleted: {error}");
            }
            Err(_) => {}
        }
    }

    /// Says the first time that cycles are lost.
    fn fails(&mut self, lost: u64, error: &io::Error) {
        self.sum.lost += lost;
        if self.failing.is_none() {
            tracing::warn!(
                "can't record, which is all that goes wrong by it: {error}; how many cycles are missing is said at its end"
            );
        }
        *self.failing.get_or_insert(0) += lost;
    }
}

#[cfg(test)]
mod tests;
