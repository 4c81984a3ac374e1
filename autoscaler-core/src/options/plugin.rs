//! Options that name plugins: which, by what implementation, with what parameters of its own.

use std::collections::BTreeMap;

use super::configuration::Configuration;

const OPERATOR_PREFIX: &str = "kubernetes.operator.";

/// Prefixes of the keys that configure one plugin, each followed by its name.
pub(super) const CUSTOM_EVALUATOR: &str = "job.autoscaler.metrics.custom-evaluator.";
pub(super) const CUSTOM_EXECUTOR: &str = "job.autoscaler.scaling.custom-executor.";
pub(super) const ALIGNMENT_MODE: &str = "job.autoscaler.scaling.parallelism-alignment.mode.";

/// Parameters of a plugin: what stands behind `….<name>.` of its keys, `class` left out.
pub type Parameters = BTreeMap<String, String>;

/// A plugin as options name it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PluginChoice {
    /// The name it goes by in the options.
    pub name: String,
    /// The implementation: the name it is registered under. Its own name where no class is set.
    pub class: String,
    /// Its parameters.
    pub parameters: Parameters,
}

impl PluginChoice {
    /// The plugin `name` of the kind whose keys begin with `prefix`.
    pub(super) fn named(configuration: &Configuration, prefix: &str, name: &str) -> Self {
        let mut parameters = Parameters::new();
        // The plain key is the stronger one, so it is read last.
        for full in [format!("{OPERATOR_PREFIX}{prefix}{name}."), format!("{prefix}{name}.")] {
            for (key, value) in configuration.iter() {
                if let Some(parameter) = key.strip_prefix(&full).filter(|parameter| !parameter.is_empty()) {
                    parameters.insert(parameter.to_owned(), value.to_owned());
                }
            }
        }
        let class = parameters.remove("class").unwrap_or_else(|| name.to_owned());
        Self { name: name.to_owned(), class, parameters }
    }

    /// The plugins that a list option names, in its order.
    pub(super) fn listed(configuration: &Configuration, prefix: &str, names: &[String]) -> Vec<Self> {
        names.iter().map(|name| Self::named(configuration, prefix, name)).collect()
    }
}

/// Whether a key configures a plugin; if so, whether one that is in use.
pub(super) fn configures_plugin(key: &str, in_use: impl Fn(&str, &str) -> bool) -> Option<bool> {
    let prefix = [CUSTOM_EVALUATOR, CUSTOM_EXECUTOR, ALIGNMENT_MODE].into_iter().find(|p| key.starts_with(p))?;
    let (name, parameter) = key[prefix.len()..].split_once('.')?;
    (!name.is_empty() && !parameter.is_empty()).then(|| in_use(prefix, name))
}
