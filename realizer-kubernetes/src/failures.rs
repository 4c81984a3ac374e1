//! Parallelisms that did a job no good, and the note by which its resource hands them on to whoever scales it next.

use std::collections::VecDeque;
use std::time::Duration;

use autoscaler_core::JobKey;
use kubernetes_api::{Overrides, Timestamp, overrides_text, read_overrides};
use serde_json::{Value, json};
use tokio::time::Instant;

/// The annotation that has the note: `{"job": KEY, "failed": [{"overrides": "VERTEX:4,…", "until": "2026-01-01T00:00:00Z"}]}`.
pub(crate) const NOTE: &str = "flink-autoscaler/not-again";
/// How long a parallelism that did a job no good is not asked for again.
pub(crate) const NOT_AGAIN: Duration = Duration::from_secs(60 * 60);
/// As many of the last are remembered.
const KEPT: usize = 4;
/// Bytes of a note, at most: all annotations of an object may have 256 KiB.
const LONGEST: usize = 32 << 10;

/// One job's, the oldest first.
#[derive(Debug, Default)]
pub(crate) struct Failures(VecDeque<Failure>);

#[derive(Debug)]
struct Failure {
    overrides: Overrides,
    until: Instant,
    is_said: bool,
}

/// Whether a parallelism may be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Nothing is known against it.
    Free,
    /// It may not, and that was said.
    NotAgain,
    /// It may not, and that is still to be said.
    Unsaid,
}

impl Failure {
    /// What is wanted is not asked for if all of it is part of what did no good.
    fn forbids(&self, wanted: &Overrides) -> bool {
        let is_same = |(vertex, parallelism)| self.overrides.get(vertex) == Some(parallelism);
        Instant::now() < self.until && !wanted.is_empty() && wanted.iter().all(is_same)
    }
}

impl Failures {
    /// Takes note that these overrides did the job no good, of which its user is told.
    pub(crate) fn add(&mut self, overrides: &Overrides) {
        self.put(Failure { overrides: overrides.clone(), until: Instant::now() + NOT_AGAIN, is_said: true });
    }

    fn put(&mut self, failure: Failure) {
        self.0.retain(|known| known.overrides != failure.overrides);
        self.0.push_back(failure);
        if self.0.len() > KEPT {
            self.0.pop_front();
        }
    }

    /// Whether these overrides are among them.
    pub(crate) fn is_known(&self, overrides: &Overrides) -> bool {
        self.0.iter().any(|failure| failure.forbids(overrides))
    }

    /// Whether what is wanted may be asked for.
    pub(crate) fn verdict(&mut self, wanted: &Overrides) -> Verdict {
        match self.0.iter_mut().find(|failure| failure.forbids(wanted)) {
            None => Verdict::Free,
            Some(failure) if failure.is_said => Verdict::NotAgain,
            Some(failure) => {
                failure.is_said = true;
                Verdict::Unsaid
            }
        }
    }

    /// The note of what is known of a job.
    pub(crate) fn note(&self, job: &JobKey, now: Timestamp) -> String {
        let standing = self.0.iter().filter(|failure| Instant::now() < failure.until);
        let entries = standing.filter_map(|failure| {
            let left = failure.until.saturating_duration_since(Instant::now());
            let until = Timestamp::from_second(now.checked_add(left).ok()?.as_second()).ok()?;
            Some(json!({"overrides": overrides_text(&failure.overrides), "until": until.to_string()}))
        });
        let mut entries: Vec<Value> = entries.collect();
        loop {
            let text = json!({"job": job.as_str(), "failed": entries}).to_string();
            if text.len() <= LONGEST || entries.is_empty() {
                return text;
            }
            entries.remove(0);
        }
    }

    /// Takes in what a note says that is new. One of another job, such as of a resource that was copied, says nothing, and
    /// neither does what can't be read.
    pub(crate) fn take_in(&mut self, note: &str, job: &JobKey, now: Timestamp) {
        let note: Value = serde_json::from_str(note).unwrap_or_default();
        if note["job"] != job.as_str() {
            return;
        }
        for entry in note["failed"].as_array().into_iter().flatten() {
            let text = |name: &str| entry[name].as_str().unwrap_or_default();
            let until = text("until").parse::<Timestamp>();
            let (Ok(overrides), Ok(until)) = (read_overrides(text("overrides")), until) else { continue };
            let Ok(left) = Duration::try_from(until.duration_since(now)) else { continue };
            let is_known = self.0.iter().any(|known| known.overrides == overrides);
            if !is_known && !left.is_zero() {
                self.put(Failure { overrides, until: Instant::now() + left.min(NOT_AGAIN), is_said: false });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::vertex;

    fn of(parallelism: i32) -> Overrides {
        Overrides::from([(vertex(1), parallelism), (vertex(2), 1)])
    }

    fn job() -> JobKey {
        JobKey::new("fd/orders/checkout/u")
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn a_note_is_read_back_for_as_long_as_it_holds() {
        let mut failures = Failures::default();
        failures.add(&of(4));
        tokio::time::advance(Duration::from_secs(600)).await;
        failures.add(&of(8));
        let note = failures.note(&job(), at("2026-01-01T10:00:00Z"));
        let entry =
            |parallelism: i32, until: &str| json!({"overrides": overrides_text(&of(parallelism)), "until": until});
        let entries = [entry(4, "2026-01-01T10:50:00Z"), entry(8, "2026-01-01T11:00:00Z")];
        assert_eq!(note, json!({"job": job().as_str(), "failed": entries}).to_string());

        let mut next = Failures::default();
        next.take_in(&note, &job(), at("2026-01-01T10:20:00Z"));
        assert_eq!(
            [4, 4, 8, 2].map(|wanted| next.verdict(&of(wanted))),
            [Verdict::Unsaid, Verdict::NotAgain, Verdict::Unsaid, Verdict::Free]
        );
        assert_eq!(next.verdict(&Overrides::new()), Verdict::Free);
        // Seen again it says nothing new.
        next.take_in(&note, &job(), at("2026-01-01T10:20:00Z"));
        assert_eq!(next.verdict(&of(4)), Verdict::NotAgain);
        tokio::time::advance(Duration::from_secs(30 * 60)).await;
        assert_eq!([4, 8].map(|wanted| next.verdict(&of(wanted))), [Verdict::Free, Verdict::NotAgain]);
        assert!(!next.note(&job(), at("2026-01-01T10:50:00Z")).contains(&overrides_text(&of(4))));
    }

    #[rstest::rstest]
    #[case::of_another(
        r#"{"job": "fd/orders/checkout/v", "failed": [{"overrides": "O", "until": "2026-01-01T11:00:00Z"}]}"#
    )]
    #[case::over(r#"{"job": "J", "failed": [{"overrides": "O", "until": "2026-01-01T10:00:00Z"}]}"#)]
    #[case::long_over(r#"{"job": "J", "failed": [{"overrides": "O", "until": "2025-01-01T10:00:00Z"}]}"#)]
    #[case::no_time(r#"{"job": "J", "failed": [{"overrides": "O", "until": 4}]}"#)]
    #[case::no_overrides(r#"{"job": "J", "failed": [{"overrides": "many", "until": "2026-01-01T11:00:00Z"}]}"#)]
    #[case::no_list(r#"{"job": "J", "failed": {"overrides": "O", "until": "2026-01-01T11:00:00Z"}}"#)]
    #[case::no_json("not again")]
    #[case::empty("")]
    fn a_note_that_says_nothing_is_none(#[case] note: &str) {
        let note = note.replace('J', job().as_str()).replace('O', &overrides_text(&of(4)));
        let mut failures = Failures::default();
        failures.take_in(&note, &job(), at("2026-01-01T10:00:00Z"));
        assert_eq!(failures.verdict(&of(4)), Verdict::Free);
    }

    #[tokio::test(start_paused = true)]
    async fn no_note_forbids_for_longer_than_a_failure_does() {
        let note = json!({"job": job().as_str(), "failed": [
            {"overrides": overrides_text(&of(4)), "until": "2099-01-01T00:00:00Z"}, 7,
        ]});
        let mut failures = Failures::default();
        failures.take_in(&note.to_string(), &job(), at("2026-01-01T10:00:00Z"));
        tokio::time::advance(NOT_AGAIN - Duration::from_secs(1)).await;
        assert_eq!(failures.verdict(&of(4)), Verdict::Unsaid);
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(failures.verdict(&of(4)), Verdict::Free);
    }

    #[test]
    fn it_is_bounded() {
        let mut failures = Failures::default();
        for parallelism in 1..=9 {
            failures.add(&of(parallelism));
        }
        assert_eq!(
            [5, 6, 9].map(|wanted| failures.verdict(&of(wanted))),
            [Verdict::Free, Verdict::NotAgain, Verdict::NotAgain]
        );
        let many = |parallelism: i32| (0..800).map(|number| (vertex(number), parallelism)).collect::<Overrides>();
        failures.add(&many(1));
        assert!(failures.note(&job(), Timestamp::UNIX_EPOCH).contains(&overrides_text(&many(1))));
        failures.add(&many(2));
        let note = failures.note(&job(), Timestamp::UNIX_EPOCH);
        assert!(note.len() <= LONGEST && note.contains(&overrides_text(&many(2))), "{}", note.len());
    }
}
