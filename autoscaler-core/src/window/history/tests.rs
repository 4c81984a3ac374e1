use rstest::rstest;

use super::*;

const VERTEX: u8 = 7;

/// A history with one vertex and a value each 10 s.
fn history(metric: ScalingMetric, values: &[f64]) -> MetricHistory {
    let id = [format!("{VERTEX:032x}").parse().unwrap()];
    let mut history = MetricHistory::new();
    for (number, value) in (0..).zip(values) {
        let mut sample = VertexSample::default();
        sample.set(metric, *value);
        let at = time::from_epoch_millis(number * 10_000).unwrap();
        history.insert(at, &id, &[sample], GlobalSample::default());
    }
    history
}

#[rstest]
#[case(&[100.0, 250.0, 700.0], 30.0)] // (700 - 100) records in 20 s
#[case(&[f64::NAN, 250.0, 700.0], 45.0)] // (700 - 250) in 10 s
#[case(&[100.0, 250.0, f64::NAN], 15.0)]
#[case(&[700.0, 100.0], -60.0)]
fn rate_is_change_per_second(#[case] values: &[f64], #[case] expected: f64) {
    assert_eq!(history(ScalingMetric::NumRecordsIn, values).rate(ScalingMetric::NumRecordsIn, 0), expected);
}

#[rstest]
#[case(&[])]
#[case(&[5.0])]
#[case(&[5.0, f64::NAN])]
fn rate_needs_two_values(#[case] values: &[f64]) {
    assert!(history(ScalingMetric::Lag, values).rate(ScalingMetric::Lag, 0).is_nan());
}

#[rstest]
#[case(&[1.0, 2.0, 6.0], 1, 3.0)] // 9 / 3
#[case(&[1.0, f64::INFINITY, 6.0], 2, 3.5)] // 7 / 2
#[case(&[f64::INFINITY, f64::NAN], 2, f64::INFINITY)]
fn average_is_of_finite_values(#[case] values: &[f64], #[case] min: i32, #[case] expected: f64) {
    assert_eq!(history(ScalingMetric::Load, values).average(ScalingMetric::Load, 0, min), expected);
}

#[rstest]
#[case(&[], 1)]
#[case(&[f64::NAN], 1)]
#[case(&[1.0, f64::INFINITY], 2)] // one finite value of two wanted
fn average_may_be_unknown(#[case] values: &[f64], #[case] min: i32) {
    assert!(history(ScalingMetric::Load, values).average(ScalingMetric::Load, 0, min).is_nan());
}

#[test]
fn old_rows_are_dropped_and_the_edge_stays() {
    let mut history = history(ScalingMetric::Load, &[1.0, 2.0, 3.0]);
    history.drop_before(time::from_epoch_millis(10_000).unwrap());
    assert_eq!(history.len(), 2);
    assert_eq!(history.first_at_or_after(time::from_epoch_millis(10_001).unwrap()), time::from_epoch_millis(20_000));
}

#[test]
fn rows_follow_a_change_of_vertices() {
    let mut history = history(ScalingMetric::Load, &[1.0]);
    let other: VertexId = format!("{:032x}", 1).parse().unwrap();
    let first = history.vertices()[0];
    let samples = vec![VertexSample::default(); 2];
    history.insert(time::from_epoch_millis(20_000).unwrap(), &[other, first], &samples, GlobalSample::default());
    let row: Vec<_> = history.rows().next().unwrap().vertices().collect();
    assert_eq!((row[1].0, row[1].1.get(ScalingMetric::Load)), (first, Some(1.0)));
    assert_eq!((row[0].0, row[0].1.get(ScalingMetric::Load)), (other, None));
}

/// A value that is NaN was collected, one that is not there was not; both are unknown to a mean.
#[test]
fn absent_and_unknown_are_told_apart() {
    let id = [format!("{VERTEX:032x}").parse().unwrap()];
    let mut history = MetricHistory::new();
    let mut sample = VertexSample::default();
    sample.set(ScalingMetric::Load, f64::NAN);
    let mut global = GlobalSample::default();
    global.set(ScalingMetric::GcPressure, 0.25);
    history.insert(time::from_epoch_millis(0).unwrap(), &id, &[sample], global);
    history.insert(time::from_epoch_millis(10_000).unwrap(), &id, &[VertexSample::default()], GlobalSample::default());
    let rows: Vec<_> = history.rows().collect();
    assert!(rows[0].vertices().next().unwrap().1.get(ScalingMetric::Load).unwrap().is_nan());
    assert!(rows[1].vertices().next().unwrap().1.is_empty() && rows[1].global().is_empty());
    assert_eq!(history.last(ScalingMetric::Load, 0), None);
    assert_eq!(history.global_average(ScalingMetric::GcPressure), 0.25);
    assert!(history.global_last(ScalingMetric::GcPressure).is_nan());
    assert!(rows[0] == rows[0] && rows[0] != rows[1]);
}

#[test]
fn an_observation_of_the_same_instant_is_replaced() {
    let mut history = history(ScalingMetric::Load, &[1.0, 2.0]);
    let id = [history.vertices()[0]];
    history.insert(time::from_epoch_millis(0).unwrap(), &id, &[VertexSample::default()], GlobalSample::default());
    assert_eq!((history.len(), history.average(ScalingMetric::Load, 0, 1)), (2, 2.0));
}

/// Five vertices, one of them a source, and 90 observations that came and went.
#[test]
fn a_window_takes_few_bytes() {
    let ids: Vec<VertexId> = (1..=5).map(|id| format!("{id:032x}").parse().unwrap()).collect();
    let mut samples = vec![VertexSample::default(); 5];
    for (index, sample) in samples.iter_mut().enumerate() {
        for metric in &ScalingMetric::ALL[..VERTEX_METRICS] {
            let is_collected = match metric {
                ScalingMetric::Lag | ScalingMetric::ObservedTpr => index == 0,
                ScalingMetric::NumRecordsInPerSecond => index > 0,
                _ => true,
            };
            if is_collected {
                sample.set(*metric, 1.5);
            }
        }
    }
    let mut global = GlobalSample::default();
    for metric in &ScalingMetric::ALL[VERTEX_METRICS..VERTEX_METRICS + GLOBAL_METRICS] {
        global.set(*metric, 0.5);
    }
    let mut history = MetricHistory::new();
    for row in 0..300 {
        history.insert(time::from_epoch_millis(row * 10_000).unwrap(), &ids, &samples, global);
        history.drop_before(time::from_epoch_millis((row - 89) * 10_000).unwrap());
    }
    assert_eq!(history.len(), 90);
    // 6 columns of the source, 5 of each other vertex and 6 of the cluster, of 8 bytes each: 23 kB.
    assert!(history.heap_bytes() < 27_000, "{} bytes", history.heap_bytes());
}
