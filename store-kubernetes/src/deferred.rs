//! Observations that are not written at once: a job has one in each cycle, and etcd takes no thousand of them in a minute.

use std::collections::HashMap;
use std::time::Duration;

use autoscaler_core::state::codec::{Unencodable, UnreadableRow, decode_observations, encode_observation};
use autoscaler_core::state::{Change, StatePart, Unstored};
use autoscaler_core::time::Instant;
use autoscaler_core::{Fence, JobKey, JobState, Revision};
use tokio::time::Instant as Watch;

use crate::config_map::{Version, revision};

/// What is held back, by job.
#[derive(Debug, Default)]
pub(crate) struct Deferred {
    jobs: HashMap<JobKey, Entry>,
}

/// What is held back of a job, on top of a version that is stored.
#[derive(Clone, Debug)]
struct Entry {
    version: Version,
    /// When its observations were written last.
    written: Watch,
    /// Observations before it have left the window.
    keep_from: Option<Instant>,
    /// Oldest first, each as [`encode_observation`] has it.
    rows: Vec<(Instant, String)>,
    /// How many saves were held back.
    saves: u64,
}

impl Deferred {
    /// Holds a save back, if it has nothing but new observations, and the window was written less than `interval` ago.
    pub(crate) fn hold_back(
        &mut self,
        job: &JobKey,
        state: &JobState,
        fence: &Fence,
        interval: Duration,
    ) -> Result<Option<Revision>, Unencodable> {
        let window = &state.collected_metrics;
        let is_window_only = state.changed_parts().eq([StatePart::CollectedMetrics]);
        if !is_window_only || window.change() != Change::Changed {
            return Ok(None);
        }
        let Unstored { keep_from: Some(keep_from), rows } = window.unstored() else { return Ok(None) };
        let Some(entry) = self.jobs.get_mut(job) else { return Ok(None) };
        if entry.written.elapsed() >= interval || fence.revision != Some(entry.revision()) {
            return Ok(None);
        }
        let rows: Result<Vec<_>, _> = rows.into_iter().map(|row| Ok((row.at(), encode_observation(row)?))).collect();
        entry.rows.extend(rows?);
        entry.rows.retain(|(at, _)| *at >= keep_from);
        entry.keep_from = Some(keep_from);
        entry.saves += 1;
        Ok(Some(entry.revision()))
    }

    /// What version a job's state has that is stored in this one.
    pub(crate) fn revision(&self, job: &JobKey, version: Option<&Version>) -> Revision {
        self.entry(job, version).map_or_else(|| revision(version, 0), Entry::revision)
    }

    /// Puts what is held back into a state that was loaded in this version; whether there is any.
    pub(crate) fn put_into(
        &self,
        job: &JobKey,
        version: Option<&Version>,
        state: &mut JobState,
    ) -> Result<bool, UnreadableRow> {
        let Some(entry) = self.entry(job, version).filter(|entry| entry.saves > 0) else { return Ok(false) };
        let unreadable = |error: Unencodable| UnreadableRow::new(StatePart::CollectedMetrics, error.to_string());
        let stored = state.collected_metrics.get().rows();
        let stored = stored.filter(|row| entry.keep_from.is_none_or(|from| row.at() >= from));
        let rows: Result<Vec<_>, _> = stored.map(|row| Ok((row.at(), encode_observation(row)?))).collect();
        let mut rows = rows.map_err(unreadable)?;
        rows.extend(entry.rows.iter().cloned());
        decode_observations(state, rows)?;
        Ok(true)
    }

    fn entry(&self, job: &JobKey, version: Option<&Version>) -> Option<&Entry> {
        self.jobs.get(job).filter(|entry| Some(&entry.version) == version)
    }

    /// Takes note that a job's state was written: whether its observations were, too.
    pub(crate) fn written(&mut self, job: &JobKey, version: Version, with_observations: bool) {
        let before = self.jobs.remove(job).map(|entry| entry.written);
        let written = if with_observations { Some(Watch::now()) } else { before };
        if let Some(written) = written {
            let entry = Entry { version, written, keep_from: None, rows: Vec::new(), saves: 0 };
            self.jobs.insert(job.clone(), entry);
        }
    }

    /// Takes note that the same state has another version now.
    pub(crate) fn renamed(&mut self, job: &JobKey, from: &Version, to: Version) {
        if let Some(entry) = self.jobs.get_mut(job).filter(|entry| entry.version == *from) {
            entry.version = to;
        }
    }

    pub(crate) fn forget(&mut self, job: &JobKey) {
        self.jobs.remove(job);
    }
}

impl Entry {
    fn revision(&self) -> Revision {
        revision(Some(&self.version), self.saves)
    }
}
