//! Backends by the names that options give them.
//!
//! Each backend crate has a `register` function that adds what it has to offer: a name for an option to choose, the
//! rows of the option table that configure it, and how to open it. Which crates take part is up to whoever puts the
//! program together; a program of one's own registers backends of one's own in the same way.

mod opening;

use std::fmt;

pub use opening::{Extensions, Opened, Opening};

use crate::options::{Configuration, InvalidOption, OptionSpec, Shown, shown_value};
use crate::ports::{AutoScalerEventHandler, AutoScalerStateStore, Cluster, ClusterSource, PortError, ScalingRealizer};
use std::sync::Arc;

/// How a store, an event handler or a source of clusters is opened. Nothing is connected to yet.
pub type Open<T> = fn(&mut Opening<'_>) -> Result<Opened<T>, PortError>;
/// How the realizer of a cluster is made.
pub type OpenRealizer = fn(&Configuration, &Cluster) -> Result<Arc<dyn ScalingRealizer>, PortError>;

/// A backend that an option can name.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Backend<O> {
    /// The name, in capitals.
    pub name: &'static str,
    /// What it does, in a few words.
    pub doc: &'static str,
    /// How it is opened.
    pub open: O,
}

impl<O> fmt::Debug for Backend<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// A kind of backend that this build lacks, and the Cargo feature that adds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MissingBackend {
    /// The option's value that would name it.
    pub name: &'static str,
    /// The feature.
    pub feature: &'static str,
}

/// The backends of one kind.
#[derive(Debug)]
pub struct Registered<O> {
    backends: Vec<Backend<O>>,
    missing: Vec<MissingBackend>,
}

impl<O> Default for Registered<O> {
    fn default() -> Self {
        Self { backends: Vec::new(), missing: Vec::new() }
    }
}

impl<O: Copy> Registered<O> {
    /// Adds a backend; one of the same name is replaced.
    pub fn add(&mut self, name: &'static str, doc: &'static str, open: O) {
        self.backends.retain(|backend| backend.name != name);
        self.missing.retain(|missing| missing.name != name);
        self.backends.push(Backend { name, doc, open });
    }

    /// Takes note that a feature which is off would add a backend.
    pub fn add_missing(&mut self, name: &'static str, feature: &'static str) {
        if !self.backends.iter().any(|backend| backend.name == name) {
            self.missing.push(MissingBackend { name, feature });
        }
    }

    /// All of them, in the order they were added.
    pub fn iter(&self) -> impl Iterator<Item = &Backend<O>> {
        self.backends.iter()
    }

    /// The backend that `option` names, in any case.
    ///
    /// # Errors
    /// There is none of that name: what there is, and the feature that adds it if it is known.
    pub fn named(&self, option: &str, name: &str) -> Result<Backend<O>, InvalidOption> {
        self.named_in(&Configuration::new(), option, name)
    }

    /// The same; the error also says where `configuration` has the option from.
    ///
    /// # Errors
    /// There is none of that name: what there is, and the feature that adds it if it is known.
    pub fn named_in(
        &self,
        configuration: &Configuration,
        option: &str,
        name: &str,
    ) -> Result<Backend<O>, InvalidOption> {
        let wanted = name.trim();
        if let Some(backend) = self.backends.iter().find(|backend| backend.name.eq_ignore_ascii_case(wanted)) {
            return Ok(*backend);
        }
        let names: Vec<&str> = self.backends.iter().map(|backend| backend.name).collect();
        let names = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
        let origin = configuration.origin(option).map_or(String::new(), |origin| format!(" (from {origin})"));
        let problem = match self.missing.iter().find(|missing| missing.name.eq_ignore_ascii_case(wanted)) {
            Some(MissingBackend { name, feature }) => {
                format!(
                    "names {name}{origin}, which is not in this build: it has {names}; build it with --features {feature}"
                )
            }
            None => {
                let value = shown_value(wanted, Shown::Harmless, &names);
                format!("has {value}{origin}: expected one of those in this build: {names}")
            }
        };
        Err(InvalidOption::new(option, problem))
    }
}

/// All backends a program has.
#[derive(Debug, Default)]
pub struct Backends {
    /// Where state is kept.
    pub stores: Registered<Open<dyn AutoScalerStateStore>>,
    /// Where events go.
    pub handlers: Registered<Open<dyn AutoScalerEventHandler>>,
    /// Which clusters there are.
    pub sources: Registered<Open<dyn ClusterSource>>,
    /// How scalings are applied.
    pub realizers: Registered<OpenRealizer>,
    /// What backends of one family share while they register and open: the drivers of SQL databases, say.
    pub extensions: Extensions,
    options: Vec<&'static [OptionSpec]>,
}

impl Backends {
    /// No backends.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds rows to the option table; those that are in it stay once.
    pub fn add_options(&mut self, rows: &'static [OptionSpec]) {
        let is_known = |row: &OptionSpec| self.options().any(|known| known.key == row.key);
        if !rows.iter().all(is_known) {
            self.options.push(rows);
        }
    }

    /// The rows of the option table that backends brought along, in the order they were added.
    pub fn options(&self) -> impl Iterator<Item = &'static OptionSpec> {
        self.options.iter().flat_map(|rows| rows.iter())
    }
}

#[cfg(test)]
mod tests;
