//! The key of an event's row.

use autoscaler_core::{Event, JobKey};
use sha2::{Digest, Sha256};

/// The key under which repeats of an event are found: the same for the same job and [identity](Event::identity), in this
/// process and every other.
pub(crate) fn event_key(job: &JobKey, event: &Event) -> String {
    let mut hash = Sha256::new();
    for part in std::iter::once(job.as_str().into()).chain(event.identity()) {
        // The length keeps "ab", "c" and "a", "bc" apart.
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

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

    /// The same in every build for a scaling that was blocked, too.
    #[test]
    fn a_blocked_scaling_has_the_key_of_earlier_builds() {
        let text = "Scaling execution disabled by config a:b, recommended parallelism change:{ Vertex ID \
                    ea632d67b7d595e5b851708ae9ad79d6 | Parallelism 1 -> 2 | Processing capacity 1.00 -> 2.00 | Target data rate 1.00}";
        let event = Event::scaling_report(text.parse().unwrap()).with_key("ScalingExecutor");
        assert_eq!(event_key(&JobKey::new("a"), &event), "838e0b490d3f38fba9e6b872af868fc6");
    }
}
