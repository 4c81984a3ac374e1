//! What a vertex can do, as a curve over its parallelism, from what it was seen to do.

use crate::scenario::Vertex;

/// A vertex that is less busy than this says little about what it could do.
const BUSY: f64 = 0.05;
/// What is assumed of a vertex that was never busy: it does what it did in a tenth of its time.
const IDLE: f64 = 0.1;

/// What a vertex did at a moment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen {
    pub(super) parallelism: i32,
    /// Records per second.
    pub(super) rate: f64,
    /// Share of its time that the busiest subtask worked.
    pub(super) busy: f64,
}

/// Capacity = rate x spread^exponent, records per second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Curve {
    pub(super) rate: f64,
    pub(super) exponent: f64,
}

impl Curve {
    /// The line of least squares through logarithms, where parallelisms differ; else in proportion.
    pub(super) fn of(vertex: &Vertex, seen: &[Seen]) -> Self {
        // Of a vertex of which a subtask does one record per second, the capacity is its spread.
        let spread = |parallelism: i32| vertex.capacity(parallelism).ln();
        let busy = seen.iter().filter(|seen| seen.busy >= BUSY && seen.rate > 0.0);
        let points: Vec<(f64, f64)> =
            busy.map(|seen| (spread(seen.parallelism), (seen.rate / seen.busy).ln())).collect();
        if points.is_empty() {
            let each = seen.iter().map(|seen| seen.rate / f64::from(seen.parallelism)).filter(|rate| rate.is_finite());
            return Self { rate: each.fold(0.0, f64::max).max(1.0) / IDLE, exponent: 1.0 };
        }
        let count = f64::from(u32::try_from(points.len()).unwrap_or(u32::MAX));
        let (mean_x, mean_y) =
            points.iter().fold((0.0, 0.0), |(x, y), point| (x + point.0 / count, y + point.1 / count));
        let (mut squares, mut products) = (0.0, 0.0);
        for (x, y) in &points {
            squares += (x - mean_x).powi(2);
            products += (x - mean_x) * (y - mean_y);
        }
        let exponent = if squares / count > 0.01 { (products / squares).clamp(0.5, 1.0) } else { 1.0 };
        Self { rate: (mean_y - exponent * mean_x).exp(), exponent }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_done_per_busy_second_is_what_can_be_done() {
        let vertex = Vertex::new("v", &["u"], 1.0);
        let at = |parallelism: i32, busy: f64, exponent: f64| Seen {
            parallelism,
            busy,
            rate: busy * 100.0 * f64::from(parallelism).powf(exponent),
        };
        let curve = Curve::of(&vertex, &[at(4, 0.2, 1.0), at(4, 0.9, 1.0), at(4, 0.01, 0.1)]);
        assert!((curve.rate - 100.0).abs() < 1e-6 && curve.exponent == 1.0, "{curve:?}");
        let curve = Curve::of(&vertex, &[at(2, 0.5, 0.8), at(4, 0.7, 0.8), at(16, 0.3, 0.8)]);
        assert!((curve.rate - 100.0).abs() < 1e-6 && (curve.exponent - 0.8).abs() < 1e-9, "{curve:?}");
        let idle = Curve::of(&vertex, &[Seen { parallelism: 2, rate: 8.0, busy: 0.0 }]);
        assert_eq!(idle, Curve { rate: 40.0, exponent: 1.0 });
    }
}
