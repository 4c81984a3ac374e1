//! A store whose jobs are resources of Kubernetes.

use std::hash::{DefaultHasher, Hash, Hasher};

use async_trait::async_trait;
use autoscaler_core::{AutoScalerStateStore, Fence, JobKey, JobState, LoadedState, PortError, Revision};
use store_kubernetes::KubernetesStateStore;

/// Has a resource for each key: its uid holds the key.
#[derive(Debug)]
pub(crate) struct OfResources(pub(crate) KubernetesStateStore);

fn resource(job: &JobKey) -> JobKey {
    let mut hasher = DefaultHasher::new();
    job.hash(&mut hasher);
    let hash = hasher.finish();
    let (kind, namespace) = [("fd", "a"), ("sj", "a"), ("fd", "b"), ("sj", "b")][usize::try_from(hash % 4).unwrap()];
    let uid: String = job.as_str().bytes().map(|byte| format!("{byte:02x}")).collect();
    JobKey::new(format!("{kind}/{namespace}/job-{hash:x}/{uid}"))
}

fn job(resource: &JobKey) -> JobKey {
    let (_, uid) = resource.as_str().rsplit_once('/').unwrap();
    let byte = |digits: &[u8]| u8::from_str_radix(std::str::from_utf8(digits).unwrap(), 16).unwrap();
    JobKey::new(String::from_utf8(uid.as_bytes().chunks(2).map(byte).collect()).unwrap())
}

#[async_trait]
impl AutoScalerStateStore for OfResources {
    async fn load(&self, job: &JobKey) -> Result<LoadedState, PortError> {
        self.0.load(&resource(job)).await
    }

    async fn save(&self, job: &JobKey, state: &JobState, fence: &Fence) -> Result<Revision, PortError> {
        self.0.save(&resource(job), state, fence).await
    }

    async fn remove(&self, job: &JobKey, fence: &Fence) -> Result<(), PortError> {
        self.0.remove(&resource(job), fence).await
    }

    async fn jobs(&self) -> Result<Vec<JobKey>, PortError> {
        let mut jobs: Vec<JobKey> = self.0.jobs().await?.iter().map(job).collect();
        jobs.sort_unstable();
        Ok(jobs)
    }
}
