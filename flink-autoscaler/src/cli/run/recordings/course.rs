//! What a job was like, in the words of pages.

use std::time::Duration;

use autoscaler::autoscaler_core::time::{Instant, after};
use autoscaler::autoscaler_core::{Observation, SlotSharing};
use autoscaler::page::{Course, Moment, Rescale};
use simulate::{Outcome, Point, seen};

/// Courses of a job over the same time.
#[derive(Debug)]
pub(super) struct Courses {
    begin: Instant,
    sharing: SlotSharing,
}

impl Courses {
    /// Of a job that was observed; none where it never was with metrics.
    pub(super) fn of(observed: &[(Instant, Observation)]) -> Option<Self> {
        let (begin, first) = observed.iter().find(|(_, seen)| seen.metrics.is_ok())?;
        let topology = &first.topology;
        let sharing = SlotSharing::of(topology).unwrap_or_else(|| SlotSharing::one_group(topology.vertices().len()));
        Some(Self { begin: *begin, sharing })
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
            slots: self.sharing.widest(point.parallelism.iter().copied()).map(f64::from).sum(),
        };
        points.iter().map(moment).collect()
    }
}

fn sum(parallelism: &[i32]) -> f64 {
    parallelism.iter().copied().map(f64::from).sum()
}
