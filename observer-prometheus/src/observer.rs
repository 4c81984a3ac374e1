//! What is seen, handed on to what it is counted in.

use std::collections::BTreeSet;
use std::sync::Arc;

use autoscaler_core::ports::{BackendObserver, Call, EventQueue};
use autoscaler_core::{ClusterName, JobAutoScalerContext, JobKey, ListedJob, PortError};
use autoscaler_runtime::{CycleEnded, CycleObserver, RoundEnded, Skipped};

use crate::PrometheusObserver;

impl CycleObserver for PrometheusObserver {
    fn cycle_ended(&self, job: &JobAutoScalerContext, ended: &Arc<CycleEnded>) {
        self.cycles.ended(&job.cluster, ended);
        self.jobs.cycle_ended(job, ended);
    }

    fn cycle_skipped(&self, cluster: &ClusterName, _: &ListedJob, why: &Skipped) {
        self.cycles.skipped(cluster, why);
    }

    fn job_found(&self, _: &ClusterName, _: &ListedJob) {}

    fn job_gone(&self, cluster: &ClusterName, job: &JobKey) {
        self.jobs.gone(cluster, job);
    }

    fn round_ended(&self, cluster: &ClusterName, round: &RoundEnded) {
        self.clusters.round_ended(cluster, round);
    }

    fn clusters_watched(&self, clusters: &BTreeSet<ClusterName>) {
        self.cycles.keep(clusters);
        self.clusters.keep(clusters);
        self.backends.keep(clusters);
        self.jobs.keep(clusters);
    }

    fn right_to_act(&self, is_ours: bool) {
        self.may_act.set(i64::from(is_ours));
    }

    // Calls of the store are counted where they are made.
    fn right_asked_for(&self, _: Option<&PortError>) {}
}

impl BackendObserver for PrometheusObserver {
    fn call_ended(&self, call: &Call<'_>) {
        self.backends.ended(call);
    }

    fn queue_changed(&self, handler: &'static str, queue: EventQueue) {
        self.backends.queue_changed(handler, queue);
    }
}
