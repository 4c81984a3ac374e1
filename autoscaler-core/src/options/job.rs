//! The options of a job, read and validated.

use super::alignment::AlignmentChoice;
use super::configuration::Configuration;
use super::excluded::ExcludedPeriod;
use super::invalid::InvalidOption;
use super::plugin::{self, PluginChoice};
use super::spec::{OptionSpec, nearest_key};
use super::table::JobOptionValues;
use super::validate;

/// The options of one job, read and validated.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct JobOptions {
    /// The options as they stand; their fields are to be had on this type, too.
    pub values: JobOptionValues,
    /// The excluded periods, parsed.
    pub periods: Vec<ExcludedPeriod>,
    /// How parallelism is aligned, old and new keys considered.
    pub alignment: AlignmentChoice,
    /// The custom evaluators in use, in the order of `metrics.custom-evaluators`.
    pub evaluators: Vec<PluginChoice>,
    /// The custom executors in use, in the order of `scaling.custom-executors`.
    pub executors: Vec<PluginChoice>,
    /// Keys that are set and have no effect.
    pub unknown_keys: Vec<UnknownKey>,
}

/// A key that is set and has no effect.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnknownKey {
    /// The key.
    pub key: String,
    /// What is wrong with it, and what to do about it.
    pub problem: String,
}

impl std::ops::Deref for JobOptions {
    type Target = JobOptionValues;

    fn deref(&self) -> &JobOptionValues {
        &self.values
    }
}

impl JobOptions {
    /// The rows of the option table.
    pub const SPECS: &'static [OptionSpec] = JobOptionValues::SPECS;

    /// Patterns of the keys that configure plugins.
    pub const PLUGIN_SPECS: &'static [OptionSpec] = PLUGIN_SPECS;

    /// Reads and validates the options in `configuration` (algorithm 1.5; only types are checked while the
    /// autoscaler is off for the job).
    ///
    /// # Errors
    /// The first option that can't be used: its key, its value and what is allowed.
    pub fn from_configuration(configuration: &Configuration) -> Result<Self, InvalidOption> {
        let values = JobOptionValues::read(configuration)?;
        let periods = validate::excluded_periods(&values.excluded_periods);
        if values.enabled {
            validate::ranges(&values)?;
        }
        let periods = match periods {
            Ok(periods) => periods,
            Err(error) if values.enabled => return Err(error),
            Err(_) => Vec::new(),
        };
        let alignment = AlignmentChoice::new(configuration, &values.alignment_mode, values.adjust_mode);
        let evaluators = PluginChoice::listed(configuration, plugin::CUSTOM_EVALUATOR, &values.custom_evaluators);
        let executors = PluginChoice::listed(configuration, plugin::CUSTOM_EXECUTOR, &values.custom_executors);
        let unknown_keys = unknown_keys(configuration, &values);
        Ok(Self { values, periods, alignment, evaluators, executors, unknown_keys })
    }

    /// Utilization above which a vertex is scaled up.
    pub fn upper_utilization(&self) -> f64 {
        self.utilization_max.unwrap_or(self.utilization_target + self.utilization_boundary)
    }

    /// Utilization below which a vertex is scaled down.
    pub fn lower_utilization(&self) -> f64 {
        self.utilization_min.unwrap_or(self.utilization_target - self.utilization_boundary)
    }
}

/// Pattern keys that parameterize plugins, for documentation.
pub(super) const PLUGIN_SPECS: &[OptionSpec] = &[
    plugin_spec(
        "job.autoscaler.metrics.custom-evaluator.<name>.class",
        "Implementation of a custom evaluator: the name it is registered under.",
    ),
    plugin_spec(
        "job.autoscaler.metrics.custom-evaluator.<name>.<parameter>",
        "Parameter that a custom evaluator is handed.",
    ),
    plugin_spec(
        "job.autoscaler.scaling.custom-executor.<name>.class",
        "Implementation of a custom executor: the name it is registered under.",
    ),
    plugin_spec(
        "job.autoscaler.scaling.custom-executor.<name>.<parameter>",
        "Parameter that a custom executor is handed.",
    ),
    plugin_spec(
        "job.autoscaler.scaling.parallelism-alignment.mode.<name>.class",
        "Implementation of a custom alignment mode: the name it is registered under.",
    ),
    plugin_spec(
        "job.autoscaler.scaling.parallelism-alignment.mode.<name>.<parameter>",
        "Parameter that a custom alignment mode is handed.",
    ),
];

const fn plugin_spec(key: &'static str, doc: &'static str) -> OptionSpec {
    OptionSpec { key, alternatives: &[], default: None, doc, secret: false }
}

fn unknown_keys(configuration: &Configuration, options: &JobOptionValues) -> Vec<UnknownKey> {
    let in_use = |prefix: &str, name: &str| match prefix {
        plugin::CUSTOM_EVALUATOR => options.custom_evaluators.iter().any(|used| used == name),
        plugin::CUSTOM_EXECUTOR => options.custom_executors.iter().any(|used| used == name),
        _ => options.alignment_mode == name,
    };
    let mut found = Vec::new();
    for (key, _) in configuration.iter() {
        let plain = key.strip_prefix("kubernetes.operator.").unwrap_or(key);
        if !plain.starts_with("job.autoscaler.") || is_known(key) {
            continue;
        }
        let hint = nearest_key(plain, JobOptionValues::SPECS.iter().map(|spec| spec.key));
        let problem = match (plugin::configures_plugin(plain, in_use), hint) {
            (Some(true), _) => continue,
            (Some(false), _) => format!("option {key} has no effect: it configures a plugin that no option names"),
            (None, Some(nearest)) => {
                format!("option {key} is not known and has no effect; did you mean {nearest}?")
            }
            (None, None) => format!("option {key} is not known and has no effect"),
        };
        found.push(UnknownKey { key: key.to_owned(), problem });
    }
    found
}

fn is_known(key: &str) -> bool {
    JobOptionValues::SPECS.iter().any(|spec| spec.key == key || spec.alternatives.contains(&key))
}
