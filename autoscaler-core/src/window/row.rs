//! The observations of a window one by one.

use super::history::MetricHistory;
use crate::ids::VertexId;
use crate::metric::{GlobalSample, VertexSample};
use crate::time::Instant;

/// Everything collected at one instant, read from the columns of its history.
#[derive(Clone, Copy, Debug)]
pub struct ObservationRow<'a> {
    history: &'a MetricHistory,
    row: usize,
}

impl<'a> ObservationRow<'a> {
    /// When it was collected.
    pub fn at(&self) -> Instant {
        self.history.instant(self.row)
    }

    /// Each vertex of the history with its sample, which may be empty.
    pub fn vertices(self) -> impl ExactSizeIterator<Item = (VertexId, VertexSample)> + use<'a> {
        let Self { history, row } = self;
        history.vertices().iter().enumerate().map(move |(index, id)| (*id, history.vertex_sample(row, index)))
    }

    /// The cluster's sample.
    pub fn global(&self) -> GlobalSample {
        self.history.global_sample(self.row)
    }
}

/// Observations are the same if what they hold is; a vertex without values is one that is not there.
impl PartialEq for ObservationRow<'_> {
    fn eq(&self, other: &Self) -> bool {
        let vertices = |row: Self| row.vertices().filter(|(_, sample)| !sample.is_empty());
        self.at() == other.at() && self.global() == other.global() && vertices(*self).eq(vertices(*other))
    }
}

impl MetricHistory {
    /// Its observations, oldest first.
    pub fn rows(&self) -> impl DoubleEndedIterator<Item = ObservationRow<'_>> + ExactSizeIterator {
        (0..self.len()).map(|row| ObservationRow { history: self, row })
    }
}

/// Histories are the same if their observations are.
impl PartialEq for MetricHistory {
    fn eq(&self, other: &Self) -> bool {
        self.rows().eq(other.rows())
    }
}
