//! Saving: one object in place of another, in the version that was found.

use autoscaler_core::state::{Change, StatePart};
use autoscaler_core::{ErrorKind, Fence, JobKey, JobState, PortError, Revision};
use k8s_openapi::api::core::v1::ConfigMap;

use super::{At, KubernetesStateStore, TRIES};
use crate::config_map::{Found, Version, write};
use crate::size::{LIMIT, Trimmed, bytes, trim};

impl KubernetesStateStore {
    pub(super) async fn save_state(
        &self,
        job: &JobKey,
        state: &JobState,
        fence: &Fence,
    ) -> Result<Revision, PortError> {
        if let Some(revision) = self.held_back(job, state, fence)? {
            return Ok(revision);
        }
        let at = self.at(job).await?;
        for _ in 0..TRIES {
            let mut found = at.look().await?;
            self.check(&at, &found, fence).await?;
            if !state.is_changed() {
                return Ok(self.deferred().revision(job, found.version().as_ref()));
            }
            if fence.lease.is_some() && matches!(found, Found::Nothing) {
                // Whoever takes the lease from here on finds something to mark: what is created could not be refused.
                let Some(reserved) = self.reserved(&at, fence).await? else { continue };
                self.check(&at, &reserved, fence).await?;
                found = reserved;
            }
            if let Some(revision) = self.replaced(&at, &found, state, fence).await? {
                return Ok(revision);
            }
            if fence.revision.is_some() {
                break;
            }
        }
        Err(at.conflict())
    }

    /// Holds a save back that need not be written yet.
    fn held_back(&self, job: &JobKey, state: &JobState, fence: &Fence) -> Result<Option<Revision>, PortError> {
        let interval = self.settings.observations_interval;
        let is_ours = fence.lease.is_none() || self.lease.as_ref().and_then(|lease| lease.token()) == fence.lease;
        if interval.is_zero() || !is_ours {
            return Ok(None);
        }
        Ok(self.deferred().hold_back(job, state, fence, interval)?)
    }

    /// Sees whether a write counts. The lease is asked after the object was looked at: whoever takes it later and loads
    /// makes another version of the object first.
    pub(super) async fn check(&self, at: &At<'_>, found: &Found, fence: &Fence) -> Result<(), PortError> {
        if let (Some(token), Some(lease)) = (fence.lease, &self.lease) {
            let is_held = found.token().is_none_or(|there| there <= token) && lease.is_held(token).await?;
            if !is_held {
                return Err(lease.passed_on().with("job", at.job.as_str()));
            }
        }
        let there = self.deferred().revision(&at.job, found.version().as_ref());
        if fence.revision.is_some_and(|known| known != there) { Err(at.conflict()) } else { Ok(()) }
    }

    /// An object without any state.
    async fn reserved(&self, at: &At<'_>, fence: &Fence) -> Result<Option<Found>, PortError> {
        let object = Found::Nothing.with(&at.job, &at.place, at.instance, fence.lease, [].into());
        let created = at.put(&Found::Nothing, &object).await?;
        Ok(created.map(|object| Found::of(&at.job, Some(object))))
    }

    /// Puts what changed in place of what was found; none if that is no longer what is there.
    async fn replaced(
        &self,
        at: &At<'_>,
        found: &Found,
        state: &JobState,
        fence: &Fence,
    ) -> Result<Option<Revision>, PortError> {
        let mut data = found.data();
        let mut with_observations = state.collected_metrics.change() != Change::Unchanged;
        if !with_observations {
            with_observations = self.put_held_back(at, found, &mut data)?;
        }
        write(state, &mut data)?;
        self.say_trimmed(at, trim(&mut data, LIMIT));
        let size = bytes(&data);
        if size > LIMIT {
            let message = format!("the job's state has {size} bytes, and a ConfigMap holds {LIMIT} of it");
            return Err(at.about(PortError::new(ErrorKind::TooLarge, message)));
        }
        if data.is_empty() {
            let deleted = match found {
                Found::Another(_) => Some(()),
                _ => at.delete(found).await?,
            };
            self.deferred().forget(&at.job);
            let version = found.version().filter(|_| matches!(found, Found::Another(_)));
            return Ok(deleted.map(|()| self.deferred().revision(&at.job, version.as_ref())));
        }
        let object = found.with(&at.job, &at.place, at.instance, fence.lease, data);
        let Some(object) = at.put(found, &object).await? else { return Ok(None) };
        Ok(Some(self.written(at, &object, with_observations)))
    }

    fn written(&self, at: &At<'_>, object: &ConfigMap, with_observations: bool) -> Revision {
        let version = Version::of(object);
        let mut deferred = self.deferred();
        deferred.written(&at.job, version.clone(), with_observations);
        deferred.revision(&at.job, Some(&version))
    }

    /// Adds observations that were held back to what is written anyway; whether there were any.
    fn put_held_back(
        &self,
        at: &At<'_>,
        found: &Found,
        data: &mut std::collections::BTreeMap<String, String>,
    ) -> Result<bool, PortError> {
        let (mut stored, _) = crate::config_map::read(data);
        let version = found.version();
        match self.deferred().put_into(&at.job, version.as_ref(), &mut stored) {
            Ok(false) => return Ok(false),
            Ok(true) => {}
            Err(unreadable) => return Err(at.about(PortError::new(ErrorKind::Invalid, unreadable.to_string()))),
        }
        let mut window = JobState { collected_metrics: stored.collected_metrics, ..JobState::default() };
        window.collected_metrics.touch();
        write(&window, data)?;
        Ok(true)
    }

    fn say_trimmed(&self, at: &At<'_>, trimmed: Trimmed) {
        if trimmed == Trimmed::default() {
            return;
        }
        let Trimmed { observations, scalings } = trimmed;
        let (job, part) = (&at.job, StatePart::CollectedMetrics);
        tracing::debug!(
            %job, observations, scalings,
            "the job's state is at the bound of a ConfigMap: the oldest of its {part} and scalings are not stored"
        );
    }
}
