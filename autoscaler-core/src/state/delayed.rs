//! Scale-downs that wait (algorithm 7).

use std::collections::{BTreeMap, VecDeque};

use crate::ids::VertexId;
use crate::time::Instant;

/// A parallelism that was recommended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recommendation {
    /// When.
    pub at: Instant,
    /// Which.
    pub parallelism: i32,
    /// Whether the vertex was outside its utilization band.
    pub outside_utilization_bound: bool,
}

/// The waiting scale-down of one vertex.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VertexDelay {
    /// When the waiting began.
    pub first_trigger: Instant,
    /// What was recommended since, oldest first, with falling parallelism.
    pub recommendations: VecDeque<Recommendation>,
}

impl VertexDelay {
    /// Adds a recommendation; earlier ones that are not larger can no longer be the largest and go.
    pub fn add(&mut self, recommendation: Recommendation) {
        while self.recommendations.back().is_some_and(|last| last.parallelism <= recommendation.parallelism) {
            self.recommendations.pop_back();
        }
        self.recommendations.push_back(recommendation);
    }

    /// The largest parallelism recommended at or after `start`; earlier ones go.
    pub fn largest_since(&mut self, start: Instant) -> Option<Recommendation> {
        while self.recommendations.front().is_some_and(|first| first.at < start) {
            self.recommendations.pop_front();
        }
        self.recommendations.front().copied()
    }
}

/// The waiting scale-downs of a job.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DelayedScaleDown {
    /// By vertex.
    pub vertices: BTreeMap<VertexId, VertexDelay>,
}

impl DelayedScaleDown {
    /// Records that a scale-down is wanted now, and returns the vertex's wait.
    pub fn trigger(&mut self, vertex: VertexId, recommendation: Recommendation) -> &mut VertexDelay {
        let delay = self
            .vertices
            .entry(vertex)
            .or_insert_with(|| VertexDelay { first_trigger: recommendation.at, recommendations: VecDeque::new() });
        delay.add(recommendation);
        delay
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::from_epoch_millis;
    use rstest::rstest;

    /// (second, parallelism) recommended one after the other; the window starts at a second.
    #[rstest]
    #[case(&[(0, 4), (10, 3), (20, 2)], 0, Some(4))]
    #[case(&[(0, 4), (10, 3), (20, 2)], 10, Some(3))] // the 4 is older than the window
    #[case(&[(0, 3), (10, 4), (20, 2)], 0, Some(4))] // the 3 went when the 4 came
    #[case(&[(0, 3), (10, 3)], 5, Some(3))] // the later of equals stays
    #[case(&[(0, 3)], 5, None)]
    fn the_largest_of_the_window_counts(
        #[case] wanted: &[(i64, i32)],
        #[case] start: i64,
        #[case] expected: Option<i32>,
    ) {
        let at = |second: i64| from_epoch_millis(second * 1000).unwrap();
        let mut delayed = DelayedScaleDown::default();
        let vertex = format!("{:032x}", 1).parse().unwrap();
        for (second, parallelism) in wanted {
            delayed.trigger(
                vertex,
                Recommendation { at: at(*second), parallelism: *parallelism, outside_utilization_bound: true },
            );
        }
        let delay = delayed.vertices.get_mut(&vertex).unwrap();
        assert_eq!(delay.first_trigger, at(wanted[0].0));
        assert_eq!(delay.largest_since(at(start)).map(|r| r.parallelism), expected);
    }
}
