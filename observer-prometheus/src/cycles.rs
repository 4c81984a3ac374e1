//! Cycles and their steps, over all jobs of a cluster.

use std::collections::BTreeSet;

use autoscaler_core::{ClusterName, Event};
use autoscaler_runtime::{CycleEnded, Skipped, Step};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use crate::labels::{OfCluster, OfDirection, OfFailure, OfOutcome, OfReason, OfStep};
use crate::per_cluster::PerCluster;

/// Cycles of all jobs.
#[derive(Debug)]
pub(crate) struct Cycles {
    ended: PerCluster<OfOutcome, Counter>,
    skipped: PerCluster<OfReason, Counter>,
    failures: PerCluster<OfFailure, Counter>,
    events: PerCluster<OfReason, Counter>,
    scalings: PerCluster<OfDirection, Counter>,
    durations: PerCluster<OfCluster, Histogram>,
    steps: PerCluster<OfStep, Histogram>,
}

impl Cycles {
    pub(crate) fn new(registry: &mut Registry) -> Self {
        let cycles = Self {
            ended: PerCluster::default(),
            skipped: PerCluster::default(),
            failures: PerCluster::default(),
            events: PerCluster::default(),
            scalings: PerCluster::default(),
            durations: PerCluster::of_seconds(),
            steps: PerCluster::of_seconds(),
        };
        registry.register("cycles", "Cycles that ended, by what they came to", cycles.ended.family());
        registry.register("cycles_skipped", "Cycles that jobs did not have, by the reason", cycles.skipped.family());
        let help = "Steps of cycles that failed, by the kind of failure";
        registry.register("step_failures", help, cycles.failures.family());
        registry.register("events", "Events of jobs, by their reason", cycles.events.family());
        let help = "Vertices of which another parallelism was decided, up or down";
        registry.register("scalings", help, cycles.scalings.family());
        let help = "How long cycles took, waiting for answers included";
        registry.register_with_unit("cycle_duration", help, Unit::Seconds, cycles.durations.family());
        let help = "How long steps of cycles took: load and save are the state store, observe and realize the cluster";
        registry.register_with_unit("step_duration", help, Unit::Seconds, cycles.steps.family());
        cycles
    }

    pub(crate) fn ended(&self, cluster: &ClusterName, ended: &CycleEnded) {
        let cluster = cluster.to_string();
        let outcome = ended.report.as_ref().map_or("no state", |report| report.outcome.name());
        self.ended.of(&OfOutcome { cluster: cluster.clone(), outcome }).inc();
        for failure in &ended.failures {
            let (step, kind) = (failure.step.name(), failure.error.kind().name());
            self.failures.of(&OfFailure { cluster: cluster.clone(), step, kind }).inc();
        }
        for event in &ended.events {
            self.events.of(&OfReason { cluster: cluster.clone(), reason: known(&event.reason) }).inc();
        }
        for (from, to) in scalings(ended) {
            let direction = if to > from { "up" } else { "down" };
            self.scalings.of(&OfDirection { cluster: cluster.clone(), direction }).inc();
        }
        let total = ended.durations.total().as_secs_f64();
        self.durations.of(&OfCluster { cluster: cluster.clone() }).observe(total);
        for step in Step::ALL {
            let took = ended.durations.of(step);
            if !took.is_zero() {
                let labels = OfStep { cluster: cluster.clone(), step: step.name() };
                self.steps.of(&labels).observe(took.as_secs_f64());
            }
        }
    }

    /// Takes away what is of no cluster among these.
    pub(crate) fn keep(&self, clusters: &BTreeSet<ClusterName>) {
        let Self { ended, skipped, failures, events, scalings, durations, steps } = self;
        ended.keep(clusters);
        [skipped, events].iter().for_each(|counters| counters.keep(clusters));
        failures.keep(clusters);
        scalings.keep(clusters);
        durations.keep(clusters);
        steps.keep(clusters);
    }

    pub(crate) fn skipped(&self, cluster: &ClusterName, why: &Skipped) {
        let reason = match why {
            Skipped::Configuration(_) => "configuration",
            Skipped::StillRunning => "still running",
            Skipped::TimedOut(_) => "timed out",
            Skipped::Panicked => "bug",
            _ => "other",
        };
        self.skipped.of(&OfReason { cluster: cluster.to_string(), reason }).inc();
    }
}

/// Subtasks before and after of each vertex that is scaled.
fn scalings(ended: &CycleEnded) -> impl Iterator<Item = (i32, i32)> {
    ended
        .events
        .iter()
        .filter_map(Event::scaling)
        .flat_map(|report| report.vertices.iter().map(|vertex| (vertex.from, vertex.to)))
}

/// The reason of an event, or `other` for one that a backend of somebody's own made up: labels are of few values.
fn known(reason: &str) -> &'static str {
    use autoscaler_core::event::reason::ALL;
    ALL.iter().find(|known| **known == reason).copied().unwrap_or("other")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reasons_of_our_events_are_told_apart() {
        for reason in ["ScalingReport", "ClockSetBack", "ClockSetForward"] {
            assert_eq!(known(reason), reason);
        }
        assert_eq!(known("SomebodyElses"), "other");
    }
}
