//! What a job was like, in the words of pages.

use std::collections::BTreeMap;
use std::time::Duration;

use autoscaler::autoscaler_core::Observation;
use autoscaler::autoscaler_core::time::{Instant, after};
use autoscaler::page::{Course, Moment, Rescale};
use simulate::{Outcome, Point, seen};

/// Courses of a job over the same time.
#[derive(Debug)]
pub(super) struct Courses {
    begin: Instant,
    /// The slot sharing group of each vertex, as a number: its vertices share slots.
    groups: Vec<usize>,
}

impl Courses {
    /// Of a job that was observed; none where it never was with metrics.
    pub(super) fn of(observed: &[(Instant, Observation)]) -> Option<Self> {
        let (begin, first) = observed.iter().find(|(_, seen)| seen.metrics.is_ok())?;
        let mut numbers = BTreeMap::new();
        let groups = first.topology.vertices().iter().map(|vertex| {
            let next = numbers.len();
            *numbers.entry(vertex.slot_sharing_group.as_deref()).or_insert(next)
        });
        Some(Self { begin: *begin, groups: groups.collect() })
    }

    /// As it was.
    pub(super) fn seen(&self, observed: &[(Instant, Observation)]) -> Course {
        let points = seen(observed);
        let pairs = points.iter().zip(points.iter().skip(1));
        let changes = pairs.filter(|(before, after)| before.parallelism != after.parallelism);
        let rescale = |(before, after): (&Point, &Point)| Rescale {
            at: self.at(after.minute),
            from: sum(&before.parallelism),
            to: sum(&after.parallelism),
            why: String::new(),
        };
        Course { rescales: changes.map(rescale).collect(), moments: self.moments(&points) }
    }

    /// As it was simulated.
    pub(super) fn simulated(&self, outcome: &Outcome) -> Course {
        let rescale = |rescale: &simulate::Rescale| Rescale {
            at: self.at(rescale.minute),
            from: sum(&rescale.from),
            to: sum(&rescale.to),
            why: rescale.reason.clone(),
        };
        Course { rescales: outcome.rescales.iter().map(rescale).collect(), moments: self.moments(&outcome.points) }
    }

    fn at(&self, minute: f64) -> Instant {
        after(self.begin, Duration::try_from_secs_f64(minute * 60.0).unwrap_or_default())
    }

    fn moments(&self, points: &[Point]) -> Vec<Moment> {
        let moment = |point: &Point| Moment {
            at: self.at(point.minute),
            load: point.load,
            lag: point.lag,
            subtasks: sum(&point.parallelism),
            slots: self.slots(&point.parallelism),
        };
        points.iter().map(moment).collect()
    }

    /// Each group takes as many slots as its widest vertex has subtasks.
    fn slots(&self, parallelism: &[i32]) -> f64 {
        let mut widest = vec![0; self.groups.len()];
        for (group, subtasks) in self.groups.iter().zip(parallelism) {
            widest[*group] = (*subtasks).max(widest[*group]);
        }
        sum(&widest)
    }
}

fn sum(parallelism: &[i32]) -> f64 {
    parallelism.iter().copied().map(f64::from).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vertices_of_a_group_share_slots() {
        let courses = Courses { begin: Instant::UNIX_EPOCH, groups: vec![0, 1, 0] };
        assert_eq!((courses.slots(&[2, 3, 5]), courses.slots(&[])), (8.0, 0.0));
    }
}
