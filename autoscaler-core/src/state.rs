//! What is remembered of a job between cycles, and across restarts.

pub mod codec;
mod delayed;
mod history;
mod part;
mod tracking;

use std::collections::BTreeMap;

pub use delayed::{DelayedScaleDown, Recommendation, VertexDelay};
pub use history::{ScalingHistory, ScalingSummary};
pub use part::Part;
pub use tracking::ScalingTracking;

use crate::window::MetricHistory;
use codec::StatePart;

/// Changes to a job's configuration that scaling asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConfigChanges {
    /// Keys to set.
    pub overrides: BTreeMap<String, String>,
    /// Keys to take away.
    pub removals: Vec<String>,
}

/// The state of one job. Each part knows whether it differs from what is stored.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct JobState {
    /// Past scalings of each vertex.
    pub scaling_history: Part<ScalingHistory>,
    /// When scalings happened and how long they took.
    pub scaling_tracking: Part<ScalingTracking>,
    /// The observations of the metric window.
    pub collected_metrics: Part<MetricHistory>,
    /// The parallelism each vertex should have: vertex id to number, as text.
    pub parallelism_overrides: Part<BTreeMap<String, String>>,
    /// Configuration changes.
    pub config_overrides: Part<ConfigChanges>,
    /// Scale-downs waiting for their interval to pass.
    pub delayed_scale_down: Part<DelayedScaleDown>,
}

impl JobState {
    /// Forgets everything, as when autoscaling is switched off for the job. The observations stay in memory: if it is
    /// switched on again before the job restarts, they are as good as they were.
    pub fn clear(&mut self) {
        self.scaling_history.remove();
        self.scaling_tracking.remove();
        self.collected_metrics.remove_stored();
        self.collected_metrics.get_mut_unchanged().mark_unstored();
        self.parallelism_overrides.remove();
        self.config_overrides.remove();
        self.delayed_scale_down.remove();
    }

    /// The parts that differ from what is stored.
    pub fn changed_parts(&self) -> impl Iterator<Item = StatePart> {
        StatePart::ALL.into_iter().filter(|part| match part {
            StatePart::ScalingHistory => self.scaling_history.is_changed(),
            StatePart::ScalingTracking => self.scaling_tracking.is_changed(),
            StatePart::CollectedMetrics => self.collected_metrics.is_changed(),
            StatePart::ParallelismOverrides => self.parallelism_overrides.is_changed(),
            StatePart::ConfigOverrides => self.config_overrides.is_changed(),
            StatePart::DelayedScaleDown => self.delayed_scale_down.is_changed(),
        })
    }

    /// Whether some part differs from what is stored.
    pub fn is_changed(&self) -> bool {
        self.changed_parts().next().is_some()
    }

    /// Takes over the parts that changed in `other`, as stored: what a store on the heap does to save.
    pub fn take_changes_of(&mut self, other: &Self) {
        self.scaling_history.take_change_of(&other.scaling_history);
        self.scaling_tracking.take_change_of(&other.scaling_tracking);
        self.collected_metrics.take_change_of(&other.collected_metrics);
        self.parallelism_overrides.take_change_of(&other.parallelism_overrides);
        self.config_overrides.take_change_of(&other.config_overrides);
        self.delayed_scale_down.take_change_of(&other.delayed_scale_down);
    }

    /// Has a part stored as it is with the next save.
    pub fn touch(&mut self, part: StatePart) {
        match part {
            StatePart::ScalingHistory => self.scaling_history.touch(),
            StatePart::ScalingTracking => self.scaling_tracking.touch(),
            StatePart::CollectedMetrics => {
                self.collected_metrics.touch();
                self.collected_metrics.get_mut_unchanged().mark_unstored();
            }
            StatePart::ParallelismOverrides => self.parallelism_overrides.touch(),
            StatePart::ConfigOverrides => self.config_overrides.touch(),
            StatePart::DelayedScaleDown => self.delayed_scale_down.touch(),
        }
    }

    /// Whether what is to be realized differs from what is stored.
    pub fn has_unstored_overrides(&self) -> bool {
        self.parallelism_overrides.is_changed() || self.config_overrides.is_changed()
    }

    /// Takes note that everything is stored as it is.
    pub fn mark_stored(&mut self) {
        self.scaling_history.mark_stored();
        self.scaling_tracking.mark_stored();
        self.collected_metrics.mark_stored();
        self.collected_metrics.get_mut_unchanged().mark_stored();
        self.parallelism_overrides.mark_stored();
        self.config_overrides.mark_stored();
        self.delayed_scale_down.mark_stored();
    }
}
