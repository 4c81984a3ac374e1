//! How much of a subtask's capacity a further subtask really brings, told from past scalings (algorithm 5).

use crate::metric::ScalingMetric as M;
use crate::options::JobOptions;
use crate::state::ScalingSummary;
use crate::time::Instant;

/// The coefficient, `coefficient-min` to 1: the least-squares slope through the origin of processing rate over
/// parallelism, relative to the rate of one subtask, rounded up to two decimals; 1 where the past can't tell.
pub(super) fn coefficient(history: &[(Instant, ScalingSummary)], options: &JobOptions) -> f64 {
    let enough = usize::try_from(options.observed_scalability_min_observations).unwrap_or(0);
    if history.len() < enough {
        return 1.0;
    }
    let Some(base) = base_rate(history) else { return 1.0 };
    let (mut weighted_rates, mut squares) = (0.0, 0.0);
    for (_, summary) in history {
        let (parallelism, rate) = parallelism_and_rate(summary);
        weighted_rates += parallelism * rate;
        squares += parallelism * parallelism;
    }
    let slope = weighted_rates / (squares * base);
    if !slope.is_finite() {
        return 1.0;
    }
    (slope.clamp(options.observed_scalability_coefficient_min, 1.0) * 100.0).ceil() / 100.0
}

fn parallelism_and_rate(summary: &ScalingSummary) -> (f64, f64) {
    (f64::from(summary.current_parallelism), summary.metrics.average(M::TrueProcessingRate))
}

/// Rate of one subtask at the smallest parallelism there was, the latest among equals; a parallelism of 1, met going
/// back in time, is as small as it gets.
fn base_rate(history: &[(Instant, ScalingSummary)]) -> Option<f64> {
    let mut smallest: Option<(f64, f64)> = None;
    for (_, summary) in history.iter().rev() {
        let (parallelism, rate) = parallelism_and_rate(summary);
        if smallest.is_none_or(|(least, _)| parallelism < least) {
            smallest = Some((parallelism, rate));
        }
        if summary.current_parallelism == 1 {
            break;
        }
    }
    smallest.map(|(parallelism, rate)| rate / parallelism)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metric::{EvaluatedMetrics, EvaluatedScalingMetric};
    use crate::options::Configuration;
    use rstest::rstest;

    /// Past (parallelism, rate) and the coefficient with at least 3 observations and a minimum of 0.5.
    #[rstest]
    #[case(&[(1, 100.0), (2, 200.0), (4, 400.0)], 1.0)] // linear
    #[case(&[(1, 100.0), (2, 180.0), (4, 320.0)], 0.83)] // (100 + 360 + 1280) / (21 * 100) = 0.8286
    #[case(&[(1, 100.0), (2, 100.0), (4, 100.0)], 0.5)] // 700 / 2100 = 0.33, at least 0.5
    #[case(&[(1, 100.0), (2, 180.0)], 1.0)] // too few
    #[case(&[(1, 100.0), (2, f64::NAN), (4, 320.0)], 1.0)] // unknown
    fn slope(#[case] past: &[(i32, f64)], #[case] expected: f64) {
        let history: Vec<_> = past
            .iter()
            .map(|(parallelism, rate)| {
                let metrics =
                    EvaluatedMetrics::from_iter([(M::TrueProcessingRate, EvaluatedScalingMetric::average(*rate))]);
                let summary = ScalingSummary { current_parallelism: *parallelism, new_parallelism: 9, metrics };
                (Instant::UNIX_EPOCH, summary)
            })
            .collect();
        let options = JobOptions::from_configuration(&Configuration::new()).unwrap();
        assert_eq!(coefficient(&history, &options), expected);
    }
}
