//! What waits at a source, in the order in which it arrived.

use std::collections::VecDeque;

/// Records that arrived together: when, in seconds, and how many.
type Parcel = (f64, f64);

/// What waits at a source, first come first served.
#[derive(Clone, Debug, Default)]
pub(super) struct Backlog {
    waiting: VecDeque<Parcel>,
    records: f64,
    /// What was read since the last checkpoint that is complete: it is read again after a restart.
    since_checkpoint: VecDeque<Parcel>,
    /// How many parcels of that were read before the one that is under way began.
    under_way: usize,
}

/// In how many parcels what waits at the beginning is told apart by its age.
const PARCELS: u32 = 1000;

impl Backlog {
    /// So many records that arrived at a rate until the beginning; at once, if nothing arrives.
    pub(super) fn at_the_beginning(records: f64, rate: f64) -> Self {
        let mut backlog = Self::default();
        let seconds = if rate > 0.0 { records / rate } else { 0.0 };
        for parcel in (0..PARCELS).rev() {
            let age = seconds * f64::from(parcel + 1) / f64::from(PARCELS);
            backlog.arrive(-age, records / f64::from(PARCELS));
        }
        backlog
    }

    pub(super) fn records(&self) -> f64 {
        self.records
    }

    pub(super) fn arrive(&mut self, now: f64, records: f64) {
        if records > 0.0 {
            self.waiting.push_back((now, records));
            self.records += records;
        }
    }

    /// Reads so many, oldest first; returns how many there were.
    pub(super) fn take(&mut self, now: f64, records: f64) -> f64 {
        let mut left = records;
        while left > 0.0 {
            let Some((arrived, there)) = self.waiting.front_mut() else { break };
            let taken = left.min(*there);
            self.since_checkpoint.push_back((*arrived, taken));
            *there -= taken;
            left -= taken;
            // A remainder of rounding is no record.
            if *there <= 1e-9 * taken {
                left -= *there;
                if let Some((_, last)) = self.since_checkpoint.back_mut() {
                    *last += *there;
                }
                self.waiting.pop_front();
            }
        }
        let taken = records - left;
        self.records = if self.waiting.is_empty() { 0.0 } else { (self.records - taken).max(0.0) };
        debug_assert!(self.waiting.front().is_none_or(|(arrived, _)| *arrived <= now));
        taken
    }

    /// A checkpoint begins, and the one that began before it is complete: what was read until then is not read again.
    pub(super) fn checkpoint(&mut self) {
        self.since_checkpoint.drain(..self.under_way);
        self.under_way = self.since_checkpoint.len();
    }

    /// Goes back to the last checkpoint; returns how many records wait again.
    pub(super) fn rewind(&mut self) -> f64 {
        let mut again = 0.0;
        self.under_way = 0;
        while let Some((arrived, records)) = self.since_checkpoint.pop_back() {
            self.waiting.push_front((arrived, records));
            again += records;
        }
        self.records += again;
        again
    }

    /// How long ago the record arrived that is read next; 0 if nothing waits.
    pub(super) fn age(&self, now: f64) -> f64 {
        self.waiting.front().map_or(0.0, |(arrived, _)| now - arrived)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lag_is_the_age_of_the_record_that_is_read_next() {
        let mut backlog = Backlog::default();
        for second in 0..10 {
            backlog.arrive(f64::from(second), 100.0);
        }
        assert_eq!((backlog.age(10.0), backlog.records()), (10.0, 1000.0));
        // Two seconds' worth, and a half.
        assert_eq!(backlog.take(10.0, 250.0), 250.0);
        assert_eq!((backlog.age(10.0), backlog.records()), (8.0, 750.0));
        assert_eq!(backlog.take(10.0, 5000.0), 750.0);
        assert_eq!((backlog.age(10.0), backlog.records()), (0.0, 0.0));
    }

    #[test]
    fn what_waits_at_the_beginning_is_as_old_as_it_took_to_arrive() {
        let mut backlog = Backlog::at_the_beginning(6000.0, 100.0);
        assert!((backlog.age(0.0) - 60.0).abs() < 1e-6 && (backlog.records() - 6000.0).abs() < 1e-6);
        backlog.take(0.0, 3000.0);
        assert!((backlog.age(0.0) - 30.0).abs() < 0.1, "{}", backlog.age(0.0));
        assert_eq!(Backlog::at_the_beginning(0.0, 100.0).age(0.0), 0.0);
        let of_nothing = Backlog::at_the_beginning(10.0, 0.0);
        assert_eq!(of_nothing.age(5.0), 5.0);
    }

    #[test]
    fn a_restart_goes_back_to_the_last_checkpoint_that_is_complete() {
        let mut backlog = Backlog::default();
        for second in 0..20 {
            backlog.arrive(f64::from(second), 10.0);
            backlog.take(f64::from(second), 10.0);
            if second == 11 || second == 16 {
                backlog.checkpoint();
            }
        }
        assert_eq!(backlog.age(20.0), 0.0);
        assert_eq!(backlog.rewind(), 80.0);
        assert_eq!((backlog.age(50.0), backlog.records()), (38.0, 80.0));
    }
}
