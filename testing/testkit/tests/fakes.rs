//! The contracts of the ports, held by the fakes that stand in for them.

use std::sync::Arc;

use async_trait::async_trait;
use autoscaler_core::{
    AutoScalerEventHandler, ClusterName, ClusterSource, ErrorKind, JobListFetcher, JobStatus, Lease, MetricsCollector,
    ScalingRealizer,
};
use testkit::clock::TestClock;
use testkit::fakes::{FakeCluster, FakeLease, FakeSource, HandlerTrouble, JobTrouble, RecordingHandler};
use testkit::handler::{EventLog, Keeps, KeptEvent, Repeats};
use testkit::{collector, fetcher, handler, lease, realizer, source, suite};

/// A cluster on the heap, with everything that is done to it.
#[derive(Debug)]
struct OnHeap(FakeCluster);

impl OnHeap {
    fn new() -> Arc<Self> {
        Arc::new(Self(FakeCluster::new(Arc::new(TestClock::default()))))
    }

    fn get_into(&self, job: u32, trouble: JobTrouble, is_in: bool) {
        self.0.set_trouble(job, is_in.then_some(trouble));
    }
}

#[async_trait]
impl fetcher::World for OnHeap {
    fn fetcher(&self) -> Arc<dyn JobListFetcher> {
        Arc::new(self.0.clone())
    }

    async fn add_job(&self, job: u32, options: &[(&str, &str)]) {
        self.0.add_job(job, 0.7, options);
    }

    async fn remove_job(&self, job: u32) {
        self.0.remove_job(job);
    }

    async fn end_job(&self, job: u32) {
        self.0.change(job, |job| job.status = JobStatus::Finished);
    }

    async fn break_entry(&self, job: u32) {
        self.0.set_trouble(job, JobTrouble::Unreadable);
    }

    async fn break_job(&self, job: u32) {
        self.0.set_trouble(job, JobTrouble::NoConfiguration);
    }
}

#[async_trait]
impl collector::World for OnHeap {
    fn collector(&self) -> Arc<dyn MetricsCollector> {
        Arc::new(self.0.clone())
    }

    async fn add_job(&self, job: u32) {
        self.0.add_job(job, 0.7, &[]);
    }

    async fn remove_job(&self, job: u32) {
        self.0.remove_job(job);
    }

    async fn cluster_requests(&self) -> usize {
        self.0.snapshots()
    }

    /// Whatever is observed is whole or fails as a whole here, so it is the job that fails.
    async fn break_cluster(&self, broken: bool) {
        self.get_into(1, JobTrouble::ObservationFails, broken);
    }

    async fn lack_metrics(&self, _: u32, _: bool) {}
}

#[async_trait]
impl realizer::World for OnHeap {
    fn realizer(&self) -> Arc<dyn ScalingRealizer> {
        Arc::new(self.0.clone())
    }

    async fn add_job(&self, job: u32) {
        self.0.add_job(job, 0.7, &[]);
    }

    async fn parallelism(&self, job: u32, vertex: u32) -> i32 {
        if vertex == 1 { self.0.source_parallelism(job) } else { self.0.parallelism(job) }
    }

    async fn changes(&self, job: u32) -> usize {
        self.0.rescaled().iter().filter(|(rescaled, _)| *rescaled == job).count()
    }

    async fn refuse(&self, job: u32, refuse: bool) {
        self.get_into(job, JobTrouble::RefusesRescale, refuse);
    }

    async fn fail(&self, job: u32, fail: bool) {
        self.get_into(job, JobTrouble::RescaleFails, fail);
    }
}

#[derive(Debug)]
struct TwoClusters(Arc<FakeSource>);

impl source::World for TwoClusters {
    fn source(&self) -> Arc<dyn ClusterSource> {
        Arc::clone(&self.0) as _
    }
}

fn two_clusters() -> Arc<dyn source::World> {
    let source = Arc::new(FakeSource::default());
    let clusters = ["a", "b"].map(|name| {
        let OnHeap(cluster) = &*OnHeap::new();
        cluster.add_job(1, 0.7, &[]);
        let mut cluster = cluster.as_cluster();
        cluster.name = ClusterName::new(name);
        cluster
    });
    source.set(Some(&clusters));
    Arc::new(TwoClusters(source))
}

struct Places {
    here: FakeLease,
    there: FakeLease,
}

#[async_trait]
impl lease::Place for Places {
    fn lease(&self) -> Arc<dyn Lease> {
        Arc::new(self.here.clone())
    }

    fn elsewhere(&self) -> Arc<dyn Lease> {
        Arc::new(self.there.clone())
    }

    fn name(&self) -> String {
        "lease".to_owned()
    }

    async fn disturb(&self) {
        self.here.put_away(true);
        self.here.put_away(false);
    }
}

#[derive(Default)]
struct Recorded(Arc<RecordingHandler>);

#[async_trait]
impl EventLog for Recorded {
    fn handler(&self) -> Arc<dyn AutoScalerEventHandler> {
        Arc::clone(&self.0) as _
    }

    async fn kept(&self) -> Vec<KeptEvent> {
        self.0.kept()
    }

    async fn unusable(&self) -> Arc<dyn AutoScalerEventHandler> {
        self.0.set_trouble(HandlerTrouble::Fails(ErrorKind::Denied));
        self.handler()
    }
}

fn main() {
    let mut all = fetcher::trials("fake", || async { OnHeap::new() as Arc<dyn fetcher::World> });
    all.extend(collector::trials("fake", || async { OnHeap::new() as Arc<dyn collector::World> }));
    all.extend(realizer::trials("fake", || async { OnHeap::new() as Arc<dyn realizer::World> }));
    all.extend(source::trials("fake", || async { two_clusters() }));
    all.extend(lease::trials("fake", lease::Lasts::UntilItExpires, || async {
        let places = Places { here: FakeLease::default(), there: FakeLease::default() };
        (Arc::new(places) as Arc<dyn lease::Place>, ())
    }));
    all.extend(handler::trials("recording", Keeps::whole(Repeats::Apart), || async {
        (Arc::new(Recorded::default()) as Arc<dyn EventLog>, ())
    }));
    suite::run(all);
}
