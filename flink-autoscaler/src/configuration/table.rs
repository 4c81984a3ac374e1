//! The option table of this program: rows of the runtime, of the backends that are in it, and of jobs.

use autoscaler::autoscaler_core::options::{Configuration, JobOptions, OptionSpec, nearest_key};
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
