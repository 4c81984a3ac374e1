//! What it takes to be asked about jobs: memory of the read model for each of them.

use std::alloc::System;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use autoscaler_core::time::Instant;
use autoscaler_core::{
    Autoscaler, ClusterSnapshot, JobAutoScalerContext, Observation, ObserveError, PortError, Realization,
    ScalingRealizer,
};
use autoscaler_runtime::{CycleObserver, JobAutoScaler, Ports, ReadModel, SystemClock};
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};
use store_memory::MemoryStateStore;
use testkit::clock::TestClock;
use testkit::fakes::RecordingHandler;
use testkit::synthetic::SyntheticJob;

#[global_allocator]
static HEAP: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const JOBS: u32 = 50;
const VERTICES: u32 = 5;
/// A full window of 90 observations, and some.
const CYCLES: u32 = 100;
/// Bytes for each job.
const BOUND: usize = 10_000;

/// A look that sees what the synthetic job does in a cycle.
#[derive(Debug)]
struct Look {
    job: SyntheticJob,
    cycle: u32,
}

#[async_trait]
impl ClusterSnapshot for Look {
    async fn observe(&self, _: &JobAutoScalerContext, _: Option<Instant>) -> Result<Observation, ObserveError> {
        Ok(self.job.observation(self.cycle))
    }
}

#[derive(Debug)]
struct NoRealizer;

#[async_trait]
impl ScalingRealizer for NoRealizer {
    async fn realize(
        &self,
        _: &JobAutoScalerContext,
        _: &Realization,
    ) -> Result<Vec<autoscaler_core::Event>, PortError> {
        Ok(Vec::new())
    }

    fn forget(&self, _: &autoscaler_core::JobKey) {}
}

fn heap() -> usize {
    let stats = HEAP.stats();
    stats.bytes_allocated - stats.bytes_deallocated
}

/// Bytes on the heap after the cycles of all jobs, watched by `observer` if there is one.
async fn bytes_after_cycles(observer: Option<Arc<dyn CycleObserver>>) -> usize {
    let job = SyntheticJob::steady(VERTICES);
    let clock = Arc::new(TestClock::default());
    let (store, handler) = (Arc::new(MemoryStateStore::new()), Arc::new(RecordingHandler::default()));
    let ports = Ports::new(Autoscaler::new(), store, handler).with_clock(Arc::clone(&clock) as _);
    let contexts: Vec<_> = (0..JOBS).map(|number| job.context_of(number)).collect();
    let mut scalers: Vec<_> = contexts.iter().map(|_| JobAutoScaler::new(ports.clone())).collect();
    let before = heap();
    for cycle in 0..CYCLES {
        let look = Look { job: job.clone(), cycle };
        for (context, scaler) in contexts.iter().zip(&mut scalers) {
            let ended = Arc::new(scaler.scale(context, &look, &NoRealizer).await);
            assert!(ended.failures.is_empty(), "{:?}", ended.failures);
            if let Some(observer) = &observer {
                observer.cycle_ended(context, &ended);
            }
        }
        tokio::time::advance(Duration::from_secs(10)).await;
    }
    heap() - before
}

#[tokio::test(start_paused = true)]
async fn a_job_that_can_be_asked_about_takes_ten_kilobytes_at_most() {
    let alone = bytes_after_cycles(None).await;
    let model = Arc::new(ReadModel::new(Arc::new(SystemClock::default())));
    let watched = bytes_after_cycles(Some(Arc::clone(&model) as _)).await;
    assert_eq!(model.jobs(None, None, 1000).len(), usize::try_from(JOBS).unwrap());
    let jobs = usize::try_from(JOBS).unwrap();
    let (alone, more) = (alone / jobs, (watched - alone) / jobs);
    assert!(more <= BOUND, "{more} bytes a job, beside {alone} of its state");
}
