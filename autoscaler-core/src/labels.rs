//! What else is known of where a cluster runs.

use std::fmt;
use std::sync::Arc;

/// Letters of a value that are kept: what is told in each log line and each series is short.
const LETTERS: usize = 80;

/// Facts about a cluster for people and their queries, beside its name: `queue` and `root.stream`, say. A few pairs; they may be others
/// tomorrow, and nothing is decided by them. Shared, so cheap to clone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Labels(Arc<[(&'static str, String)]>);

impl Labels {
    /// These facts, in this order. A name is a word of lower-case letters and `_`, as a metric's label must be, and not `cluster`; of values the first 80
    /// letters count, without control characters.
    pub fn new(pairs: impl IntoIterator<Item = (&'static str, String)>) -> Self {
        let plain = |value: String| value.chars().filter(|letter| !letter.is_control()).take(LETTERS).collect();
        Self(pairs.into_iter().map(|(name, value)| (name, plain(value))).collect())
    }

    /// Names and values.
    pub fn pairs(&self) -> &[(&'static str, String)] {
        &self.0
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// `queue=root.stream user=etl`.
impl fmt::Display for Labels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut between = "";
        for (name, value) in self.pairs() {
            write!(f, "{between}{name}={value}")?;
            between = " ";
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_short_and_plain() {
        let labels = Labels::new([("queue", "root.stream".to_owned()), ("user", format!("e\ntl{}", "x".repeat(200)))]);
        assert_eq!(labels.to_string(), format!("queue=root.stream user=etl{}", "x".repeat(LETTERS - 3)));
        assert!(Labels::default().is_empty() && Labels::default().to_string().is_empty());
    }
}
