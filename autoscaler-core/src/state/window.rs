//! The observations of the metric window, with a record of which are stored: a log that grows at one end and is cut at
//! the other, so that an idle cycle stores one observation and not the window.

use super::tracked::{Change, Tracked};
use crate::ids::VertexId;
use crate::metric::{GlobalSample, VertexSample};
use crate::time::Instant;
use crate::window::{MetricHistory, ObservationRow};

/// The window of a job.
#[derive(Clone, Debug, Default)]
pub struct TrackedWindow {
    window: Tracked<MetricHistory>,
    /// The latest observation that is stored as one; none where no observation is, or all are to be stored anew.
    stored_until: Option<Instant>,
    /// Whether the observations outlast what is stored of them: the reference takes them from its store once, with the first
    /// look at a job and with the first after the job's restart, and goes on with its own.
    is_held: bool,
}

/// Windows are the same if their observations are and are stored or not alike; which of them are does not matter.
impl PartialEq for TrackedWindow {
    fn eq(&self, other: &Self) -> bool {
        self.window == other.window
    }
}

/// What a store has to do to have the observations of a window.
#[derive(Debug)]
pub struct Unstored<'a> {
    /// Observations before this instant are no longer in the window; none: all that is stored is to go first.
    pub keep_from: Option<Instant>,
    /// Observations that are not stored yet, oldest first.
    pub rows: Vec<ObservationRow<'a>>,
}

impl TrackedWindow {
    /// A window as it was loaded from a single row that holds all of it.
    pub fn loaded_whole(window: MetricHistory) -> Self {
        Self { window: Tracked::loaded(window), stored_until: None, is_held: false }
    }

    /// A window as it was loaded from a store that has each observation by itself.
    pub fn loaded(window: MetricHistory) -> Self {
        Self { stored_until: window.end(), window: Tracked::loaded(window), is_held: false }
    }

    /// The observations.
    pub fn get(&self) -> &MetricHistory {
        self.window.get()
    }

    /// The observations as a store has them, or is to have them; none where there is nothing to store.
    pub fn stored(&self) -> Option<&MetricHistory> {
        self.window.stored()
    }

    /// How the window differs from what is stored.
    pub fn change(&self) -> Change {
        self.window.change()
    }

    /// What a store that has each observation by itself has to do.
    pub fn unstored(&self) -> Unstored<'_> {
        let window = self.window.get();
        let is_new = |row: &ObservationRow<'_>| self.stored_until.is_none_or(|last| row.at() > last);
        // New ones are at the end, so the stored ones are not looked at.
        let mut rows: Vec<_> = window.rows().rev().take_while(is_new).collect();
        rows.reverse();
        Unstored { keep_from: self.stored_until.and(window.start()), rows }
    }

    /// Adds an observation, see [`MetricHistory::insert`].
    pub fn insert(&mut self, at: Instant, vertices: &[VertexId], samples: &[VertexSample], global: GlobalSample) {
        if self.stored_until.is_some_and(|last| at <= last) {
            // One in the middle: everything is stored anew.
            self.stored_until = None;
        }
        self.window.edit().insert(at, vertices, samples, global);
    }

    /// Drops the observations before an instant.
    pub fn drop_before(&mut self, instant: Instant) {
        if self.get().start().is_some_and(|start| start < instant) {
            self.window.edit().drop_before(instant);
        }
    }

    /// Puts another window in its place, all of it to be stored.
    pub fn set(&mut self, window: MetricHistory) {
        self.stored_until = None;
        self.window.set(window);
    }

    /// Goes on with these observations, whatever becomes of those that are stored.
    pub(crate) fn hold(&mut self) {
        self.is_held = true;
    }

    /// Takes the observations away, and what is stored of them.
    pub fn remove(&mut self) {
        self.stored_until = None;
        self.is_held = false;
        self.window.remove();
    }

    /// Takes away what is stored, and keeps the observations in memory that are held.
    pub(super) fn forget(&mut self) {
        if !self.is_held {
            return self.remove();
        }
        self.stored_until = None;
        self.window.remove_stored();
    }

    /// Has all of it stored anew with the next save.
    pub fn touch(&mut self) {
        self.stored_until = None;
        self.window.touch();
    }

    /// Takes note that what is stored is as it is here.
    pub fn mark_stored(&mut self) {
        self.stored_until = self.window.stored().and_then(MetricHistory::end);
        self.window.mark_stored();
    }

    /// Takes over a change of `other`, as stored.
    pub(super) fn take_change_of(&mut self, other: &Self) {
        self.window.take_change_of(&other.window);
        self.stored_until = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::from_epoch_millis;

    fn at(second: i64) -> Instant {
        from_epoch_millis(second * 1000).unwrap()
    }

    fn insert(window: &mut TrackedWindow, second: i64) {
        let vertex: VertexId = format!("{:032x}", 7).parse().unwrap();
        window.insert(at(second), &[vertex], &[VertexSample::default()], GlobalSample::default());
    }

    /// From where a store keeps what it has, and the instants it is to add.
    fn unstored(window: &TrackedWindow) -> (Option<Instant>, Vec<Instant>) {
        let unstored = window.unstored();
        (unstored.keep_from, unstored.rows.iter().map(ObservationRow::at).collect())
    }

    #[test]
    fn only_new_observations_are_unstored() {
        let mut window = TrackedWindow::default();
        [0, 10, 20].into_iter().for_each(|second| insert(&mut window, second));
        assert_eq!(unstored(&window), (None, vec![at(0), at(10), at(20)]));
        window.mark_stored();
        assert_eq!((window.change(), unstored(&window)), (Change::Unchanged, (Some(at(0)), vec![])));
        insert(&mut window, 30);
        window.drop_before(at(10));
        assert_eq!((window.change(), unstored(&window)), (Change::Changed, (Some(at(10)), vec![at(30)])));
        insert(&mut window, 20);
        assert_eq!(unstored(&window), (None, vec![at(10), at(20), at(30)]), "one was replaced");
    }

    #[test]
    fn a_window_kept_in_memory_is_stored_anew() {
        let mut window = TrackedWindow::default();
        insert(&mut window, 0);
        window.mark_stored();
        let mut unseen = window.clone();
        unseen.forget();
        assert_eq!((unseen.change(), unseen.get().len()), (Change::Removed, 0), "nobody has looked since");
        window.hold();
        window.forget();
        assert_eq!((window.change(), window.stored(), window.get().len()), (Change::Removed, None, 1));
        window.mark_stored();
        insert(&mut window, 10);
        assert_eq!(unstored(&window), (None, vec![at(0), at(10)]));
        window.mark_stored();
        window.forget();
        window.mark_stored();
        window.remove();
        assert_eq!(
            (window.change(), window.get().len()),
            (Change::Unchanged, 0),
            "nothing is stored, and nothing kept"
        );
    }
}
