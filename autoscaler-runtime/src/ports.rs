//! The outside world of a control loop.

use std::sync::Arc;

use autoscaler_core::time::Instant;
use autoscaler_core::{
    AutoScalerEventHandler, AutoScalerStateStore, JobListFetcher, MetricsCollector, ScalingRealizer,
};

/// The outside world of a control loop.
#[derive(Clone, Debug)]
pub struct Ports {
    /// Which jobs there are.
    pub jobs: Arc<dyn JobListFetcher>,
    /// How they are looked at.
    pub collector: Arc<dyn MetricsCollector>,
    /// What is remembered of them.
    pub store: Arc<dyn AutoScalerStateStore>,
    /// Who is told what happened.
    pub handler: Arc<dyn AutoScalerEventHandler>,
    /// How scalings are applied.
    pub realizer: Arc<dyn ScalingRealizer>,
    /// What time it is.
    pub clock: fn() -> Instant,
}
