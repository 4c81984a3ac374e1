//! Events on their way to the API server.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use autoscaler_core::ports::EventQueue;
use tokio::time::Instant as Watch;

use crate::note::Note;

/// Events that wait at most, repeats of one counted once; beyond that the oldest are lost, and counted.
pub(crate) const CAPACITY: usize = 1000;

/// How long repeats are not written, at most: by default Kubernetes deletes an Event an hour after it was written last.
const HELD_BACK: Duration = Duration::from_secs(30 * 60);

/// Events that wait, oldest first, and repeats that need not be written yet.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    waiting: VecDeque<Note>,
    /// By name, events that were written less than their interval ago.
    recent: HashMap<String, Recent>,
    /// The number of the one that is being written.
    writing: Option<u64>,
    taken: u64,
    lost: u64,
    /// Whether the present overflow was reported.
    is_overflow_said: bool,
}

/// An event that was written, and what came since.
#[derive(Debug)]
struct Recent {
    /// When that is to be written at the latest.
    until: Watch,
    since: Option<Note>,
}

impl Queue {
    /// The number of the next event.
    pub(crate) fn next_number(&self) -> u64 {
        self.taken + 1
    }

    /// Takes an event; whether an overflow begins with it.
    pub(crate) fn push(&mut self, note: Note) -> bool {
        self.taken = self.taken.max(note.number);
        if note.interval.is_some()
            && let Some(recent) = self.recent.get_mut(&note.name)
        {
            match &mut recent.since {
                Some(since) => since.merge(note),
                since => *since = Some(note),
            }
            return false;
        }
        self.add(note)
    }

    fn add(&mut self, note: Note) -> bool {
        if let Some(earlier) = self.waiting.iter_mut().find(|earlier| earlier.takes(&note)) {
            earlier.merge(note);
            return false;
        }
        let is_full = self.waiting.len() >= CAPACITY;
        if is_full && let Some(oldest) = self.waiting.pop_front() {
            self.lose(&oldest);
        }
        self.waiting.push_back(note);
        is_full && !std::mem::replace(&mut self.is_overflow_said, true)
    }

    /// The next one to be written, which then is to be [settled](Self::settle), [lost](Self::give_up) or
    /// [put back](Self::put_back).
    pub(crate) fn take(&mut self, now: Watch) -> Option<Note> {
        self.end_intervals(now);
        let note = self.waiting.pop_front()?;
        self.writing = Some(note.number);
        if let Some(interval) = note.interval {
            let until = now + interval.min(HELD_BACK);
            self.recent.entry(note.name.clone()).or_insert(Recent { until, since: None }).until = until;
        }
        Some(note)
    }

    /// When repeats are to be written that need not be yet.
    pub(crate) fn next_end(&self) -> Option<Watch> {
        self.recent.values().map(|recent| recent.until).min()
    }

    /// Has those repeats wait to be written whose interval is over, and of too many the oldest.
    fn end_intervals(&mut self, now: Watch) {
        self.release(|recent| recent.until <= now);
        self.recent.retain(|_, recent| recent.until > now);
        while self.recent.len() > CAPACITY
            && let Some(first) = self.next_end()
        {
            self.end_intervals(first);
        }
    }

    /// Has all repeats wait to be written that need not be yet.
    pub(crate) fn release_all(&mut self) {
        self.release(|_| true);
    }

    fn release(&mut self, which: impl Fn(&Recent) -> bool) {
        let ended = self.recent.values_mut().filter(|recent| which(recent));
        let mut since: Vec<Note> = ended.filter_map(|recent| recent.since.take()).collect();
        since.sort_by_key(|note| note.number);
        for note in since {
            self.add(note);
        }
    }

    /// Takes note that the one that was taken needs to wait no longer.
    pub(crate) fn settle(&mut self) {
        self.writing = None;
        if self.waiting.is_empty() {
            self.is_overflow_said = false;
        }
    }

    /// Takes note that the one that was taken can't be written.
    pub(crate) fn give_up(&mut self, note: &Note) {
        self.lose(note);
        self.settle();
    }

    /// Puts back the one that was taken, to be written later.
    pub(crate) fn put_back(&mut self, mut note: Note) {
        self.writing = None;
        if self.waiting.len() >= CAPACITY {
            return self.lose(&note);
        }
        note.is_tried = true;
        self.waiting.push_front(note);
    }

    fn lose(&mut self, note: &Note) {
        self.lost += u64::from(note.count.unsigned_abs());
    }

    /// How many events were taken.
    pub(crate) fn taken(&self) -> u64 {
        self.taken
    }

    /// Whether the first so many events wait no longer.
    pub(crate) fn is_settled(&self, number: u64) -> bool {
        let since = self.recent.values().filter_map(|recent| recent.since.as_ref());
        let mut waiting = self.waiting.iter().chain(since).map(|note| note.number).chain(self.writing);
        waiting.all(|first| first > number)
    }

    /// How many wait, those that are being written among them, and how many were lost.
    pub(crate) fn queue(&self) -> EventQueue {
        EventQueue { waiting: self.waiting.len() + usize::from(self.writing.is_some()), lost: self.lost }
    }

    /// How many were lost.
    pub(crate) fn lost(&self) -> u64 {
        self.lost
    }
}

#[cfg(test)]
mod tests;
