//! Which events are repeats of each other.

use std::borrow::Cow;

use autoscaler_core::event::reason;
use autoscaler_core::scaling_report::ScalingReport;
use autoscaler_core::{Event, EventDetail, JobKey};
use sha2::{Digest, Sha256};

/// The key under which repeats of an event are found: the same for the same job, type, reason and key (or message,
/// where it has none), in this process and every other. Blocked scalings have one for each recommendation.
pub(crate) fn event_key(job: &JobKey, event: &Event) -> String {
    let mut hash = Sha256::new();
    let key = event.key.as_deref().unwrap_or(&event.message);
    let recommended = report(event).and_then(|report| recommended(&report));
    let parts = [job.as_str(), event.event_type.name(), &event.reason, key];
    for part in parts.into_iter().chain(recommended.as_deref()) {
        // The length keeps "ab", "c" and "a", "bc" apart.
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// Whether an event may be merged into an earlier one of its key: within its interval, and unless it says that a job was
/// scaled, which happens each time anew.
pub(crate) fn is_mergeable(event: &Event) -> bool {
    event.interval.is_some()
        && (event.reason != reason::SCALING_REPORT || report(event).is_some_and(|report| report.blocked.is_some()))
}

/// What a scaling report says, by its detail or by its text.
fn report(event: &Event) -> Option<Cow<'_, ScalingReport>> {
    match &event.detail {
        EventDetail::ScalingReport(report) => Some(Cow::Borrowed(report)),
        _ if event.reason == reason::SCALING_REPORT => event.message.parse().ok().map(Cow::Owned),
        _ => None,
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
    fn blocked_scalings_have_a_key_for_each_recommendation() {
        let job = JobKey::new("a");
        let key = |event: Event| event_key(&job, &event);
        assert_eq!(key(typed(BLOCKED, 2, "1.00")), key(typed(BLOCKED, 2, "1.10")), "another rate");
        assert_ne!(key(typed(BLOCKED, 2, "1.00")), key(typed(BLOCKED, 3, "1.00")), "another parallelism");
        assert_eq!(key(typed(BLOCKED, 2, "1.00")), key(plain(BLOCKED, 2, "1.00")), "by its text");
        assert_ne!(key(typed(BLOCKED, 2, "1.00")), key(typed(CARRIED_OUT, 2, "1.00")));
    }

    #[test]
    fn only_what_did_not_happen_is_merged() {
        assert!(is_mergeable(&typed(BLOCKED, 2, "1.00")) && is_mergeable(&plain(BLOCKED, 2, "1.00")));
        assert!(!is_mergeable(&typed(CARRIED_OUT, 2, "1.00")) && !is_mergeable(&plain(CARRIED_OUT, 2, "1.00")));
        assert!(is_mergeable(&Event::warning("X", "x").merged_within(Duration::from_secs(60))));
        assert!(!is_mergeable(&Event::warning("X", "x")), "no interval");
        let garbled = Event::normal(reason::SCALING_REPORT, "?").merged_within(Duration::from_secs(60));
        assert!(!is_mergeable(&garbled), "nobody knows whether it happened");
    }

    #[test]
    fn keys_tell_events_apart() {
        let (a, b) = (JobKey::new("a"), JobKey::new("b"));
        let event = Event::warning("ScalingLimited", "from 5 to 4");
        let keyed = event.clone().with_key("k");
        let other_message = Event::warning("ScalingLimited", "other").with_key("k");
        assert_eq!(event_key(&a, &event), event_key(&a, &event.clone()));
        assert_ne!(event_key(&a, &event), event_key(&b, &event));
        assert_ne!(event_key(&a, &event), event_key(&a, &keyed));
        assert_eq!(event_key(&a, &keyed), event_key(&a, &other_message));
        // The same in every build: rows of earlier processes are found by it.
        assert_eq!(event_key(&a, &keyed), "21ba0cac39b57e82208fc2909ce97d73");
    }
}
