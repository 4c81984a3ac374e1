//! A text with places into which numbers are put.

use std::fmt::Write;
use std::time::Duration;

/// Records per second that each vertex reads.
pub(super) const RATE: f64 = 1000.0;
/// Milliseconds of a second that each subtask is busy.
pub(super) const BUSY: f64 = 700.0;
/// Subtasks of each vertex.
pub(super) const PARALLELISM: u32 = 4;

/// What is put into a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// The job's number, as its id in hex.
    Job,
    /// Records read since the job began to run.
    Records,
    /// Milliseconds that all subtasks of a vertex were busy since then.
    BusyMillis,
}

const MARKS: [(&str, Place); 3] = [("@job", Place::Job), ("@records", Place::Records), ("@busy", Place::BusyMillis)];

/// A text with places.
#[derive(Debug)]
pub(super) struct Template {
    /// Each text with the place behind it.
    pieces: Vec<(Box<str>, Place)>,
    rest: Box<str>,
}

impl Template {
    /// The text, in which `@job`, `@records` and `@busy` are places.
    pub(super) fn new(mut text: &str) -> Self {
        let mut pieces = Vec::new();
        while let Some((at, mark, place)) =
            MARKS.iter().filter_map(|(mark, place)| Some((text.find(mark)?, mark, *place))).min_by_key(|found| found.0)
        {
            pieces.push((text[..at].into(), place));
            text = &text[at + mark.len()..];
        }
        Self { pieces, rest: text.into() }
    }

    /// The text for a job that has run for some time.
    pub(super) fn fill(&self, job: u32, running_for: Duration) -> String {
        let seconds = running_for.as_secs_f64();
        let mut text = String::with_capacity(self.rest.len() + 4096);
        for (before, place) in &self.pieces {
            text.push_str(before);
            let _never_fails = match place {
                Place::Job => write!(text, "{job:032x}"),
                Place::Records => write!(text, "{:.0}", seconds * RATE),
                Place::BusyMillis => write!(text, "{:.0}", seconds * BUSY * f64::from(PARALLELISM)),
            };
        }
        text.push_str(&self.rest);
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_filled() {
        let template = Template::new("@job read @records, @records; busy @busy ms");
        let filled = template.fill(255, Duration::from_secs(2));
        assert_eq!(filled, "000000000000000000000000000000ff read 2000, 2000; busy 5600 ms");
    }
}
