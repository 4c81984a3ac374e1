//! The stand-in as the world that the suites of what meets a cluster run in.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use autoscaler_core::{Cluster, JobListFetcher, MetricsCollector, ScalingRealizer};
use flink_rest::FlinkClient;
use testkit::{collector, fetcher, realizer};

use super::{Fault, StandIn};

/// A stand-in with what is held to a contract against it.
#[derive(Debug)]
pub struct StandInWorld<P> {
    server: StandIn,
    port: P,
}

impl<P> StandInWorld<P> {
    /// Starts a stand-in, and makes what is to be tried from its cluster.
    pub async fn start(port: impl FnOnce(&Cluster, &FlinkClient) -> P) -> Arc<Self> {
        let server = StandIn::start().await;
        let client = FlinkClient::new(&server.url(), Duration::from_secs(20)).unwrap();
        let port = port(&flink_rest::cluster(client.clone()), &client);
        Arc::new(Self { server, port })
    }

    fn set_fault(&self, job: u32, fault: Fault, is_broken: bool) {
        self.server.set_fault(job, is_broken.then_some(fault));
    }
}

#[async_trait]
impl fetcher::World for StandInWorld<Arc<dyn JobListFetcher>> {
    fn fetcher(&self) -> Arc<dyn JobListFetcher> {
        Arc::clone(&self.port)
    }

    async fn add_job(&self, job: u32, options: &[(&str, &str)]) {
        self.server.add_job(job, options, None);
    }

    async fn remove_job(&self, job: u32) {
        self.server.remove_job(job);
    }

    async fn end_job(&self, job: u32) {
        self.server.end_job(job);
    }

    async fn break_entry(&self, job: u32) {
        self.server.set_fault(job, Some(Fault::OddEntry));
    }

    async fn break_job(&self, job: u32) {
        self.server.set_fault(job, Some(Fault::Broken));
    }
}

#[async_trait]
impl collector::World for StandInWorld<Arc<dyn MetricsCollector>> {
    fn collector(&self) -> Arc<dyn MetricsCollector> {
        Arc::clone(&self.port)
    }

    async fn add_job(&self, job: u32) {
        self.server.add_job(job, &[], None);
    }

    async fn remove_job(&self, job: u32) {
        self.server.remove_job(job);
    }

    async fn cluster_requests(&self) -> usize {
        let is_of_cluster = |path: &str| path.starts_with("/taskmanagers") || path.starts_with("/jobmanager");
        self.server.asked().iter().filter(|asked| is_of_cluster(&asked.path)).count()
    }

    async fn break_cluster(&self, broken: bool) {
        self.server.set_broken(broken);
    }

    async fn lack_metrics(&self, job: u32, lacking: bool) {
        self.set_fault(job, Fault::FewMetrics, lacking);
    }
}

#[async_trait]
impl realizer::World for StandInWorld<Arc<dyn ScalingRealizer>> {
    fn realizer(&self) -> Arc<dyn ScalingRealizer> {
        Arc::clone(&self.port)
    }

    async fn add_job(&self, job: u32) {
        self.server.add_job(job, &[], None);
    }

    async fn parallelism(&self, job: u32, vertex: u32) -> i32 {
        i32::try_from(self.server.parallelism(job, vertex)).unwrap()
    }

    async fn changes(&self, job: u32) -> usize {
        self.server.count("PUT", job)
    }

    async fn refuse(&self, job: u32, refuse: bool) {
        self.set_fault(job, Fault::NotAdaptive, refuse);
    }

    async fn fail(&self, job: u32, fail: bool) {
        self.set_fault(job, Fault::RequirementsFail, fail);
    }
}
