//! The option table of this program: rows of the runtime, of the backends that are in it, and of jobs.

use autoscaler::autoscaler_core::options::{Configuration, InvalidOption, JobOptions, OptionSpec, process_remarks};
use autoscaler::autoscaler_core::registry::Backends;
use autoscaler::autoscaler_runtime::RuntimeOptions;

/// All rows.
#[derive(Debug)]
pub(crate) struct OptionTable {
    /// Of the process: `autoscaler.…`.
    process: Vec<&'static OptionSpec>,
    /// What an option can name, by its key: name and what it does.
    named: Vec<(&'static str, Vec<(&'static str, &'static str)>)>,
}

impl OptionTable {
    /// The table of a program that has these backends.
    pub(crate) fn new(backends: &Backends) -> Self {
        let process = RuntimeOptions::SPECS.iter().chain(backends.options()).collect();
        let Backends { stores, handlers, sources, realizers, .. } = backends;
        let named = vec![
            ("autoscaler.standalone.state-store.type", stores.iter().map(|b| (b.name, b.doc)).collect()),
            ("autoscaler.standalone.event-handler.type", handlers.iter().map(|b| (b.name, b.doc)).collect()),
            ("autoscaler.standalone.fetcher.type", sources.iter().map(|b| (b.name, b.doc)).collect()),
            ("autoscaler.standalone.realizer.type", realizers.iter().map(|b| (b.name, b.doc)).collect()),
        ];
        Self { process, named }
    }

    /// The backends in this program that the option of a key can name, each with what it does.
    pub(crate) fn backends(&self, key: &str) -> &[(&'static str, &'static str)] {
        self.named.iter().find(|(of, _)| *of == key).map_or(&[], |(_, backends)| backends)
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
