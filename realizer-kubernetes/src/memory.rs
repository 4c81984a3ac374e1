//! What is remembered of jobs between cycles: what was said, what was asked for, and what came of it.

use std::any::Any;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use autoscaler_core::JobKey;
use kubernetes_api::{FlinkResource, Overrides, Timestamp};
use realizer_rest::RestScalingRealizer;
use tokio::time::Instant;

use crate::failures::{Failures, NOTE};

/// How long a job is watched after a patch: what befalls it then is put down to the patch.
pub(crate) const WATCHED: Duration = Duration::from_secs(10 * 60);
/// How long what was refused is not asked for again, unless the resource changes.
pub(crate) const REFUSED: Duration = Duration::from_secs(10 * 60);

/// All jobs'.
#[derive(Debug, Default)]
pub(crate) struct Memories(Mutex<HashMap<JobKey, Memory>>);

impl Memories {
    /// Looks at what is remembered of a job, or changes it.
    pub(crate) fn with<T>(&self, job: &JobKey, look: impl FnOnce(&mut Memory) -> T) -> T {
        // No operation leaves an entry half changed, so a panic elsewhere does no harm here.
        look(self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(job.clone()).or_default())
    }

    pub(crate) fn forget(&self, job: &JobKey) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(job);
    }
}

/// One job's.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    /// Why it is not rescaled, as it was said last.
    pub(crate) said: Option<String>,
    /// Whether its resource may not be patched.
    pub(crate) is_rest_only: bool,
    /// The version of the resource that was patched last: until another is seen, what is known is old.
    pub(crate) based_on: Option<String>,
    /// The last patch, for as long as the job is watched for it.
    pub(crate) sent: Option<Sent>,
    /// What was refused last.
    refused: Option<Refused>,
    /// What did it no good.
    pub(crate) failed: Failures,
    /// Whether that is to be written into the note of the resource.
    pub(crate) is_unwritten: bool,
    /// The note as it was read last.
    noted: Option<String>,
    /// When the last rescale was, by the API server's clock, of which what came is known or looked for.
    known: Option<Timestamp>,
    /// The realizer of its cluster, and what the cluster is reached by.
    pub(crate) rest: Option<(Arc<dyn Any + Send + Sync>, Arc<RestScalingRealizer>)>,
}

/// A patch that was taken.
#[derive(Debug)]
pub(crate) struct Sent {
    wanted: Overrides,
    generation: Option<i64>,
    job_id: Option<String>,
    start_time: Option<String>,
    at: Instant,
    is_seen: bool,
}

/// A patch that was refused, and what the resource was like.
#[derive(Debug)]
pub(crate) struct Refused {
    wanted: Overrides,
    until: Instant,
    generation: Option<i64>,
    managers: Vec<String>,
}

/// What befell a job after a patch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Aftermath {
    /// It failed, or was rolled back.
    Failed,
    /// It was restarted instead of being rescaled in place.
    Upgraded,
}

impl Memory {
    /// Takes note of a patch that was taken: `before` is the resource it was based on, `after` what it is now.
    pub(crate) fn patched(&mut self, wanted: &Overrides, before: &FlinkResource, after: Option<&FlinkResource>) {
        self.based_on = Some(before.resource_version.clone());
        self.known = after.and_then(|after| after.rescaled_at).or(self.known);
        let job = &before.status.job_status;
        self.sent = Some(Sent {
            wanted: wanted.clone(),
            generation: after.and_then(|after| after.generation),
            job_id: job.job_id.clone(),
            start_time: job.start_time.clone(),
            at: Instant::now(),
            is_seen: false,
        });
    }

    /// Takes note that what is wanted was refused.
    pub(crate) fn refused(&mut self, wanted: &Overrides, resource: &FlinkResource) {
        self.refused = Some(Refused {
            wanted: wanted.clone(),
            until: Instant::now() + REFUSED,
            generation: resource.generation,
            managers: resource.override_managers.clone(),
        });
    }

    /// Whether what is wanted was refused of late, with the resource as it is.
    pub(crate) fn is_refused(&self, wanted: &Overrides, resource: &FlinkResource) -> bool {
        self.refused.as_ref().is_some_and(|refused| {
            let is_as_it_was =
                (refused.generation, &refused.managers) == (resource.generation, &resource.override_managers);
            refused.wanted == *wanted && is_as_it_was && Instant::now() < refused.until
        })
    }

    /// Takes in what the resource tells of scalings that this process knows nothing of: those of one that scaled the job before it
    /// was restarted, or of another replica.
    pub(crate) fn recall(&mut self, resource: &FlinkResource, now: Timestamp) {
        let note = resource.annotations.get(NOTE);
        if note != self.noted.as_ref() {
            self.noted = note.cloned();
            self.failed.take_in(note.map_or("", String::as_str), &resource.reference.key(), now);
        }
        let (Some(at), Ok(overrides)) = (resource.rescaled_at, resource.spec.overrides()) else { return };
        let is_known = self.known.replace(at) >= Some(at);
        if is_known || self.failed.is_known(&overrides) {
            return;
        }
        // Nobody may have looked since it failed.
        let seen = if is_failed(resource) { resource.status.changed_at().unwrap_or(now) } else { now };
        let age = Duration::try_from(seen.duration_since(at)).unwrap_or_default();
        if age <= WATCHED {
            let at = Instant::now().checked_sub(age).unwrap_or_else(Instant::now);
            let generation = resource.generation;
            self.sent =
                Some(Sent { wanted: overrides, generation, job_id: None, start_time: None, at, is_seen: false });
        }
    }

    /// Looks what came of the last patch; each thing is told once.
    pub(crate) fn aftermath(&mut self, resource: &FlinkResource) -> Option<Aftermath> {
        let sent = self.sent.as_mut()?;
        if self.based_on.as_ref() == Some(&resource.resource_version) {
            return None;
        }
        let (status, job) = (&resource.status, &resource.status.job_status);
        let deployed = status.reconciled_generation();
        // Somebody has changed the spec since, and that is deployed: what happens now is not the patch's doing.
        let is_others = sent.generation.is_some() && deployed > sent.generation;
        if is_failed(resource) {
            let wanted = self.sent.take()?.wanted;
            if is_others {
                return None;
            }
            self.failed.add(&wanted);
            self.is_unwritten = true;
            return Some(Aftermath::Failed);
        }
        if sent.generation.is_some() && resource.generation > sent.generation {
            // It is about to be deployed.
            self.sent = None;
            return None;
        }
        let is_carried_out = sent.generation.is_some()
            && deployed >= sent.generation
            && status.reconciliation_status.state.as_deref() == Some("DEPLOYED")
            && job.state.as_deref() == Some("RUNNING");
        if is_carried_out && !sent.is_seen {
            sent.is_seen = true;
            let is_same = |before: &Option<String>, now: &Option<String>| before.is_none() || before == now;
            if !is_same(&sent.job_id, &job.job_id) || !is_same(&sent.start_time, &job.start_time) {
                return Some(Aftermath::Upgraded);
            }
        }
        if sent.at.elapsed() > WATCHED {
            self.sent = None;
        }
        None
    }
}

/// Whether a job has failed, or the operator has taken its spec back.
fn is_failed(resource: &FlinkResource) -> bool {
    let status = &resource.status;
    matches!(status.reconciliation_status.state.as_deref(), Some("ROLLING_BACK" | "ROLLED_BACK"))
        || matches!(status.job_status.state.as_deref(), Some("FAILING" | "FAILED"))
}

#[cfg(test)]
mod tests;
