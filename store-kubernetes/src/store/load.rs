//! Loading a job's state, and taking it over from who wrote it before.

use autoscaler_core::{JobKey, LoadedState, PortError};

use super::{At, KubernetesStateStore, TRIES};
use crate::config_map::{Found, Version, mark, read};

impl KubernetesStateStore {
    pub(super) async fn load_state(&self, job: &JobKey) -> Result<LoadedState, PortError> {
        let at = self.at(job).await?;
        for _ in 0..TRIES {
            let found = at.look().await?;
            if let Some(found) = self.taken_over(&at, found).await? {
                return Ok(self.loaded(job, &found));
            }
        }
        Err(at.conflict())
    }

    fn loaded(&self, job: &JobKey, found: &Found) -> LoadedState {
        let (mut state, mut unreadable) = read(&found.data());
        let version = found.version();
        let deferred = self.deferred();
        unreadable.extend(deferred.put_into(job, version.as_ref(), &mut state).err());
        let mut loaded = LoadedState::new(state, deferred.revision(job, version.as_ref()));
        loaded.unreadable = unreadable;
        loaded
    }

    /// Marks what was found with the token that this process has, if it was written under an earlier one: whoever still
    /// wants to write under that meets another version. None if it is no longer what is there.
    async fn taken_over(&self, at: &At<'_>, found: Found) -> Result<Option<Found>, PortError> {
        let token = self.lease.as_ref().and_then(|lease| lease.token());
        let (Some(object), true) = (found.object(), token > found.token()) else { return Ok(Some(found)) };
        let before = Version::of(object);
        let marked = match &found {
            Found::Another(object) => {
                // It stays what it is, whoever's.
                let mut object = object.clone();
                mark(object.metadata.annotations.get_or_insert_default(), token);
                object
            }
            _ => found.with(&at.job, &at.place, at.instance, token, found.data()),
        };
        let Some(object) = at.put(&found, &marked).await? else { return Ok(None) };
        self.deferred().renamed(&at.job, &before, Version::of(&object));
        Ok(Some(Found::of(&at.job, Some(object))))
    }
}
