//! The option table of this program: rows of the runtime, of the backends that are in it, and of jobs.

use autoscaler::autoscaler_core::options::{Configuration, JobOptions, OptionSpec, nearest_key};
use autoscaler::autoscaler_core::registry::Backends;
use autoscaler::autoscaler_runtime::RuntimeOptions;

/// All rows.
#[derive(Debug)]
pub(crate) struct OptionTable {
    /// Of the process: `autoscaler.…`.
    process: Vec<&'static OptionSpec>,
}

impl OptionTable {
    /// The table of a program that has these backends.
    pub(crate) fn new(backends: &Backends) -> Self {
        Self { process: RuntimeOptions::SPECS.iter().chain(backends.options()).collect() }
    }

    /// All rows, in the order they are documented.
    pub(crate) fn rows(&self) -> impl Iterator<Item = &'static OptionSpec> {
        self.process.iter().copied().chain(JobOptions::SPECS).chain(JobOptions::PLUGIN_SPECS)
    }

    /// Keys without dots: names that options had before, which the Java process still takes.
    pub(crate) fn short_names(&self) -> impl Iterator<Item = &'static str> {
        self.rows().flat_map(|row| row.alternatives.iter().copied()).filter(|key| !key.contains('.'))
    }

    /// Keys of the process that are set and have no effect, each with what to do about it.
    pub(crate) fn unknown_keys(&self, configuration: &Configuration) -> Vec<String> {
        let is_known = |key: &str| self.process.iter().any(|row| row.key == key || row.alternatives.contains(&key));
        let ours = configuration.iter().map(|(key, _)| key).filter(|key| key.starts_with("autoscaler."));
        ours.filter(|key| !is_known(key))
            .map(|key| match nearest_key(key, self.process.iter().map(|row| row.key)) {
                Some(nearest) => format!("option {key} is not known and has no effect; did you mean {nearest}?"),
                None => format!("option {key} is not known and has no effect"),
            })
            .collect()
    }
}
