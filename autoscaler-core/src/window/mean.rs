//! Means over the window: of finite values, with a say for infinite ones.

/// The mean of the finite values of all runs. Without any: infinite if there was an infinite one, else NaN. With fewer than
/// `min_observations`: NaN (algorithm 3).
pub(super) fn mean<'a>(runs: impl Iterator<Item = &'a [f64]>, min_observations: i32) -> f64 {
    let (mut sum, mut count, mut any_infinite) = (0.0, 0i32, false);
    for run in runs {
        for value in run {
            let is_finite = value.is_finite();
            // Adding 0 instead of leaving a value out keeps the loop free of branches.
            sum += if is_finite { *value } else { 0.0 };
            count += i32::from(is_finite);
            any_infinite |= value.is_infinite();
        }
    }
    if count == 0 {
        return if any_infinite { f64::INFINITY } else { f64::NAN };
    }
    if count < min_observations { f64::NAN } else { sum / f64::from(count) }
}
