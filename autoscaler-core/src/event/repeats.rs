//! Which events are repeats of each other.

use std::borrow::Cow;

use super::{Event, EventDetail, reason};
use crate::scaling_report::ScalingReport;

impl Event {
    /// Whether it may be merged into an earlier one of its [identity](Self::identity): it has an interval, and does not say
    /// that a job was scaled, which happens each time anew.
    pub fn is_mergeable(&self) -> bool {
        self.interval.is_some()
            && (self.reason != reason::SCALING_REPORT || self.report().is_some_and(|report| report.blocked.is_some()))
    }

    /// What events of a job have in common that are repeats of each other: type, reason, and key or, where there is none,
    /// message; of a blocked scaling what it recommends, too.
    pub fn identity(&self) -> Vec<Cow<'_, str>> {
        let key = self.key.as_deref().unwrap_or(&self.message);
        let mut parts = vec![self.event_type.name().into(), self.reason.as_ref().into(), key.into()];
        parts.extend(self.report().and_then(|report| recommended(&report)).map(Cow::Owned));
        parts
    }

    /// What a scaling report says, by its detail or by its text.
    fn report(&self) -> Option<Cow<'_, ScalingReport>> {
        match &self.detail {
            EventDetail::ScalingReport(report) => Some(Cow::Borrowed(report)),
            _ if self.reason == reason::SCALING_REPORT => self.message.parse().ok().map(Cow::Owned),
            _ => None,
        }
    }
}

/// What a blocked scaling recommends as a text, whatever the order of its vertices; none for one that was carried out.
fn recommended(report: &ScalingReport) -> Option<String> {
    report.blocked.as_ref()?;
    let mut vertices: Vec<_> = report.vertices.iter().map(|vertex| (vertex.vertex, vertex.to)).collect();
    vertices.sort_unstable();
    Some(vertices.iter().map(|(vertex, parallelism)| format!("{vertex}={parallelism},")).collect())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const BLOCKED: &str = "Scaling execution disabled by config a:b, recommended parallelism change:";
    const CARRIED_OUT: &str = "Scaling execution enabled, begin scaling vertices:";

    fn text(header: &str, to: i32, rate: &str) -> String {
        format!(
            "{header}{{ Vertex ID ea632d67b7d595e5b851708ae9ad79d6 | Parallelism 1 -> {to} | Processing capacity {rate} -> 2.00 | Target data rate 1.00}}"
        )
    }

    /// An event that is nothing but its text.
    fn plain(header: &str, to: i32, rate: &str) -> Event {
        Event::normal(reason::SCALING_REPORT, text(header, to, rate))
            .with_key("ScalingExecutor")
            .merged_within(Duration::from_secs(60))
    }

    fn typed(header: &str, to: i32, rate: &str) -> Event {
        Event::scaling_report(text(header, to, rate).parse().unwrap())
            .with_key("ScalingExecutor")
            .merged_within(Duration::from_secs(60))
    }

    #[test]
    fn blocked_scalings_have_an_identity_for_each_recommendation() {
        let first = typed(BLOCKED, 2, "1.00");
        assert_eq!(first.identity(), typed(BLOCKED, 2, "1.10").identity(), "another rate");
        assert_ne!(first.identity(), typed(BLOCKED, 3, "1.00").identity(), "another parallelism");
        assert_eq!(first.identity(), plain(BLOCKED, 2, "1.00").identity(), "by its text");
        assert_ne!(first.identity(), typed(CARRIED_OUT, 2, "1.00").identity());
    }

    #[test]
    fn only_what_did_not_happen_is_merged() {
        assert!(typed(BLOCKED, 2, "1.00").is_mergeable() && plain(BLOCKED, 2, "1.00").is_mergeable());
        assert!(!typed(CARRIED_OUT, 2, "1.00").is_mergeable() && !plain(CARRIED_OUT, 2, "1.00").is_mergeable());
        assert!(Event::warning("X", "x").merged_within(Duration::from_secs(60)).is_mergeable());
        assert!(!Event::warning("X", "x").is_mergeable(), "no interval");
        let garbled = Event::normal(reason::SCALING_REPORT, "?").merged_within(Duration::from_secs(60));
        assert!(!garbled.is_mergeable(), "nobody knows whether it happened");
    }
}
