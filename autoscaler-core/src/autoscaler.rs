//! What is the same for all jobs of a process.

use std::sync::Arc;
use std::time::Duration;

use chrono_tz::Tz;

use crate::plugin::{Plugins, ResourceCheck};

/// Decides for jobs. What is the same for all of them: plugins, the time zone, and how often one complains.
#[derive(Clone, Debug)]
pub struct Autoscaler {
    pub(crate) plugins: Arc<Plugins>,
    pub(crate) time_zone: Tz,
    pub(crate) complaint_interval: Duration,
}

impl Default for Autoscaler {
    fn default() -> Self {
        // The default of `job.autoscaler.scaling.event.interval`.
        Self { plugins: Arc::default(), time_zone: Tz::UTC, complaint_interval: Duration::from_secs(30 * 60) }
    }
}

impl Autoscaler {
    /// Without plugins, in UTC.
    pub fn new() -> Self {
        Self::default()
    }

    /// With plugins that options may name.
    #[must_use]
    pub fn with_plugins(mut self, plugins: Plugins) -> Self {
        self.plugins = Arc::new(plugins);
        self
    }

    /// With a check of one cluster's resources, unless there is one for all.
    #[must_use]
    pub fn with_resource_check(mut self, check: Arc<dyn ResourceCheck>) -> Self {
        Arc::make_mut(&mut self.plugins).check_resources_by(check);
        self
    }

    /// With the time zone that excluded periods are written in.
    #[must_use]
    pub fn with_time_zone(mut self, time_zone: Tz) -> Self {
        self.time_zone = time_zone;
        self
    }

    /// With the span in which a job's complaints about its unusable options are merged: its own options, which would
    /// say, can't be read.
    #[must_use]
    pub fn with_complaint_interval(mut self, interval: Duration) -> Self {
        self.complaint_interval = interval;
        self
    }
}
