//! Words of a line of what is remembered. Everything answers none where the line is not what it should be: a number that
//! is no finite one is none.

use std::str::{FromStr, SplitAsciiWhitespace};

use crate::ids::VertexId;

/// The words of a line behind its name.
pub(super) struct Words<'a>(SplitAsciiWhitespace<'a>);

impl<'a> Words<'a> {
    /// Of a line that has to begin with a name.
    pub(super) fn of(line: &'a str, name: &str) -> Option<Self> {
        let mut words = line.split_ascii_whitespace();
        (words.next() == Some(name)).then_some(Self(words))
    }

    pub(super) fn next<T: FromStr>(&mut self) -> Option<T> {
        self.0.next()?.parse().ok()
    }

    pub(super) fn number(&mut self) -> Option<f64> {
        self.next().filter(|number: &f64| number.is_finite())
    }

    /// A word, or a dash for nothing.
    #[expect(clippy::option_option, reason = "whether it could be read, and whether there is one")]
    pub(super) fn maybe<T: FromStr>(&mut self) -> Option<Option<T>> {
        match self.0.next()? {
            "-" => Some(None),
            word => word.parse().ok().map(Some),
        }
    }

    #[expect(clippy::option_option, reason = "whether it could be read, and whether there is one")]
    pub(super) fn maybe_number(&mut self) -> Option<Option<f64>> {
        self.maybe().filter(|number: &Option<f64>| number.is_none_or(f64::is_finite))
    }

    /// Moments before `base` with a value each.
    pub(super) fn moments(self, base: i64) -> Option<Vec<(f64, f64)>> {
        let moment = |word: &str| {
            let (before, value) = word.split_once(':')?;
            let before: i64 = before.parse().ok()?;
            Some((seconds(base.saturating_sub(before)), finite(value)?))
        };
        self.0.map(moment).collect()
    }

    /// Vertices with a number each.
    pub(super) fn gains(self) -> Option<Vec<(VertexId, f64)>> {
        let gain = |word: &str| {
            let (id, gain) = word.split_once(':')?;
            Some((id.parse().ok()?, finite(gain)?))
        };
        self.0.map(gain).collect()
    }

    /// Runs of minutes, each with the first one's number and a value for each, none where that is empty.
    pub(super) fn peaks(self) -> Option<Vec<(i64, f64)>> {
        let mut peaks = Vec::new();
        for run in self.0 {
            let (first, values) = run.split_once(':')?;
            let first: i64 = first.parse().ok()?;
            for (value, offset) in values.split(',').zip(0..) {
                if !value.is_empty() {
                    peaks.push((first.checked_add(offset)?, finite(value)?));
                }
            }
        }
        Some(peaks)
    }
}

fn finite(word: &str) -> Option<f64> {
    word.parse().ok().filter(|number: &f64| number.is_finite())
}

/// Seconds since the epoch.
#[expect(clippy::cast_precision_loss, reason = "moments are far below 2^53 ms")]
pub(super) fn seconds(millis: i64) -> f64 {
    millis as f64 / 1000.0
}
