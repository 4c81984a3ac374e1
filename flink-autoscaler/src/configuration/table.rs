//! The option table of this program: rows of the runtime, of the backends that are in it, and of jobs.

use autoscaler::autoscaler_core::options::{Configuration, InvalidOption, JobOptions, OptionSpec, process_remarks};
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

    /// Whether the options of the process have values they can have.
    ///
    /// # Errors
    /// The first that has not: its key, its value, its origin and what is allowed.
    pub(crate) fn check(&self, configuration: &Configuration) -> Result<(), InvalidOption> {
        self.process.iter().try_for_each(|row| row.check(configuration))
    }

    /// What somebody should know about the options of the process, each with what to do about it.
    pub(crate) fn remarks(&self, configuration: &Configuration) -> Vec<String> {
        process_remarks(&self.process, configuration)
    }
}
