//! Events on their way to the table.

use std::collections::VecDeque;

use autoscaler_core::ports::EventQueue;
use autoscaler_core::time::Instant;
use autoscaler_core::{Event, JobKey};

/// Events kept at most; beyond that the oldest are lost, and counted.
pub(crate) const CAPACITY: usize = 1000;

/// An event that is not written yet.
#[derive(Clone, Debug)]
pub(crate) struct Waiting {
    /// Its number, counted from 1.
    pub(crate) number: u64,
    pub(crate) job: JobKey,
    pub(crate) event: Event,
    pub(crate) at: Instant,
}

/// Events that wait, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Buffer {
    waiting: VecDeque<Waiting>,
    taken: u64,
    lost: u64,
    /// Whether the present overflow was reported.
    is_overflow_said: bool,
}

impl Buffer {
    /// Takes an event; whether an overflow begins with it.
    pub(crate) fn push(&mut self, job: JobKey, event: Event, at: Instant) -> bool {
        self.taken += 1;
        let is_full = self.waiting.len() >= CAPACITY;
        if is_full {
            self.waiting.pop_front();
            self.lost += 1;
        }
        self.waiting.push_back(Waiting { number: self.taken, job, event, at });
        is_full && !std::mem::replace(&mut self.is_overflow_said, true)
    }

    /// The oldest that waits.
    pub(crate) fn first(&self) -> Option<Waiting> {
        self.waiting.front().cloned()
    }

    /// Takes note that an event needs to wait no longer: it is written, or can't be.
    pub(crate) fn settle(&mut self, number: u64, is_lost: bool) {
        // It may have been pushed out in the meantime, and was counted as lost.
        if self.waiting.front().is_some_and(|first| first.number == number) {
            self.waiting.pop_front();
            self.lost += u64::from(is_lost);
        } else if !is_lost {
            self.lost = self.lost.saturating_sub(1);
        }
        if self.waiting.is_empty() {
            self.is_overflow_said = false;
        }
    }

    /// How many events were taken.
    pub(crate) fn taken(&self) -> u64 {
        self.taken
    }

    /// Whether the first so many events wait no longer.
    pub(crate) fn is_settled(&self, number: u64) -> bool {
        self.waiting.front().is_none_or(|first| first.number > number)
    }

    /// How many wait, and how many were lost.
    pub(crate) fn queue(&self) -> EventQueue {
        EventQueue { waiting: self.waiting.len(), lost: self.lost }
    }

    /// How many were lost.
    pub(crate) fn lost(&self) -> u64 {
        self.lost
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_are_lost_and_counted_and_that_is_said_once() {
        let mut buffer = Buffer::default();
        let mut overflows = 0;
        for number in 0..CAPACITY + 7 {
            let event = Event::normal("X", number.to_string());
            overflows += usize::from(buffer.push(JobKey::new("j"), event, Instant::UNIX_EPOCH));
        }
        assert_eq!((overflows, buffer.lost(), buffer.first().unwrap().number), (1, 7, 8));
        buffer.settle(8, true);
        assert_eq!((buffer.lost(), buffer.first().unwrap().number), (8, 9));
        // One that was being written when it was pushed out.
        buffer.push(JobKey::new("j"), Event::normal("X", "x"), Instant::UNIX_EPOCH);
        buffer.push(JobKey::new("j"), Event::normal("X", "x"), Instant::UNIX_EPOCH);
        assert_eq!(buffer.lost(), 9);
        buffer.settle(9, false);
        assert_eq!(buffer.lost(), 8);
        assert!(buffer.is_settled(9) && !buffer.is_settled(10));
    }
}
