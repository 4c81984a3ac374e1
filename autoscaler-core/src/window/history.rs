//! The observation history: columns of values over the metric window.

use std::collections::VecDeque;
use std::sync::Arc;

use super::columns::{Columns, RowMut};
use super::mean::mean;
use crate::ids::VertexId;
use crate::metric::{GLOBAL_METRICS, GlobalSample, Sample, ScalingMetric, VERTEX_METRICS, VertexSample};
use crate::time::{self, Instant};

/// No column: no row of the window has the metric.
const NONE: u32 = u32::MAX;

/// The collected metrics of a job, oldest first. All observations are of the same vertices in the same order.
///
/// A metric of a vertex is a column, and one that was never collected is none: a vertex that is no source has five of
/// seven.
#[derive(Clone, Debug)]
pub struct MetricHistory {
    vertices: Arc<[VertexId]>,
    instants: VecDeque<Instant>,
    columns: Columns,
    /// Which column each metric of each vertex has, metric by metric.
    of_vertices: Vec<u32>,
    of_cluster: [u32; GLOBAL_METRICS],
}

impl Default for MetricHistory {
    fn default() -> Self {
        Self {
            vertices: Arc::default(),
            instants: VecDeque::new(),
            columns: Columns::default(),
            of_vertices: Vec::new(),
            of_cluster: [NONE; GLOBAL_METRICS],
        }
    }
}

impl MetricHistory {
    /// An empty history.
    pub fn new() -> Self {
        Self::default()
    }

    /// Its vertices, in the order of their columns.
    pub fn vertices(&self) -> &[VertexId] {
        &self.vertices
    }

    /// The instant of its first observation.
    pub fn start(&self) -> Option<Instant> {
        self.instants.front().copied()
    }

    /// The instant of its last observation.
    pub fn end(&self) -> Option<Instant> {
        self.instants.back().copied()
    }

    /// How many observations there are.
    pub fn len(&self) -> usize {
        self.instants.len()
    }

    /// Whether there is no observation.
    pub fn is_empty(&self) -> bool {
        self.instants.is_empty()
    }

    /// Bytes it takes on the heap.
    pub fn heap_bytes(&self) -> usize {
        size_of_val(&*self.vertices)
            + self.instants.capacity() * size_of::<Instant>()
            + self.columns.heap_bytes()
            + self.of_vertices.capacity() * size_of::<u32>()
    }

    /// Adds an observation of `vertices`, with a sample for each. One that is there for that instant is replaced.
    pub fn insert(&mut self, at: Instant, vertices: &[VertexId], samples: &[VertexSample], global: GlobalSample) {
        if *self.vertices != *vertices {
            self.align(vertices);
        }
        let row = self.instants.partition_point(|there| *there < at);
        if self.instants.get(row) == Some(&at) {
            self.columns.clear_row(row);
        } else {
            if self.instants.len() == self.instants.capacity() {
                self.instants.reserve_exact(8.max(self.instants.len() / 8));
            }
            self.instants.insert(row, at);
            self.columns.insert_row(row);
        }
        let mut values = self.columns.row_mut(row);
        // Metric by metric, so that a metric's columns lie one behind the other as they are read.
        for metric in &ScalingMetric::ALL[..VERTEX_METRICS] {
            for (index, sample) in samples.iter().enumerate().take(self.vertices.len()) {
                if let Some(value) = sample.get(*metric) {
                    let slot = &mut self.of_vertices[*metric as usize * self.vertices.len() + index];
                    put(&mut values, slot, value);
                }
            }
        }
        for (slot, metric) in self.of_cluster.iter_mut().zip(&ScalingMetric::ALL[VERTEX_METRICS..]) {
            if let Some(value) = global.get(*metric) {
                put(&mut values, slot, value);
            }
        }
    }

    /// Gives all observations `vertices` as theirs; samples of others go, missing ones are empty.
    fn align(&mut self, vertices: &[VertexId]) {
        let old = std::mem::take(self);
        self.vertices = vertices.into();
        self.of_vertices = vec![NONE; VERTEX_METRICS * vertices.len()];
        let from: Vec<Option<usize>> =
            vertices.iter().enumerate().map(|(index, id)| old.column_of(index, *id)).collect();
        for (row, at) in old.instants.iter().enumerate() {
            let sample =
                |index: &Option<usize>| index.map_or_else(VertexSample::default, |i| old.vertex_sample(row, i));
            let samples: Vec<VertexSample> = from.iter().map(sample).collect();
            self.insert(*at, vertices, &samples, old.global_sample(row));
        }
    }

    /// Which place a vertex has among [`Self::vertices`].
    pub fn column(&self, vertex: VertexId) -> Option<usize> {
        self.vertices.iter().position(|id| *id == vertex)
    }

    /// The same of the `index`th vertex of a topology, which most often has that place here, too.
    pub(crate) fn column_of(&self, index: usize, vertex: VertexId) -> Option<usize> {
        if self.vertices.get(index) == Some(&vertex) { Some(index) } else { self.column(vertex) }
    }

    /// Drops the observations before `instant`.
    pub fn drop_before(&mut self, instant: Instant) {
        let count = self.instants.partition_point(|at| *at < instant);
        if count > 0 {
            self.instants.drain(..count);
            self.columns.drop_rows(count);
        }
    }

    /// The first instant at or after `instant` at which something was observed.
    pub fn first_at_or_after(&self, instant: Instant) -> Option<Instant> {
        self.instants.get(self.instants.partition_point(|at| *at < instant)).copied()
    }

    /// The latest value of a metric of the `vertex`th vertex, if the last observation has it.
    pub fn last(&self, metric: ScalingMetric, vertex: usize) -> Option<f64> {
        self.columns.get(self.of_vertex(metric, vertex)?, self.len().checked_sub(1)?)
    }

    /// The latest value of a metric of the `vertex`th vertex that is known, however long ago it was observed.
    pub fn last_known(&self, metric: ScalingMetric, vertex: usize) -> Option<f64> {
        let column = self.of_vertex(metric, vertex)?;
        self.columns.values(column).rev().find(|value| !value.is_nan())
    }

    /// Change per second of a counter of the `vertex`th vertex, from the first to the last observation that has it:
    /// `1000 * (last - first) / max(1, ms between)`; NaN with fewer than two (algorithm 3).
    pub fn rate(&self, metric: ScalingMetric, vertex: usize) -> f64 {
        let Some(column) = self.of_vertex(metric, vertex) else { return f64::NAN };
        let known = |(_, value): &(&Instant, f64)| !value.is_nan();
        let mut values = self.instants.iter().zip(self.columns.values(column)).filter(known);
        let Some((start, first)) = values.next() else { return f64::NAN };
        let mut backwards = self.instants.iter().rev().zip(self.columns.values(column).rev());
        match backwards.find(known) {
            Some((end, last)) if end != start => 1000.0 * (last - first) / time::millis_between(*start, *end).max(1.0),
            _ => f64::NAN,
        }
    }

    /// Mean of the finite values of the `vertex`th vertex. Without any: infinite if there was an infinite one, else
    /// NaN. With fewer than `min_observations`: NaN (algorithm 3).
    pub fn average(&self, metric: ScalingMetric, vertex: usize, min_observations: i32) -> f64 {
        let column = self.of_vertex(metric, vertex);
        column.map_or(f64::NAN, |column| mean(self.columns.runs(column), min_observations))
    }

    /// Mean of the cluster's finite values, as [`Self::average`] with one observation.
    pub fn global_average(&self, metric: ScalingMetric) -> f64 {
        self.of_cluster(metric).map_or(f64::NAN, |column| mean(self.columns.runs(column), 1))
    }

    /// The cluster's latest value, NaN if the last observation does not have it.
    pub fn global_last(&self, metric: ScalingMetric) -> f64 {
        let last = || self.columns.get(self.of_cluster(metric)?, self.len().checked_sub(1)?);
        last().unwrap_or(f64::NAN)
    }

    pub(super) fn instant(&self, row: usize) -> Instant {
        self.instants[row]
    }

    pub(super) fn vertex_sample(&self, row: usize, vertex: usize) -> VertexSample {
        self.sample(row, &ScalingMetric::ALL[..VERTEX_METRICS], |metric| self.of_vertex(metric, vertex))
    }

    pub(super) fn global_sample(&self, row: usize) -> GlobalSample {
        let metrics = &ScalingMetric::ALL[VERTEX_METRICS..VERTEX_METRICS + GLOBAL_METRICS];
        self.sample(row, metrics, |metric| self.of_cluster(metric))
    }

    fn sample<const FIRST: usize, const N: usize>(
        &self,
        row: usize,
        metrics: &[ScalingMetric],
        column: impl Fn(ScalingMetric) -> Option<usize>,
    ) -> Sample<FIRST, N> {
        let mut sample = Sample::default();
        for metric in metrics {
            if let Some(value) = column(*metric).and_then(|column| self.columns.get(column, row)) {
                sample.set(*metric, value);
            }
        }
        sample
    }

    fn of_vertex(&self, metric: ScalingMetric, vertex: usize) -> Option<usize> {
        if vertex >= self.vertices.len() {
            return None;
        }
        column(self.of_vertices.get(metric as usize * self.vertices.len() + vertex))
    }

    fn of_cluster(&self, metric: ScalingMetric) -> Option<usize> {
        column(self.of_cluster.get((metric as usize).checked_sub(VERTEX_METRICS)?))
    }
}

fn column(slot: Option<&u32>) -> Option<usize> {
    slot.filter(|slot| **slot != NONE).and_then(|slot| usize::try_from(*slot).ok())
}

/// Puts a value into a column, which is added where there was none.
fn put(row: &mut RowMut<'_>, slot: &mut u32, value: f64) {
    if *slot == NONE {
        // More than 2^32 columns do not fit into memory; the value would be left out.
        *slot = u32::try_from(row.add_column()).unwrap_or(NONE);
    }
    if let Some(column) = column(Some(slot)) {
        row.set(column, value);
    }
}

#[cfg(test)]
mod tests;
