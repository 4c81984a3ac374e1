//! What a course came to.

use super::{Course, Moment};

/// Seconds of lag that count.
const LAGS: f64 = 60.0;

/// What a course came to, in figures.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Figures {
    pub(crate) rescales: usize,
    pub(crate) slot_hours: f64,
    /// Minutes in which the worst source lagged by more than a minute; NaN where no lag is known.
    pub(crate) lag_minutes: f64,
    /// Seconds that it lagged at worst; NaN where no lag is known.
    pub(crate) worst_lag: f64,
}

impl Figures {
    /// Slots are taken until the next moment. What lags at a moment has lagged since the one before it: while a job restarts there is none.
    pub(crate) fn of(course: &Course) -> Self {
        let pairs = || course.moments.windows(2).filter_map(|pair| <&[Moment; 2]>::try_from(pair).ok());
        let hours = |[before, after]: &[Moment; 2]| (after.at - before.at).as_seconds_f64() / 3600.0;
        let lags = || course.moments.iter().map(|moment| moment.lag);
        let late: f64 = pairs().filter(|[_, after]| after.lag > LAGS).map(|pair| 60.0 * hours(pair)).sum();
        Self {
            rescales: course.rescales.len(),
            slot_hours: pairs().map(|pair| pair[0].slots * hours(pair)).sum(),
            lag_minutes: if lags().all(f64::is_nan) { f64::NAN } else { late },
            worst_lag: lags().fold(f64::NAN, f64::max),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recorded::Rescale;
    use autoscaler_core::time::from_epoch_millis;

    fn course(moments: &[(i64, f64, f64)]) -> Course {
        let moment = |(minute, lag, slots): &(i64, f64, f64)| {
            let at = from_epoch_millis(minute * 60_000).unwrap();
            Moment { at, load: 1.0, lag: *lag, subtasks: 9.0, slots: *slots }
        };
        Course { moments: moments.iter().map(moment).collect(), rescales: Vec::new() }
    }

    #[test]
    fn slots_are_taken_until_the_next_moment_and_lag_has_been_since_the_last() {
        let mut seen = course(&[(0, 5.0, 2.0), (30, 61.0, 4.0), (40, f64::NAN, 4.0), (50, 59.0, 6.0)]);
        seen.rescales.push(Rescale { at: seen.moments[1].at, from: 1.0, to: 2.0, why: String::new() });
        let figures = Figures::of(&seen);
        assert_eq!((figures.rescales, figures.lag_minutes, figures.worst_lag), (1, 30.0, 61.0));
        assert!((figures.slot_hours - (2.0 * 30.0 + 4.0 * 20.0) / 60.0).abs() < 1e-9, "{figures:?}");
    }

    #[test]
    fn a_lag_that_nobody_told_is_not_known() {
        let figures = Figures::of(&course(&[(0, f64::NAN, 2.0), (30, f64::NAN, 4.0)]));
        assert!(figures.lag_minutes.is_nan() && figures.worst_lag.is_nan(), "{figures:?}");
        assert_eq!(Figures::of(&Course::default()).rescales, 0);
    }
}
