//! What a job came to, added up from what Flink says of it.

use serde::Serialize;
use servers::flink::JobSnapshot;

use super::course::Course;

/// Lags that are counted the seconds above of.
pub(super) const LAGS: [f64; 2] = [10.0, 60.0];

/// What a run came to.
#[derive(Debug, Default, Serialize)]
pub(super) struct Ledger {
    /// Seconds with more lag than each of [`LAGS`].
    pub(super) late: [f64; 2],
    /// The worst lag, seconds.
    pub(super) worst: f64,
    /// Restarts of the job: each rescale is one.
    pub(super) rescales: u32,
    /// Subtasks of all vertices, added up over the seconds.
    pub(super) subtask_seconds: f64,
    /// When the slow vertex was given another number of subtasks, and which.
    pub(super) steps: Vec<(f64, i64)>,
    #[serde(skip)]
    now: Now,
}

/// What was seen last.
#[derive(Debug, Default)]
struct Now {
    second: f64,
    waiting: f64,
    lag: f64,
    since: Option<i64>,
}

impl Ledger {
    /// Adds a look at a second of the course.
    pub(super) fn note(&mut self, course: &Course, second: f64, seen: &JobSnapshot) {
        let passed = second - self.now.second;
        // While it restarts nothing is read, and nobody tells what waits.
        let waiting = self.now.waiting + passed * f64::from(course.rate(second));
        self.now.waiting = seen.lag.filter(|_| seen.slow_subtasks().is_some()).unwrap_or(waiting);
        self.now.second = second;
        self.now.lag = course.age(second, self.now.waiting);
        self.worst = self.worst.max(self.now.lag);
        for (seconds, limit) in self.late.iter_mut().zip(LAGS) {
            *seconds += if self.now.lag > limit { passed } else { 0.0 };
        }
        let subtasks: i64 = seen.vertices.iter().map(|vertex| vertex.parallelism).sum();
        #[expect(clippy::cast_precision_loss, reason = "a few subtasks")]
        let subtasks = subtasks as f64;
        self.subtask_seconds += passed * subtasks;
        if let Some(since) = seen.running_since.filter(|since| self.now.since != Some(*since)) {
            self.rescales += u32::from(self.now.since.is_some());
            self.now.since = Some(since);
        }
        let slow = seen.slow().map_or(0, |vertex| vertex.parallelism);
        if slow > 0 && self.steps.last().is_none_or(|(_, last)| *last != slow) {
            self.steps.push((second.round(), slow));
        }
    }

    /// The lag as it was seen last, seconds, and the subtasks of the slow vertex.
    pub(super) fn now(&self) -> (f64, i64) {
        (self.now.lag, self.steps.last().map_or(0, |(_, subtasks)| *subtasks))
    }
}

#[cfg(test)]
mod tests {
    use servers::flink::Vertex;

    use super::super::course::COURSES;
    use super::*;

    #[test]
    fn a_rescale_and_its_lag_are_counted() {
        let seen = |since, subtasks, lag: Option<f64>| JobSnapshot {
            state: "RUNNING".to_owned(),
            vertices: vec![Vertex {
                id: "1".to_owned(),
                name: "enrich".to_owned(),
                running: if lag.is_some() { subtasks } else { 0 },
                parallelism: subtasks,
                is_source: false,
            }],
            lag,
            running_since: Some(since),
        };
        let (mut ledger, course) = (Ledger::default(), &COURSES[0]);
        for (second, seen) in [
            (1.0, seen(7, 1, Some(0.0))),
            (12.0, seen(7, 1, Some(0.0))),
            (24.0, seen(7, 2, None)),
            (25.0, seen(9, 2, Some(60.0))),
        ] {
            ledger.note(course, second, &seen);
        }
        assert_eq!((ledger.rescales, ledger.late, ledger.worst), (1, [12.0, 0.0], 12.0));
        assert_eq!((ledger.subtask_seconds, ledger.now()), (38.0, (1.0, 2)));
        assert_eq!(ledger.steps, [(1.0, 1), (24.0, 2)]);
    }
}
