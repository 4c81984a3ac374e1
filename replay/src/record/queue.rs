//! What waits to be written: bounded, and never waited for.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use super::entry::{Entry, RecordedJob};

/// Entries that wait, at most.
const ENTRIES: usize = 4096;
/// Bytes of all that wait, at most.
const BYTES: usize = 64 << 20;

/// What is to be done.
#[derive(Debug)]
pub(super) enum Work {
    Write(Box<Entry>, usize),
    /// A job is gone.
    EndOf(Arc<RecordedJob>),
    /// Nothing comes any more.
    End,
}

#[derive(Debug)]
pub(super) struct Queue {
    work: SyncSender<Work>,
    bytes: AtomicUsize,
    lost: AtomicU64,
}

impl Queue {
    pub(super) fn new() -> (Arc<Self>, Receiver<Work>) {
        let (work, waiting) = sync_channel(ENTRIES);
        (Arc::new(Self { work, bytes: AtomicUsize::new(0), lost: AtomicU64::new(0) }), waiting)
    }

    /// Has a cycle written, unless too much waits already.
    pub(super) fn write(&self, entry: Entry) {
        let (bytes, job) = (entry.bytes(), Arc::clone(&entry.job));
        let is_room = self.bytes.fetch_add(bytes, Ordering::AcqRel) + bytes <= BYTES;
        if !is_room || self.work.try_send(Work::Write(Box::new(entry), bytes)).is_err() {
            self.bytes.fetch_sub(bytes, Ordering::AcqRel);
            self.lost.fetch_add(1, Ordering::AcqRel);
            job.set_needs_beginning(true);
        }
    }

    /// Has the file of a job that is gone closed; where too much waits, the next start does it.
    pub(super) fn end_of(&self, job: Arc<RecordedJob>) {
        let _full = self.work.try_send(Work::EndOf(job));
    }

    /// Says that nothing comes any more; not where too much waits.
    pub(super) fn end(&self) -> bool {
        self.work.try_send(Work::End).is_ok()
    }

    /// Takes note that an entry no longer waits.
    pub(super) fn done(&self, bytes: usize) {
        self.bytes.fetch_sub(bytes, Ordering::AcqRel);
    }

    /// Cycles for which there was no room since the last call.
    pub(super) fn take_lost(&self) -> u64 {
        self.lost.swap(0, Ordering::AcqRel)
    }
}
