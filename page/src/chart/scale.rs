//! Round values and times to write at a chart's edges.

use autoscaler_core::time::Instant;
use chrono::{DateTime, TimeDelta};

/// Values from 0 to a round one.
#[derive(Debug, PartialEq)]
pub(super) struct Scale {
    step: f64,
    steps: u32,
    pub(super) top: f64,
}

impl Scale {
    /// Two to five steps of 1, 2 or 5 times a power of ten.
    pub(super) fn up_to(most: f64) -> Self {
        let most = if most > 0.0 && most.is_finite() { most } else { 1.0 };
        let power = 10f64.powf((most / 5.0).log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0].map(|factor| factor * power).into_iter().find(|step| step * 5.0 >= most);
        let step = step.unwrap_or(power * 10.0);
        let steps = (1..5).find(|steps| f64::from(*steps) * step >= most).unwrap_or(5);
        Self { step, steps, top: f64::from(steps) * step }
    }

    pub(super) fn values(&self) -> impl Iterator<Item = f64> {
        (0..=self.steps).map(|index| f64::from(index) * self.step)
    }
}

/// Minutes between two times that are written.
const APART: [i64; 11] = [1, 2, 5, 10, 15, 30, 60, 120, 180, 240, 360];
const MOST_TIMES: i64 = 8;

/// Round times within a span.
pub(super) fn times(from: Instant, to: Instant) -> Vec<Instant> {
    let minutes = (to - from).num_minutes().max(1);
    let apart = APART.into_iter().find(|apart| minutes / apart < MOST_TIMES).unwrap_or(720) * 60;
    let first = from.timestamp().div_euclid(apart) * apart + apart;
    let last = to - TimeDelta::seconds(apart / 8);
    let all = (0..=MOST_TIMES).filter_map(|index| DateTime::from_timestamp(first + index * apart, 0));
    all.take_while(|at| *at <= last).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_round_and_reach_the_most() {
        for (most, top, count) in [
            (0.0, 1.0, 6),
            (1.0, 1.0, 6),
            (1.2, 1.5, 4),
            (7.0, 8.0, 5),
            (999.0, 1000.0, 6),
            (1e9, 1e9, 6),
            (12.0, 15.0, 4),
        ] {
            let scale = Scale::up_to(most);
            assert_eq!((scale.top, scale.values().count()), (top, count), "{most}: {scale:?}");
        }
        assert_eq!(Scale::up_to(f64::INFINITY), Scale::up_to(1.0));
    }

    #[test]
    fn times_are_round() {
        let at = |second: i64| DateTime::from_timestamp(second, 0).unwrap();
        let written =
            |from, to| times(at(from), at(to)).iter().map(|at| at.format("%H:%M").to_string()).collect::<Vec<_>>();
        assert_eq!(written(7, 900), ["00:02", "00:04", "00:06", "00:08", "00:10", "00:12", "00:14"]);
        assert_eq!(written(60, 86_400), ["03:00", "06:00", "09:00", "12:00", "15:00", "18:00", "21:00"]);
        assert_eq!(written(0, 5), Vec::<String>::new());
    }
}
