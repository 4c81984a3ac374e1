//! What the page is told of.

use std::collections::BTreeSet;
use std::sync::Arc;

use autoscaler_core::{ClusterName, JobAutoScalerContext, JobKey, ListedJob, PortError};
use autoscaler_runtime::{CycleEnded, CycleObserver, RoundEnded, Skipped};

use crate::Page;

impl CycleObserver for Page {
    fn cycle_ended(&self, job: &JobAutoScalerContext, ended: &Arc<CycleEnded>) {
        self.trails.add(job, ended);
        self.changed();
    }

    fn cycle_skipped(&self, _: &ClusterName, _: &ListedJob, _: &Skipped) {
        self.changed();
    }

    fn job_found(&self, _: &ClusterName, _: &ListedJob) {
        self.changed();
    }

    fn job_gone(&self, cluster: &ClusterName, job: &JobKey) {
        self.trails.forget(|of, gone| of == cluster && gone == job);
        self.changed();
    }

    fn round_ended(&self, _: &ClusterName, _: &RoundEnded) {
        self.changed();
    }

    fn clusters_watched(&self, clusters: &BTreeSet<ClusterName>) {
        self.trails.forget(|cluster, _| !clusters.contains(cluster));
        self.changed();
    }

    fn right_to_act(&self, _: bool) {
        self.changed();
    }

    fn right_asked_for(&self, _: Option<&PortError>) {}
}
