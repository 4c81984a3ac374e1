//! A load over time, and what of it has arrived when.

/// Constant loads one after the other.
#[derive(Debug)]
pub(super) struct Course {
    pub(super) name: &'static str,
    /// Seconds, and records per second in them.
    steps: &'static [(u64, u32)],
}

/// One subtask of the slow vertex manages 100 records/s less what Flink and the machine take, 70 to 95: what they begin with
/// is a load at which either policy leaves it alone.
pub(super) const COURSES: [Course; 2] = [
    Course { name: "load-x4", steps: &[(210, 60), (450, 240)] },
    Course { name: "spike", steps: &[(210, 60), (120, 300), (330, 60)] },
];

impl Course {
    /// How long it is, seconds.
    pub(super) fn seconds(&self) -> u64 {
        self.steps.iter().map(|(seconds, _)| seconds).sum()
    }

    /// Records per second at a second of the course.
    pub(super) fn rate(&self, second: f64) -> u32 {
        let mut end = 0.0;
        let mut rate = 0;
        for (span, step) in self.spans() {
            rate = step;
            end += span;
            if second < end {
                break;
            }
        }
        rate
    }

    /// Seconds that the oldest of so many waiting records has waited. Before the course there was the load it begins with.
    pub(super) fn age(&self, second: f64, waiting: f64) -> f64 {
        let starts: Vec<(f64, f64)> = self
            .spans()
            .scan(0.0, |start, (span, rate)| {
                let begins = *start;
                *start += span;
                Some((begins, f64::from(rate)))
            })
            .collect();
        let (mut left, mut from) = (waiting, second);
        for (start, rate) in starts.iter().rev().filter(|(start, _)| *start < second) {
            let arrived = (from - start) * rate;
            if arrived >= left {
                return second - (from - left / rate);
            }
            (left, from) = (left - arrived, *start);
        }
        second - from + left / starts[0].1
    }

    #[expect(clippy::cast_precision_loss, reason = "a few minutes")]
    fn spans(&self) -> impl Iterator<Item = (f64, u32)> {
        self.steps.iter().map(|(seconds, rate)| (*seconds as f64, *rate))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waits_is_as_old_as_its_arrival() {
        let course = Course { name: "", steps: &[(10, 10), (10, 40), (10, 10)] };
        let age = |second, waiting| course.age(second, waiting);
        assert_eq!((age(15.0, 0.0), age(15.0, 80.0), age(15.0, 210.0)), (0.0, 2.0, 6.0));
        assert_eq!((age(25.0, 50.0), age(25.0, 130.0), age(5.0, 70.0)), (5.0, 7.0, 7.0));
        assert_eq!((course.rate(9.0), course.rate(10.0), course.rate(29.0), course.rate(99.0)), (10, 40, 10, 10));
    }
}
