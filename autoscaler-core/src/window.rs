//! The observation history: rows of samples over the metric window.

mod mean;

use std::collections::VecDeque;
use std::sync::Arc;

use mean::Mean;
pub(crate) use mean::VertexMeans;

use crate::job::VertexId;
use crate::metric::{GlobalSample, ScalingMetric, VertexSample};
use crate::time::{self, Instant};

/// Everything collected at one instant.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The instant.
    pub at: Instant,
    /// One sample for each of the history's vertices.
    pub vertices: Arc<[VertexSample]>,
    /// The cluster's sample.
    pub global: GlobalSample,
}

/// The collected metrics of a job, oldest first. All rows have the same vertices in the same order.
///
/// It knows which of its rows a store already has, so that an idle cycle stores one row and not the window.
#[derive(Clone, Debug, Default)]
pub struct MetricHistory {
    vertices: Arc<[VertexId]>,
    rows: VecDeque<Row>,
    /// First and last instant of the rows that are stored; none where nothing is.
    stored: Option<(Instant, Instant)>,
}

/// Histories are the same if their rows are; what is stored of them does not matter.
impl PartialEq for MetricHistory {
    fn eq(&self, other: &Self) -> bool {
        self.vertices == other.vertices && self.rows == other.rows
    }
}

/// What a store has to do to have the rows of a history.
#[derive(Debug)]
pub struct Unstored<'a> {
    /// Rows before this instant are no longer in the history; none: all stored rows are to go.
    pub keep_from: Option<Instant>,
    /// Rows that are not stored yet, oldest first.
    pub rows: Vec<&'a Row>,
}

impl MetricHistory {
    /// An empty history.
    pub fn new() -> Self {
        Self::default()
    }

    /// Its rows, oldest first.
    pub fn rows(&self) -> &VecDeque<Row> {
        &self.rows
    }

    /// Its vertices, in the order of the samples of each row.
    pub fn vertices(&self) -> &[VertexId] {
        &self.vertices
    }

    /// The instant of its first row.
    pub fn start(&self) -> Option<Instant> {
        self.rows.front().map(|row| row.at)
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Adds a row for `vertices`. One that is there for that instant is replaced.
    pub fn insert(&mut self, at: Instant, vertices: &[VertexId], samples: Vec<VertexSample>, global: GlobalSample) {
        if *self.vertices != *vertices {
            self.align(vertices);
        }
        let row = Row { at, vertices: samples.into(), global };
        if self.stored.is_some_and(|(_, last)| at <= last) {
            // A row in the middle: everything is stored anew.
            self.stored = None;
        }
        let position = self.rows.partition_point(|row| row.at < at);
        match self.rows.get_mut(position) {
            Some(there) if there.at == at => *there = row,
            _ => self.rows.insert(position, row),
        }
    }

    /// Gives all rows `vertices` as theirs; samples of others go, missing ones are empty.
    fn align(&mut self, vertices: &[VertexId]) {
        let from: Vec<Option<usize>> = vertices.iter().map(|id| self.column(*id)).collect();
        for row in &mut self.rows {
            let sample = |column: &Option<usize>| column.map_or_else(VertexSample::default, |c| row.vertices[c]);
            row.vertices = from.iter().map(sample).collect();
        }
        self.vertices = vertices.into();
    }

    /// What a store has to do.
    pub fn unstored(&self) -> Unstored<'_> {
        let is_new = |row: &&Row| self.stored.is_none_or(|(_, last)| row.at > last);
        let keep_from = self.stored.and(self.start());
        Unstored { keep_from, rows: self.rows.iter().filter(is_new).collect() }
    }

    /// Takes note that no row is stored.
    pub fn mark_unstored(&mut self) {
        self.stored = None;
    }

    /// Takes note that all rows are stored.
    pub fn mark_stored(&mut self) {
        self.stored = self.rows.front().zip(self.rows.back()).map(|(first, last)| (first.at, last.at));
    }

    /// Where a vertex's samples stand in each row.
    pub fn column(&self, vertex: VertexId) -> Option<usize> {
        self.vertices.iter().position(|id| *id == vertex)
    }

    /// Drops the rows before `instant`; whether there were any.
    pub fn drop_before(&mut self, instant: Instant) -> bool {
        let keep_from = self.rows.partition_point(|row| row.at < instant);
        self.rows.drain(..keep_from);
        keep_from > 0
    }

    /// The first row at or after `instant`.
    pub fn first_at_or_after(&self, instant: Instant) -> Option<Instant> {
        self.rows.get(self.rows.partition_point(|row| row.at < instant)).map(|row| row.at)
    }

    /// The latest value of a vertex's metric, if the last row has it.
    pub fn last(&self, metric: ScalingMetric, column: usize) -> Option<f64> {
        self.rows.back().and_then(|row| row.vertices[column].get(metric))
    }

    /// Change per second of a counter, from the first to the last row that has it: `1000 * (last - first) /
    /// max(1, ms between)`; NaN with fewer than two (algorithm 3).
    pub fn rate(&self, metric: ScalingMetric, column: usize) -> f64 {
        let known = |row: &&Row| !row.vertices[column].value(metric).is_nan();
        let (Some(first), Some(last)) = (self.rows.iter().find(known), self.rows.iter().rev().find(known)) else {
            return f64::NAN;
        };
        if first.at == last.at {
            return f64::NAN;
        }
        let change = last.vertices[column].value(metric) - first.vertices[column].value(metric);
        1000.0 * change / time::millis_between(first.at, last.at).max(1.0)
    }

    /// Mean of a vertex's finite values. Without any: infinite if there was an infinite one, else NaN. With fewer
    /// than `min_observations`: NaN (algorithm 3).
    pub fn average(&self, metric: ScalingMetric, column: usize, min_observations: i32) -> f64 {
        Mean::of(self.rows.iter().map(|row| row.vertices[column].value(metric))).value(min_observations)
    }

    /// The means of every vertex, in one pass from row to row: for all of them that is an order of magnitude faster
    /// than [`Self::average`] of each, which leaps through memory.
    pub(crate) fn means(&self) -> Vec<VertexMeans> {
        let mut means = vec![VertexMeans::default(); self.vertices.len()];
        for row in &self.rows {
            for (mean, sample) in means.iter_mut().zip(row.vertices.iter()) {
                mean.add(sample);
            }
        }
        means
    }

    /// Mean of the cluster's finite values, as [`Self::average`] with one observation.
    pub fn global_average(&self, metric: ScalingMetric) -> f64 {
        Mean::of(self.rows.iter().map(|row| row.global.value(metric))).value(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    const VERTEX: u8 = 7;

    /// A history with one vertex and a value each 10 s.
    fn history(metric: ScalingMetric, values: &[f64]) -> MetricHistory {
        let id = [format!("{VERTEX:032x}").parse().unwrap()];
        let mut history = MetricHistory::new();
        for (index, value) in values.iter().enumerate() {
            let mut sample = VertexSample::default();
            sample.set(metric, *value);
            let at = time::from_epoch_millis(index as i64 * 10_000).unwrap();
            history.insert(at, &id, vec![sample], GlobalSample::default());
        }
        history
    }

    #[rstest]
    #[case(&[100.0, 250.0, 700.0], 30.0)] // (700 - 100) records in 20 s
    #[case(&[f64::NAN, 250.0, 700.0], 45.0)] // (700 - 250) in 10 s
    #[case(&[100.0, 250.0, f64::NAN], 15.0)]
    #[case(&[700.0, 100.0], -60.0)]
    fn rate_is_change_per_second(#[case] values: &[f64], #[case] expected: f64) {
        assert_eq!(history(ScalingMetric::NumRecordsIn, values).rate(ScalingMetric::NumRecordsIn, 0), expected);
    }

    #[rstest]
    #[case(&[])]
    #[case(&[5.0])]
    #[case(&[5.0, f64::NAN])]
    fn rate_needs_two_values(#[case] values: &[f64]) {
        assert!(history(ScalingMetric::Lag, values).rate(ScalingMetric::Lag, 0).is_nan());
    }

    #[rstest]
    #[case(&[1.0, 2.0, 6.0], 1, 3.0)] // 9 / 3
    #[case(&[1.0, f64::INFINITY, 6.0], 2, 3.5)] // 7 / 2
    #[case(&[f64::INFINITY, f64::NAN], 2, f64::INFINITY)]
    fn average_is_of_finite_values(#[case] values: &[f64], #[case] min: i32, #[case] expected: f64) {
        assert_eq!(history(ScalingMetric::Load, values).average(ScalingMetric::Load, 0, min), expected);
    }

    #[rstest]
    #[case(&[], 1)]
    #[case(&[f64::NAN], 1)]
    #[case(&[1.0, f64::INFINITY], 2)] // one finite value of two wanted
    fn average_may_be_unknown(#[case] values: &[f64], #[case] min: i32) {
        assert!(history(ScalingMetric::Load, values).average(ScalingMetric::Load, 0, min).is_nan());
    }

    #[test]
    fn old_rows_are_dropped_and_the_edge_stays() {
        let mut history = history(ScalingMetric::Load, &[1.0, 2.0, 3.0]);
        history.drop_before(time::from_epoch_millis(10_000).unwrap());
        assert_eq!(history.len(), 2);
        assert_eq!(
            history.first_at_or_after(time::from_epoch_millis(10_001).unwrap()),
            time::from_epoch_millis(20_000)
        );
    }

    #[test]
    fn only_new_rows_are_unstored() {
        let mut history = history(ScalingMetric::Load, &[1.0, 2.0, 3.0]);
        let at = |millis| time::from_epoch_millis(millis).unwrap();
        assert_eq!((history.unstored().keep_from, history.unstored().rows.len()), (None, 3));
        history.mark_stored();
        assert!(history.unstored().rows.is_empty());
        let id = [history.vertices()[0]];
        history.insert(at(30_000), &id, vec![VertexSample::default()], GlobalSample::default());
        history.drop_before(at(10_000));
        let unstored = history.unstored();
        assert_eq!((unstored.keep_from, unstored.rows.len(), unstored.rows[0].at), (Some(at(10_000)), 1, at(30_000)));
        history.insert(at(20_000), &id, vec![VertexSample::default()], GlobalSample::default());
        assert_eq!((history.unstored().keep_from, history.unstored().rows.len()), (None, 3), "a row was replaced");
    }

    #[test]
    fn rows_follow_a_change_of_vertices() {
        let mut history = history(ScalingMetric::Load, &[1.0]);
        let other: VertexId = format!("{:032x}", 1).parse().unwrap();
        let first = history.vertices()[0];
        let samples = vec![VertexSample::default(); 2];
        history.insert(time::from_epoch_millis(20_000).unwrap(), &[other, first], samples, GlobalSample::default());
        assert_eq!(history.rows()[0].vertices[1].get(ScalingMetric::Load), Some(1.0));
        assert_eq!(history.rows()[0].vertices[0].get(ScalingMetric::Load), None);
    }
}
