//! Which events are repeats of each other.

use std::collections::BTreeMap;

use autoscaler_core::event::reason;
use autoscaler_core::scaling_report::ScalingReport;
use autoscaler_core::{Event, JobKey, VertexId};
use sha2::{Digest, Sha256};

/// The key under which repeats of an event are found: the same for the same job, type, reason and key (or message,
/// where it has none), in this process and every other.
pub(crate) fn event_key(job: &JobKey, event: &Event) -> String {
    let mut hash = Sha256::new();
    for part in [job.as_str(), event.event_type.name(), event.reason, event.key.as_deref().unwrap_or(&event.message)] {
        // The length keeps "ab", "c" and "a", "bc" apart.
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// Whether an event may be merged into one that was told before with `earlier` as its message.
pub(crate) fn is_repeat_of(event: &Event, earlier: &str) -> bool {
    if event.reason != reason::SCALING_REPORT {
        return true;
    }
    match (recommended(&event.message), recommended(earlier)) {
        (Some(now), Some(then)) => now == then,
        _ => false,
    }
}

/// What a blocked scaling recommends; none for one that was carried out.
fn recommended(message: &str) -> Option<BTreeMap<VertexId, i32>> {
    let report: ScalingReport = message.parse().ok()?;
    report.blocked?;
    Some(report.vertices.into_iter().map(|vertex| (vertex.vertex, vertex.to)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(header: &str, to: i32, rate: &str) -> Event {
        let message = format!(
            "{header}{{ Vertex ID ea632d67b7d595e5b851708ae9ad79d6 | Parallelism 1 -> {to} | Processing capacity {rate} -> 2.00 | Target data rate 1.00}}"
        );
        Event { key: Some("ScalingExecutor".to_owned()), ..Event::warning(reason::SCALING_REPORT, message) }
    }

    #[test]
    fn blocked_scalings_are_merged_while_they_recommend_the_same() {
        let blocked = "Scaling execution disabled by config a:b, recommended parallelism change:";
        let carried_out = "Scaling execution enabled, begin scaling vertices:";
        let first = report(blocked, 2, "1.00");
        assert!(is_repeat_of(&report(blocked, 2, "1.10"), &first.message));
        assert!(!is_repeat_of(&report(blocked, 3, "1.00"), &first.message));
        assert!(!is_repeat_of(&report(carried_out, 2, "1.00"), &first.message));
        let scaled = report(carried_out, 2, "1.00");
        assert!(!is_repeat_of(&scaled, &scaled.message));
    }

    #[test]
    fn keys_tell_events_apart() {
        let (a, b) = (JobKey::new("a"), JobKey::new("b"));
        let event = Event::warning("ScalingLimited", "from 5 to 4");
        let keyed = Event { key: Some("k".to_owned()), ..event.clone() };
        assert_eq!(event_key(&a, &event), event_key(&a, &event.clone()));
        assert_ne!(event_key(&a, &event), event_key(&b, &event));
        assert_ne!(event_key(&a, &event), event_key(&a, &keyed));
        assert_eq!(event_key(&a, &keyed), event_key(&a, &Event { message: "other".to_owned(), ..keyed.clone() }));
        // The same in every build: rows of earlier processes are found by it.
        assert_eq!(event_key(&a, &keyed), "21ba0cac39b57e82208fc2909ce97d73");
    }
}
