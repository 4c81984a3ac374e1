//! The options of metrics.

use autoscaler_core::options::{Configuration, InvalidOption};

autoscaler_core::options! {
    /// The options of metrics.
    MetricsOptions, prefix "autoscaler.standalone.metrics." {
        #[doc = "Most series about single jobs and vertices in /metrics; those of further jobs are left out and counted."]
        max_series: i32 = "max-series", "100000", &[] => at_least(0.0);
    }
}

impl MetricsOptions {
    /// Reads and checks the options in `configuration`.
    ///
    /// # Errors
    /// The first option that can't be used: its key, its value and what is allowed.
    pub fn from_configuration(configuration: &Configuration) -> Result<Self, InvalidOption> {
        Self::checked(configuration)
    }

    /// The bound as a count.
    pub(crate) fn series(&self) -> usize {
        usize::try_from(self.max_series).unwrap_or(0)
    }
}
