//! How many records per second reach each vertex: sources tell, the others follow from what the edges carry.

use crate::ids::VertexId;
use crate::metric::ScalingMetric;
use crate::options::JobOptions;
use crate::time::whole_seconds;
use crate::topology::JobTopology;
use crate::window::MetricHistory;

/// Why a window can't be evaluated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EvaluateError {
    /// A source's rate of incoming records is unknown.
    #[error(
        "cannot tell the target data rate of source {0}: its records in or its lag are unknown throughout the metric window"
    )]
    NoTargetRate(VertexId),
}

/// Target and catch-up rates, filled in topological order.
#[derive(Debug)]
pub(super) struct Flows<'a> {
    topology: &'a JobTopology,
    history: &'a MetricHistory,
    /// Records in and out per second of each vertex.
    rates: Vec<Rates>,
    /// Target and catch-up rate of the vertices done so far.
    done: Vec<(f64, f64)>,
}

#[derive(Clone, Copy, Debug)]
struct Rates {
    records_in: f64,
    records_out: f64,
}

impl<'a> Flows<'a> {
    pub(super) fn new(topology: &'a JobTopology, history: &'a MetricHistory) -> Self {
        let rates = (0..topology.vertices().len()).map(|index| Rates {
            records_in: history.rate(ScalingMetric::NumRecordsIn, index),
            records_out: history.rate(ScalingMetric::NumRecordsOut, index),
        });
        Self { topology, history, rates: rates.collect(), done: Vec::with_capacity(topology.vertices().len()) }
    }

    /// Has vertices behind `index` go by other rates than those [`Self::of`] returned last.
    pub(super) fn replace(&mut self, index: usize, target: f64, catch_up: f64) {
        self.done[index] = (target, catch_up);
    }

    /// Target and catch-up data rate of the next vertex, records per second.
    pub(super) fn of(&mut self, index: usize, options: &JobOptions) -> Result<(f64, f64), EvaluateError> {
        let vertex = &self.topology.vertices()[index];
        let flow = if vertex.is_source() {
            let target = self.rates[index].records_in + self.history.rate(ScalingMetric::Lag, index);
            if target.is_nan() {
                return Err(EvaluateError::NoTargetRate(vertex.id));
            }
            (target.max(0.0), self.catch_up(index, options))
        } else {
            let mut sums = (0.0, 0.0);
            for edge in &vertex.inputs {
                let ratio = self.output_ratio(edge.vertex, index);
                sums.0 += self.done[edge.vertex].0 * ratio;
                sums.1 += self.done[edge.vertex].1 * ratio;
            }
            sums
        };
        // Downstream works on the rounded rates, as the reference reads them back from its evaluated metrics.
        self.done.push((crate::decimal::round3(flow.0), crate::decimal::round3(flow.1)));
        Ok(flow)
    }

    fn catch_up(&self, index: usize, options: &JobOptions) -> f64 {
        let seconds = whole_seconds(options.catch_up_duration);
        if seconds == 0.0 {
            return 0.0;
        }
        self.history.last(ScalingMetric::Lag, index).unwrap_or(f64::NAN) / seconds
    }

    /// Records that `from` sends to `to` for each record it reads.
    fn output_ratio(&self, from: usize, to: usize) -> f64 {
        let (carried, read) = (self.edge_rate(from, to), self.rates[from].records_in);
        if carried > 0.0 && read > 0.0 { carried / read } else { 0.0 }
    }

    /// Records per second on the edge, by whichever end has only this edge on its side. Flink counts what a vertex
    /// reads and writes in all, not what each edge carries.
    fn edge_rate(&self, from: usize, to: usize) -> f64 {
        let vertices = self.topology.vertices();
        let inputs = &vertices[to].inputs;
        // The only way in: all that is read came this way, whatever else `from` writes to.
        if inputs.len() == 1 {
            return self.rates[to].records_in;
        }
        let mut others = inputs.iter().filter(|edge| edge.vertex != from);
        // The other ways in are each the only way out of where they come from: what they carry is known, and the rest
        // came this way.
        let by_others = others.try_fold(0.0, |sum, edge| {
            (vertices[edge.vertex].outputs.len() == 1).then(|| sum + self.rates[edge.vertex].records_out)
        });
        if let Some(by_others) = by_others.filter(|rate| !rate.is_nan()) {
            return self.rates[to].records_in - by_others;
        }
        // Neither end can tell: taken for what is written in all, which is right where every way out carries all of it.
        self.rates[from].records_out
    }
}
