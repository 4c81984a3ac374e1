//! Under which keys a cluster's jobs are kept.

use autoscaler_core::{Cluster, JobKey, JobKeys, JobList};

use crate::job::Former;

/// The keys of a cluster's jobs.
#[derive(Clone, Debug)]
pub(super) struct Keys {
    /// What they begin with.
    prefix: Option<String>,
    keys: JobKeys,
}

impl Keys {
    pub(super) fn of(cluster: &Cluster) -> Self {
        let keys = cluster.keys.clone();
        let prefix = matches!(keys, JobKeys::Named { .. }).then(|| format!("{}/", cluster.name));
        Self { prefix, keys }
    }

    /// Gives every job of a list its key.
    pub(super) fn give(&self, list: &mut JobList) {
        let Some(prefix) = &self.prefix else { return };
        let jobs = list.jobs.iter_mut().map(|job| &mut job.key);
        let unknown = list.unknown.iter_mut().filter_map(|entry| entry.key.as_mut());
        for key in jobs.chain(&mut list.ended).chain(unknown) {
            *key = JobKey::new(format!("{prefix}{key}"));
        }
    }

    /// Whether a key can be one of the cluster's.
    pub(super) fn may_be_ours(&self, key: &JobKey) -> bool {
        match &self.prefix {
            // The names of clusters may have slashes, too, and one may begin as another does.
            Some(prefix) => key.as_str().strip_prefix(prefix.as_str()).is_some_and(|own| !own.contains('/')),
            None => self.keys != JobKeys::Wandering,
        }
    }

    /// Where the state of a job may be from when the cluster's jobs had their own keys.
    pub(super) fn former(&self, key: &JobKey) -> Option<Former> {
        let JobKeys::Named { formerly, is_only_one } = &self.keys else { return None };
        let key = JobKey::new(key.as_str().strip_prefix(self.prefix.as_deref()?)?);
        Some(Former { key, cluster: formerly.clone(), or_unknown: *is_only_one })
    }
}
