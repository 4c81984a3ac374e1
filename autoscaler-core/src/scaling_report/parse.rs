//! Reading a report's text.

use std::str::FromStr;

use super::{Blocked, DISABLED, ENABLED, RECOMMENDED, ScalingReport, VertexScaling};

/// A text that is no scaling report.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a scaling report: expected {expected} at '{found}'")]
pub struct InvalidReport {
    expected: &'static str,
    /// The text from there on, cut.
    found: String,
}

/// What is left of the text.
struct Rest<'a>(&'a str);

impl<'a> Rest<'a> {
    fn wrong(&self, expected: &'static str) -> InvalidReport {
        InvalidReport { expected, found: self.0.chars().take(60).collect() }
    }

    /// Passes over a literal; white space before it does not matter.
    fn pass(&mut self, literal: &'static str) -> Result<(), InvalidReport> {
        self.0 = self.0.trim_start();
        self.0 = self.0.strip_prefix(literal).ok_or_else(|| self.wrong(literal))?;
        Ok(())
    }

    /// Everything up to a literal, which is passed over.
    fn until(&mut self, literal: &'static str) -> Result<&'a str, InvalidReport> {
        let (before, after) = self.0.split_once(literal).ok_or_else(|| self.wrong(literal))?;
        self.0 = after;
        Ok(before)
    }

    /// A word of letters, digits, dots and signs, read as a `T`.
    fn word<T: FromStr>(&mut self, expected: &'static str) -> Result<T, InvalidReport> {
        self.0 = self.0.trim_start();
        let end = self.0.find(|c: char| !(c.is_ascii_alphanumeric() || ".-+".contains(c))).unwrap_or(self.0.len());
        let (word, after) = self.0.split_at(end);
        let value = word.parse().map_err(|_| self.wrong(expected))?;
        self.0 = after;
        Ok(value)
    }

    fn vertex(&mut self) -> Result<VertexScaling, InvalidReport> {
        self.pass("{")?;
        self.pass("Vertex ID")?;
        let vertex = self.word("a vertex id of 32 hexadecimal digits")?;
        self.pass("|")?;
        self.pass("Parallelism")?;
        let from = self.word("a parallelism")?;
        self.pass("->")?;
        let to = self.word("a parallelism")?;
        self.pass("|")?;
        self.pass("Processing capacity")?;
        let capacity = self.word("a rate")?;
        self.pass("->")?;
        let expected_capacity = self.word("a rate")?;
        self.pass("|")?;
        self.pass("Target data rate")?;
        let target_data_rate = self.word("a rate")?;
        self.pass("}")?;
        Ok(VertexScaling { vertex, from, to, capacity, expected_capacity, target_data_rate })
    }
}

impl FromStr for ScalingReport {
    type Err = InvalidReport;

    fn from_str(text: &str) -> Result<Self, InvalidReport> {
        let mut rest = Rest(text.trim());
        let mut report = Self::default();
        if rest.0.starts_with(DISABLED) {
            rest.pass(DISABLED)?;
            // Values may have colons in them, keys have none.
            let key = rest.until(":")?.to_owned();
            let value = rest.until(RECOMMENDED)?.to_owned();
            report.blocked = Some(Blocked { key, value });
        } else {
            rest.pass(ENABLED)?;
        }
        while !rest.0.trim_start().is_empty() {
            report.vertices.push(rest.vertex()?);
        }
        Ok(report)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    const VERTEX: &str = "{ Vertex ID ea632d67b7d595e5b851708ae9ad79d6 | Parallelism 8 -> 25 | Processing capacity 74.17 -> Infinity | Target data rate NaN}";

    #[rstest]
    #[case("Scaling execution enabled, begin scaling vertices:")]
    #[case(
        "Scaling execution disabled by config job.autoscaler.scaling.enabled:false, recommended parallelism change:"
    )]
    #[case(
        "Scaling execution disabled by config job.autoscaler.excluded.periods:[9:00-10:00, * * 9-11 * * ?], recommended parallelism change:"
    )]
    fn what_is_written_is_read(#[case] header: &str) {
        let text = format!("{header}{VERTEX}{VERTEX}");
        let report: ScalingReport = text.parse().unwrap();
        assert_eq!(report.vertices.len(), 2);
        assert!(report.vertices[1].expected_capacity.is_infinite() && report.vertices[1].target_data_rate.is_nan());
        assert_eq!(report.to_string(), text);
    }

    #[test]
    fn the_option_that_blocks_is_told() {
        let text = "Scaling execution disabled by config job.autoscaler.excluded.periods:[9:00-10:00], recommended parallelism change:";
        let blocked = text.parse::<ScalingReport>().unwrap().blocked.unwrap();
        assert_eq!((blocked.key.as_str(), blocked.value.as_str()), ("job.autoscaler.excluded.periods", "[9:00-10:00]"));
    }

    #[rstest]
    #[case("", "Scaling execution enabled")]
    #[case("Scaling execution disabled by config a:b", "recommended parallelism change")]
    #[case("Scaling execution enabled, begin scaling vertices:{ Vertex ID 12 | ", "32 hexadecimal digits")]
    #[case(
        "Scaling execution enabled, begin scaling vertices:{ Vertex ID ea632d67b7d595e5b851708ae9ad79d6 | Parallelism x",
        "a parallelism"
    )]
    #[case("Scaling execution enabled, begin scaling vertices: and more", "expected {")]
    fn what_is_wrong_is_told(#[case] text: &str, #[case] expected: &str) {
        let error = text.parse::<ScalingReport>().unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
}
