//! What is remembered of a job between cycles, and across restarts.

pub mod codec;
mod delayed;
mod history;
mod part;
mod policy_memory;
mod tracked;
mod tracking;
mod verification;
mod window;

use std::collections::BTreeMap;

pub use delayed::{DelayedScaleDown, Recommendation, VertexDelay};
pub use history::{ScalingHistory, ScalingSummary};
pub use part::{RowPart, StatePart, UnknownPart};
pub use policy_memory::PolicyMemory;
pub use tracked::{Change, Tracked};
pub use tracking::ScalingTracking;
pub use verification::{FailedScaling, Progress, Start, Trial, Verification};
pub use window::{TrackedWindow, Unstored};

use crate::ids::{ClusterName, VertexId};

/// Changes to a job's configuration that scaling asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConfigChanges {
    /// Keys to set.
    pub overrides: BTreeMap<String, String>,
    /// Keys to take away.
    pub removals: Vec<String>,
}

/// The state of a job, by its parts: a field for each, and what is done with every one of them.
macro_rules! job_state {
    ($( $(#[$doc:meta])+ $field:ident: $type:ty = $part:expr; )+) => {
        /// The state of one job. Each part knows whether it differs from what is stored.
        #[derive(Clone, Debug, Default, PartialEq)]
        pub struct JobState {
            $( $(#[$doc])+ pub $field: $type, )+
        }

        impl JobState {
            /// The parts that there are.
            pub fn present_parts(&self) -> impl Iterator<Item = StatePart> {
                [$( self.$field.stored().is_some().then_some($part), )+].into_iter().flatten()
            }

            /// How each part differs from what is stored.
            fn changes(&self) -> [(StatePart, Change); StatePart::ALL.len()] {
                [$( ($part, self.$field.change()), )+]
            }

            /// Takes over the parts that changed in `other`, as stored: what a store on the heap does to save.
            pub fn take_changes_of(&mut self, other: &Self) {
                $( self.$field.take_change_of(&other.$field); )+
            }

            /// Has every part stored as it is with the next save, and what is stored of parts that are not here
            /// taken away.
            pub fn touch(&mut self) {
                $( self.$field.touch(); )+
            }

            /// Takes note that everything is stored as it is.
            pub fn mark_stored(&mut self) {
                $( self.$field.mark_stored(); )+
            }

            /// Forgets everything, as when autoscaling is switched off for the job. The observations stay in memory: if
            /// it is switched on again before the job restarts, they are as good as they were.
            pub fn clear(&mut self) {
                $( self.$field.forget(); )+
            }
        }
    };
}

job_state! {
    /// Past scalings of each vertex.
    scaling_history: Tracked<ScalingHistory> = StatePart::Row(RowPart::ScalingHistory);
    /// When scalings happened and how long they took.
    scaling_tracking: Tracked<ScalingTracking> = StatePart::Row(RowPart::ScalingTracking);
    /// The observations of the metric window.
    collected_metrics: TrackedWindow = StatePart::CollectedMetrics;
    /// The subtasks each vertex should have.
    parallelism_overrides: Tracked<BTreeMap<VertexId, i32>> = StatePart::Row(RowPart::ParallelismOverrides);
    /// Configuration changes.
    config_overrides: Tracked<ConfigChanges> = StatePart::Row(RowPart::ConfigOverrides);
    /// Scale-downs waiting for their interval to pass.
    delayed_scale_down: Tracked<DelayedScaleDown> = StatePart::Row(RowPart::DelayedScaleDown);
    /// What the policy remembers.
    policy_memory: Tracked<PolicyMemory> = StatePart::PolicyMemory;
    /// The scaling that is looked after, and those that went wrong.
    verification: Tracked<Verification> = StatePart::Verification;
    /// The cluster that the job was on when it was stored last.
    cluster: Tracked<Option<ClusterName>> = StatePart::Cluster;
}

impl JobState {
    /// The parts that differ from what is stored.
    pub fn changed_parts(&self) -> impl Iterator<Item = StatePart> {
        self.changes().into_iter().filter(|(_, change)| *change != Change::Unchanged).map(|(part, _)| part)
    }

    /// Whether some part differs from what is stored.
    pub fn is_changed(&self) -> bool {
        self.changed_parts().next().is_some()
    }

    /// Notes on which cluster the job is, where there is anything to remember of it.
    pub fn is_on(&mut self, cluster: &ClusterName) {
        if self.present_parts().all(|part| part == StatePart::Cluster) {
            self.cluster.remove();
        } else if self.cluster.get().as_ref() != Some(cluster) {
            self.cluster.set(Some(cluster.clone()));
        }
    }

    /// Whether what is to be realized differs from what is stored.
    pub fn has_unstored_overrides(&self) -> bool {
        self.parallelism_overrides.change() != Change::Unchanged || self.config_overrides.change() != Change::Unchanged
    }
}
