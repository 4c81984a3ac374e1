//! State that is under a key of before.

use autoscaler_core::{Fence, JobState, LoadedState};

use super::{Cycle, JobAutoScaler, Step};

impl JobAutoScaler {
    /// What was loaded, or, where that is nothing, the state that is under the job's former key: all of it is then to be
    /// stored under the new one. None if that can't be told.
    pub(super) async fn or_former(&mut self, loaded: LoadedState, cycle: &mut Cycle<'_>) -> Option<LoadedState> {
        let Some(former) = self.former.as_ref().filter(|_| loaded.state == JobState::default()) else {
            return Some(loaded);
        };
        let mut found = match cycle.load(&former.key).await {
            Ok(found) => found,
            Err(error) => {
                cycle.failed(Step::Load, error);
                return None;
            }
        };
        let is_ours = found.state.cluster.get().as_ref().map_or(former.or_unknown, |noted| *noted == former.cluster);
        if !is_ours || found.state == JobState::default() {
            return Some(loaded);
        }
        let (key, cluster) = (&cycle.context.key, &cycle.context.cluster);
        tracing::info!(%cluster, job = %key, "the job's state is taken over from the key {}", former.key);
        found.state.touch();
        self.taken_over = Some((former.key.clone(), found.revision));
        found.revision = loaded.revision;
        Some(found)
    }

    /// Removes what was taken over, once it is stored under the job's key.
    pub(super) async fn remove_former(&mut self, cycle: &mut Cycle<'_>) {
        let Some((key, revision)) = self.taken_over.take() else { return };
        let fence = Fence::at(revision).under(self.standing.lease);
        if let Err(error) = self.ports.store.remove(&key, &fence).await {
            cycle.failed(Step::Save, error);
            self.taken_over = Some((key, revision));
        }
    }
}
