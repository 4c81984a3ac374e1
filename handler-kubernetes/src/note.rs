//! An event as it is to be kept.

use std::time::Duration;

use autoscaler_core::time::Instant;
use autoscaler_core::{Event, JobAutoScalerContext, JobKey};
use kubernetes_api::{ResourceRef, is_name};
use sha2::{Digest, Sha256};

/// Bytes of a message, at most: a longer one is cut off, and says so at its end.
pub const MESSAGE_BYTES: usize = 8192;
/// Bytes of a resource's name that the name of its event begins with, at most: 253 less a point and a hash.
const NAME_BYTES: usize = 220;
/// Characters of a reason, at most.
const REASON_CHARS: usize = 128;

/// An event of a resource, with those repeats of it that nobody else tells of.
#[derive(Clone, Debug)]
pub(crate) struct Note {
    /// The number of the first event in it, counted from 1.
    pub(crate) number: u64,
    pub(crate) job: JobKey,
    /// What it is about.
    pub(crate) resource: ResourceRef,
    /// Of the event's object: the same for repeats, in this process and every other; of one that is never merged its own.
    pub(crate) name: String,
    pub(crate) event_type: &'static str,
    pub(crate) reason: String,
    /// The latest.
    pub(crate) message: String,
    pub(crate) first: Instant,
    pub(crate) last: Instant,
    pub(crate) count: i32,
    /// Span in which repeats need not be written one by one; none: it is merged with nothing.
    pub(crate) interval: Option<Duration>,
    /// Whether it may have been written already: then it is merged with nothing more.
    pub(crate) is_tried: bool,
}

impl Note {
    /// The `number`th event that is to be kept; none of a job that is no resource of Kubernetes.
    pub(crate) fn of(context: &JobAutoScalerContext, event: &Event, now: Instant, number: u64) -> Option<Self> {
        let resource = resource(context)?;
        let interval = event.interval.filter(|_| event.is_mergeable());
        Some(Self {
            number,
            job: context.key.clone(),
            name: name(&resource, context.key.as_str(), event, interval.is_none().then_some((now, number))),
            resource,
            event_type: event.event_type.name(),
            reason: event.reason.chars().take(REASON_CHARS).collect(),
            message: cut_off(&event.message),
            first: now,
            last: now,
            count: 1,
            interval,
            is_tried: false,
        })
    }

    /// Whether another one is a repeat that can be told with this one.
    pub(crate) fn takes(&self, later: &Self) -> bool {
        !self.is_tried && self.interval.is_some() && self.name == later.name
    }

    /// Takes in a repeat.
    pub(crate) fn merge(&mut self, later: Self) {
        self.count = self.count.saturating_add(later.count);
        (self.message, self.last, self.interval) = (later.message, later.last, later.interval);
    }

    /// What tells whether it was this that was written last. Nothing else has the same, as long as it is merged with nothing.
    pub(crate) fn mark(&self) -> String {
        format!("{}-{}-{}", self.first.timestamp_millis(), self.number, self.count)
    }
}

/// The resource that a job is. Of a name that its key has no room for, the job's own has it.
fn resource(context: &JobAutoScalerContext) -> Option<ResourceRef> {
    let mut resource = ResourceRef::of_key(&context.key)?;
    if resource.is_name_hashed() {
        let (_, name) = context.name.split_once('/')?;
        name.clone_into(&mut resource.name);
        if resource.key() != context.key {
            return None;
        }
    }
    // What else is in a key must not get into a path.
    (is_name(&resource.namespace) && is_name(&resource.name)).then_some(resource)
}

/// NAME.HASH; `own` has what no other event has.
fn name(resource: &ResourceRef, job: &str, event: &Event, own: Option<(Instant, u64)>) -> String {
    let mut hash = Sha256::new();
    let mut add = |part: &str| {
        // The length keeps "ab", "c" and "a", "bc" apart.
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    };
    add(job);
    event.identity().iter().for_each(|part| add(part));
    if let Some((now, number)) = own {
        [now.timestamp_micros().to_string(), number.to_string()].iter().for_each(|part| add(part));
    }
    let hash: String = hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    // Names are ASCII.
    let name = resource.name.get(..NAME_BYTES).unwrap_or(&resource.name);
    format!("{}.{hash}", name.trim_end_matches(['.', '-']))
}

/// A message that is no longer than it may be.
fn cut_off(message: &str) -> String {
    if message.len() <= MESSAGE_BYTES {
        return message.to_owned();
    }
    let words = format!(" … [cut off: {} bytes in all]", message.len());
    let kept = message.floor_char_boundary(MESSAGE_BYTES.saturating_sub(words.len()));
    format!("{}{words}", &message[..kept])
}

#[cfg(test)]
mod tests {
    use autoscaler_core::time::from_epoch_millis;

    use super::*;

    fn context(resource: &ResourceRef, name: &str) -> JobAutoScalerContext {
        let mut context = testkit::job::context(1, &[]);
        (context.key, context.name) = (resource.key(), name.into());
        context
    }

    fn named(name: &str) -> ResourceRef {
        let kind = kubernetes_api::Kind::FlinkDeployment;
        ResourceRef {
            kind,
            namespace: "prod".to_owned(),
            name: name.to_owned(),
            uid: "u1".to_owned(),
            reset_nonce: None,
        }
    }

    fn note(resource: &ResourceRef, event: &Event, seconds: i64) -> Note {
        let now = from_epoch_millis(seconds * 1000).unwrap();
        let name = format!("{}/{}", resource.namespace, resource.name);
        Note::of(&context(resource, &name), event, now, 7).unwrap()
    }

    #[test]
    fn repeats_have_one_name_and_others_one_each() {
        let limited = Event::warning("ScalingLimited", "x").with_key("k").merged_within(Duration::from_secs(60));
        let first = note(&named("orders"), &limited, 0);
        // Those of earlier processes are found by it.
        assert_eq!(first.name, "orders.6fe95709a09829c23345000a893af35e");
        assert_eq!(first.name, note(&named("orders"), &limited, 5).name);
        let single = Event::warning("ScalingLimited", "x").with_key("k");
        assert_ne!(note(&named("orders"), &single, 0).name, note(&named("orders"), &single, 5).name);
        assert_ne!(first.name, note(&named("orders"), &single, 0).name);
    }

    #[test]
    fn a_name_that_the_key_has_no_room_for_is_the_job_s() {
        let long = named(&format!("{}.b{}", "a".repeat(NAME_BYTES - 1), "b".repeat(20)));
        let event = Event::normal("X", "x");
        let told = note(&long, &event, 0);
        assert_eq!(told.resource, long);
        let (name, hash) = told.name.rsplit_once('.').unwrap();
        assert_eq!((name, hash.len()), ("a".repeat(NAME_BYTES - 1).as_str(), 32));
        let misnamed = Note::of(&context(&long, "prod/other"), &event, Instant::UNIX_EPOCH, 1);
        assert!(misnamed.is_none());
    }

    #[test]
    fn other_keys_are_of_no_resource() {
        for key in ["0123", "fd/../x/u", "fd/a/B/u", "fd/a/b"] {
            let mut context = testkit::job::context(1, &[]);
            context.key = JobKey::new(key);
            assert!(Note::of(&context, &Event::normal("X", "x"), Instant::UNIX_EPOCH, 1).is_none(), "{key}");
        }
    }

    #[test]
    fn a_message_is_cut_between_characters() {
        for ahead in 0..4 {
            let message = format!("{}{}", "x".repeat(ahead), "𝄞".repeat(3000));
            let kept = cut_off(&message);
            let words = format!(" … [cut off: {} bytes in all]", message.len());
            let before = kept.strip_suffix(&words).unwrap();
            assert!(message.starts_with(before) && (MESSAGE_BYTES - 3..=MESSAGE_BYTES).contains(&kept.len()));
        }
        let fits = "x".repeat(MESSAGE_BYTES);
        assert_eq!(cut_off(&fits), fits);
    }
}
