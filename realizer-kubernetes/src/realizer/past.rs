//! What came of earlier patches, this process's and others'.

use autoscaler_core::event::reason;
use autoscaler_core::{Event, EventType, JobKey};
use kubernetes_api::{FlinkResource, Timestamp};

use super::{KubernetesRealizer, Turn};
use crate::apply::annotate;
use crate::failures::{NOT_AGAIN, NOTE, Verdict};
use crate::memory::{Aftermath, Memory};

impl KubernetesRealizer {
    /// The events about what came of an earlier patch, by whomever it was sent.
    pub(super) fn looked_back(&self, job: &JobKey, resource: &FlinkResource) -> Option<Event> {
        let aftermath = self.memories.with(job, |memory| {
            memory.recall(resource, Timestamp::now());
            memory.aftermath(resource)
        });
        let message = match aftermath? {
            Aftermath::Failed => format!(
                "{} failed or was rolled back after it was rescaled. This parallelism is not asked for again for {} min",
                resource.reference,
                NOT_AGAIN.as_secs() / 60
            ),
            Aftermath::Upgraded => format!(
                "{} was restarted by the operator instead of being rescaled in place; its events and log say why",
                resource.reference
            ),
        };
        Some(Event::warning(reason::SCALING, message))
    }

    /// Has the resource carry what did its job no good, where it does not yet: whoever scales the job next goes by it, too.
    pub(super) async fn handed_on(&self, job: &JobKey, resource: &FlinkResource) {
        let note = |memory: &mut Memory| memory.is_unwritten.then(|| memory.failed.note(job, Timestamp::now()));
        let Some(note) = self.memories.with(job, note) else { return };
        let written = annotate(&self.access.api, &resource.reference, NOTE, &note).await;
        let is_over = written.as_ref().err().is_none_or(|error| !error.is_transient());
        self.memories.with(job, |memory| memory.is_unwritten = !is_over);
        if let Err(error) = written {
            tracing::warn!(%job, "what did the job no good would not be known after a restart: {}", error.chain());
        }
    }

    /// The events about what is wanted where it did the job no good; none where nothing is known against it.
    pub(super) fn not_again(&self, turn: &Turn<'_>) -> Option<Vec<Event>> {
        let (job, of) = (&turn.job.key, &turn.resource.reference);
        match self.memories.with(job, |memory| memory.failed.verdict(turn.wanted)) {
            Verdict::Free => None,
            Verdict::NotAgain => Some(Vec::new()),
            Verdict::Unsaid => {
                let why =
                    format!("with this parallelism {of} failed or was rolled back, as its annotation {NOTE} says");
                Some(self.held(job, EventType::Warning, &why))
            }
        }
    }
}
