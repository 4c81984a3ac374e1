//! A job's cycle within the loop: with a deadline, and nobody else's trouble.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use autoscaler_core::{ClusterSnapshot, JobAutoScalerContext, Labels, ListedJob};
use futures::FutureExt;
use tracing::Instrument;

use super::ClusterPorts;
use crate::job::JobAutoScaler;
use crate::labelled;
use crate::observer::{CycleObserver, Skipped, Step};
use crate::ports::Ports;

/// Runs a cycle to its end, or to the deadline. Whatever it left half done is forgotten; the stored state is whole.
pub(super) async fn run(
    cluster: &ClusterPorts,
    ports: &Ports,
    job: &ListedJob,
    snapshot: &dyn ClusterSnapshot,
    scaler: &mut JobAutoScaler,
) {
    let labels = cluster.cluster.jobs.labels();
    let span = labelled::span(&labels);
    async {
        let walk = AssertUnwindSafe(walk(cluster, ports, job, snapshot, scaler, labels)).catch_unwind();
        let skipped = match tokio::time::timeout(cluster.cycle_timeout, walk).await {
            Ok(Ok(())) => return,
            Ok(Err(_)) => Skipped::Panicked,
            Err(_) => Skipped::TimedOut(cluster.cycle_timeout),
        };
        scaler.forget();
        ports.observers.cycle_skipped(&cluster.cluster.name, job, &skipped);
    }
    .instrument(span)
    .await;
}

async fn walk(
    cluster: &ClusterPorts,
    ports: &Ports,
    job: &ListedJob,
    snapshot: &dyn ClusterSnapshot,
    scaler: &mut JobAutoScaler,
    labels: Labels,
) {
    let started = ports.clock.watch();
    let name = &cluster.cluster.name;
    let own = match cluster.cluster.jobs.configuration(job).await {
        Ok(own) => own,
        Err(error) => return ports.observers.cycle_skipped(name, job, &Skipped::Configuration(error)),
    };
    let context = JobAutoScalerContext::new(name.clone(), job, cluster.configurations.parsed(&own)).with_labels(labels);
    let configuring = ports.clock.watch().saturating_sub(started);
    let mut ended = scaler.scale(&context, snapshot, cluster.realizer.as_ref()).await;
    ended.durations.add(Step::Configuration, configuring);
    ports.observers.cycle_ended(&context, &Arc::new(ended));
}
