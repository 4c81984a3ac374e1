//! What a vertex can do at a parallelism, learned from what it did: `min(ceiling, e^a * spread^b)` records per second.
//!
//! `a` drifts and `b` does not: a Kalman filter of two states on log(rate / busy) over log(spread). It is not touched by a
//! rescale, which is the point of it: what was learned before is what the next parallelism is chosen by.

use super::look::VertexLook;

/// What is known of a vertex.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Capacity {
    pub(super) a: f64,
    pub(super) b: f64,
    /// Variance of `a`, covariance, variance of `b`.
    pub(super) aa: f64,
    pub(super) ab: f64,
    pub(super) bb: f64,
    /// Records per second that it never exceeds, whatever its parallelism: an external system, a hot key, a disk. Infinite
    /// until a scale-up has done nothing.
    pub(super) ceiling: f64,
    /// When the ceiling may be tried again, seconds since the epoch.
    pub(super) until: f64,
    /// How often it was found.
    pub(super) times: i32,
}

/// Subtasks' worth of work that `parallelism` subtasks do: the fullest one sets the pace, and key groups and partitions
/// can't be split.
pub(super) fn spread(groups: i32, parallelism: i32) -> f64 {
    let parallelism = parallelism.max(1);
    if groups <= 0 {
        return f64::from(parallelism);
    }
    let fullest = groups.div_euclid(parallelism.min(groups));
    let fullest = if groups % parallelism.min(groups) == 0 { fullest } else { fullest + 1 };
    f64::from(groups) / f64::from(fullest)
}

/// What is known of a vertex after another look, `passed` seconds after the one before.
pub(super) fn learn(known: Option<Capacity>, vertex: &VertexLook, passed: f64) -> Option<Capacity> {
    let (busy, rate) = (vertex.busy, vertex.rate_in);
    if !(busy.is_finite() && rate.is_finite() && busy >= 0.1 && rate > 0.0) {
        return known;
    }
    let (y, e) = ((rate / busy).ln(), spread(vertex.groups, vertex.parallelism).ln());
    let noise = (0.05 / busy.clamp(0.2, 1.0).sqrt()).powi(2) + 0.002;
    let Some(mut c) = known else {
        let (b, bb) = (0.97, 0.05_f64.powi(2));
        let (ceiling, until, times) = (f64::INFINITY, 0.0, 0);
        return Some(Capacity { a: y - b * e, b, aa: noise + e * e * bb, ab: -e * bb, bb, ceiling, until, times });
    };
    if c.a + c.b * e > c.ceiling.ln() - 0.05 {
        // At the ceiling the curve can't be seen; the ceiling can.
        if y > c.ceiling.ln() + 0.3 {
            c.ceiling = f64::INFINITY;
        } else {
            c.ceiling *= ((y - c.ceiling.ln()) * 0.1).exp();
            return Some(c);
        }
    }
    c.aa = (c.aa + 0.01_f64.powi(2) * passed / 30.0).min(4.0);
    let (pa, pb) = (c.aa + c.ab * e, c.ab + c.bb * e);
    let s = pa + pb * e + noise;
    let residual = (y - c.a - c.b * e).clamp(-0.5, 0.5);
    let (ka, kb) = (pa / s, pb / s);
    c.a += ka * residual;
    c.b += kb * residual;
    c.aa -= ka * pa;
    c.ab -= ka * pb;
    c.bb = (c.bb - kb * pb).max(1e-6);
    if !(0.5..=1.02).contains(&c.b) {
        let old = c.b;
        c.b = c.b.clamp(0.5, 1.02);
        c.a += (old - c.b) * e;
    }
    Some(c)
}

/// A vertex that was never busy enough to learn from: it can do at least what it would at a tenth of its time.
pub(super) fn at_least(vertex: &VertexLook) -> Option<Capacity> {
    let rate = vertex.rate_in;
    let busy_for_sure = VertexLook { busy: 0.1, rate_in: rate, ..vertex.clone() };
    if vertex.busy.is_finite() && rate > 0.0 { learn(None, &busy_for_sure, 0.0) } else { None }
}

impl Capacity {
    /// Records per second of the vertex at a parallelism. `sure`: standard deviations of `b` on the safe side, for what is
    /// above the present parallelism.
    pub(super) fn at(&self, vertex: &VertexLook, parallelism: i32, sure: f64) -> f64 {
        let (e, now) = (spread(vertex.groups, parallelism).ln(), spread(vertex.groups, vertex.parallelism).ln());
        let mut m = self.a + self.b * e;
        if sure > 0.0 && e > now {
            m -= sure * self.bb.sqrt() * (e - now);
        }
        self.ceiling.min(m.exp())
    }

    /// The smallest parallelism for `goal` records per second, or the one from which on more subtasks do no more: at the
    /// ceiling, or where each key group or partition has a subtask.
    pub(super) fn smallest(&self, vertex: &VertexLook, goal: f64, sure: f64) -> i32 {
        let goal = goal.min(0.98 * self.ceiling).min(self.at(vertex, vertex.most, sure));
        let (mut low, mut high) = (vertex.least, vertex.most.max(vertex.least));
        while low < high {
            let middle = low + (high - low) / 2;
            if self.at(vertex, middle, sure) >= goal {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        low
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_subtasks_than_partitions_are_asked_for() {
        let mut vertex = VertexLook {
            id: format!("{:032x}", 1).parse().unwrap(),
            inputs: Vec::new(),
            outputs: 1,
            parallelism: 2,
            least: 1,
            most: 120,
            groups: 3,
            records_in: 0.0,
            records_out: 0.0,
            rate_in: 100.0,
            busy: 1.0,
            held_back: 0.0,
            pending: Some(0.0),
            finished: false,
        };
        let known = learn(None, &vertex, 30.0).unwrap();
        assert_eq!(known.smallest(&vertex, 1e9, 1.0), 3, "as many as there are partitions");
        vertex.groups = 0;
        assert_eq!(known.smallest(&vertex, 1e9, 1.0), 120);
        assert_eq!(Capacity { ceiling: 100.0, ..known }.smallest(&vertex, 1e9, 1.0), 2, "as many as reach the ceiling");
    }
}
