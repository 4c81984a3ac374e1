//! Ports with a deadline on each call: nobody's backend can hold a cycle up for ever.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use autoscaler_core::time::Instant;
use autoscaler_core::{
    AutoScalerEventHandler, AutoScalerStateStore, ClusterList, ClusterSource, ErrorKind, Event, Fence,
    JobAutoScalerContext, JobConfiguration, JobKey, JobList, JobListFetcher, JobState, Labels, ListedJob, LoadedState,
    PortError, Realization, Revision, ScalingRealizer,
};

/// A port whose every call ends within a span.
#[derive(Debug)]
pub struct Deadline<P: ?Sized> {
    port: Arc<P>,
    within: Duration,
}

impl<P: ?Sized + Send + Sync> Deadline<P> {
    /// `port`, each call of it ended after `within`.
    pub fn new(port: Arc<P>, within: Duration) -> Self {
        Self { port, within }
    }

    async fn call<T>(
        &self,
        what: &str,
        call: impl Future<Output = Result<T, PortError>> + Send,
    ) -> Result<T, PortError> {
        let late = || PortError::new(ErrorKind::Timeout, format!("{what} took longer than {:?}", self.within));
        tokio::time::timeout(self.within, call).await.unwrap_or_else(|_| Err(late()))
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl AutoScalerStateStore for Deadline<dyn AutoScalerStateStore> {
    async fn load(&self, job: &JobKey) -> Result<LoadedState, PortError> {
        self.call("loading the state", self.port.load(job)).await
    }

    async fn save(&self, job: &JobKey, state: &JobState, fence: &Fence) -> Result<Revision, PortError> {
        self.call("saving the state", self.port.save(job, state, fence)).await
    }

    async fn remove(&self, job: &JobKey, fence: &Fence) -> Result<(), PortError> {
        self.call("removing the state", self.port.remove(job, fence)).await
    }

    async fn jobs(&self) -> Result<Vec<JobKey>, PortError> {
        self.call("listing the jobs with a state", self.port.jobs()).await
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl AutoScalerEventHandler for Deadline<dyn AutoScalerEventHandler> {
    async fn ready(&self) -> Result<(), PortError> {
        self.call("asking whether events can be stored", self.port.ready()).await
    }

    async fn handle(&self, job: &JobAutoScalerContext, event: &Event, now: Instant) -> Result<(), PortError> {
        self.call("handing an event over", self.port.handle(job, event, now)).await
    }

    async fn flush(&self) -> Result<(), PortError> {
        self.call("writing the events that wait", self.port.flush()).await
    }

    fn forget(&self, job: &JobKey) {
        self.port.forget(job);
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl ScalingRealizer for Deadline<dyn ScalingRealizer> {
    async fn realize(&self, job: &JobAutoScalerContext, realization: &Realization) -> Result<Vec<Event>, PortError> {
        self.call("applying the scaling", self.port.realize(job, realization)).await
    }

    fn forget(&self, job: &JobKey) {
        self.port.forget(job);
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl JobListFetcher for Deadline<dyn JobListFetcher> {
    async fn list(&self) -> Result<JobList, PortError> {
        self.call("listing the jobs", self.port.list()).await
    }

    async fn configuration(&self, job: &ListedJob) -> Result<Arc<JobConfiguration>, PortError> {
        self.call("asking for the job's configuration", self.port.configuration(job)).await
    }

    fn labels(&self) -> Labels {
        self.port.labels()
    }

    fn forget(&self, job: &JobKey) {
        self.port.forget(job);
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl ClusterSource for Deadline<dyn ClusterSource> {
    async fn clusters(&self) -> Result<ClusterList, PortError> {
        self.call("listing the clusters", self.port.clusters()).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Hanging;

    #[async_trait]
    impl ClusterSource for Hanging {
        async fn clusters(&self) -> Result<ClusterList, PortError> {
            std::future::pending().await
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_that_hangs_is_ended() {
        let source: Arc<dyn ClusterSource> = Arc::new(Hanging);
        let error = Deadline::new(source, Duration::from_secs(60)).clusters().await.unwrap_err();
        assert_eq!(
            (error.kind(), error.to_string().as_str()),
            (ErrorKind::Timeout, "listing the clusters took longer than 60s")
        );
    }
}
