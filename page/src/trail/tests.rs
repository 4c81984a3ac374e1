use super::*;

fn point(second: i64) -> Point {
    let at = time::from_epoch_millis(second * 1000).unwrap();
    let sample = Sample { target: 1.0, capacity: 2.0, low: 1.0, high: 3.0, busy: 0.5, lag: 0.0, parallelism: 1 };
    Point { at, vertices: Arc::from(["00".repeat(16).parse::<VertexId>().unwrap()]), samples: Box::from([sample]) }
}

fn trail_of(seconds: impl Iterator<Item = i64>) -> Trail {
    let mut trail = Trail::default();
    seconds.for_each(|second| trail.push(point(second)));
    trail
}

#[test]
fn two_days_take_a_hundred_points_fine_at_their_end() {
    let end = 2 * 24 * 60 * 60;
    let trail = trail_of((0..=end).step_by(10));
    let ages: Vec<i64> = trail.points.iter().map(|point| end - point.at.timestamp()).collect();
    assert!((60..130).contains(&ages.len()), "{}", ages.len());
    assert!(ages[0] <= 24 * 60 * 60 && ages[0] > 20 * 60 * 60, "{ages:?}");
    assert_eq!(ages[ages.len() - 10..], [90, 80, 70, 60, 50, 40, 30, 20, 10, 0]);
    for pair in ages.windows(2) {
        assert!(pair[0] - pair[1] <= (pair[0] / 12).max(10) + 10, "{pair:?}");
    }
}

#[test]
fn a_clock_that_is_set_back_leaves_nothing_of_the_future() {
    let trail = trail_of([10, 20, 30, 15].into_iter());
    assert_eq!(trail.points.iter().map(|point| point.at.timestamp()).collect::<Vec<_>>(), [10, 15]);
}
