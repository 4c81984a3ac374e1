//! The options of a job, read and validated.

use super::alignment::AlignmentChoice;
use super::configuration::Configuration;
use super::contradictions::contradictions;
use super::excluded::ExcludedPeriod;
use super::idea::Idea;
use super::invalid::InvalidOption;
use super::plugin::{self, PluginChoice};
use super::policy::PolicyChoice;
use super::remark::OptionRemark;
use super::schedule::ScheduleRule;
use super::shown::shown_key;
use super::spec::{OptionSpec, unknown_key};
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
    /// The rules of the schedule, parsed.
    pub rules: Vec<ScheduleRule>,
    /// How parallelism is aligned, old and new keys considered.
    pub alignment: AlignmentChoice,
    /// The custom evaluators in use, in the order of `metrics.custom-evaluators`.
    pub evaluators: Vec<PluginChoice>,
    /// The custom executors in use, in the order of `scaling.custom-executors`.
    pub executors: Vec<PluginChoice>,
    /// Keys that are set and have no effect, and values that are hardly meant.
    pub remarks: Vec<OptionRemark>,
    /// What the responsive policy does without: nothing can set it but code.
    #[doc(hidden)]
    pub without: Option<Idea>,
}

impl std::ops::Deref for JobOptions {
    type Target = JobOptionValues;

    fn deref(&self) -> &JobOptionValues {
        &self.values
    }
}

/// What was read; where the autoscaler is off for the job, what can't be used is as if it were not there.
fn unless_off<T>(options: &JobOptionValues, read: Result<Vec<T>, InvalidOption>) -> Result<Vec<T>, InvalidOption> {
    if options.enabled { read } else { Ok(read.unwrap_or_default()) }
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
        if values.enabled {
            validate::ranges(&values, configuration)?;
        }
        let periods = unless_off(&values, validate::excluded_periods(&values.excluded_periods, configuration))?;
        let rules = unless_off(&values, validate::schedule(&values, configuration))?;
        let alignment = AlignmentChoice::new(configuration, &values.alignment_mode, values.adjust_mode);
        let evaluators = PluginChoice::listed(configuration, plugin::CUSTOM_EVALUATOR, &values.custom_evaluators);
        let executors = PluginChoice::listed(configuration, plugin::CUSTOM_EXECUTOR, &values.custom_executors);
        let remarks = remarks(configuration, &values);
        Ok(Self { values, periods, rules, alignment, evaluators, executors, remarks, without: None })
    }

    /// The same for the options of a process, which hold for every job: what no job could use is refused even where the
    /// autoscaler, or the feature that uses it, is off.
    ///
    /// # Errors
    /// The first option that can't be used: its key, its value, its origin and what is allowed.
    pub fn of_process(configuration: &Configuration) -> Result<Self, InvalidOption> {
        let values = JobOptionValues::checked(configuration)?;
        validate::excluded_periods(&values.excluded_periods, configuration)?;
        validate::limits(&values, configuration)?;
        validate::schedule(&values, configuration)?;
        Self::from_configuration(configuration)
    }

    /// Whether scalings are looked after, and put back where they do harm.
    pub fn rolls_back(&self) -> bool {
        self.rollback_enabled.unwrap_or(self.policy == PolicyChoice::Responsive)
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
    OptionSpec::new::<String>(key, &[], None, doc)
}

fn remarks(configuration: &Configuration, options: &JobOptionValues) -> Vec<OptionRemark> {
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
        let text = match plugin::configures_plugin(plain, in_use) {
            Some(true) => continue,
            Some(false) => {
                format!("option {} has no effect: it configures a plugin that no option names", shown_key(key))
            }
            None => unknown_key(key, JobOptionValues::SPECS.iter().map(|spec| spec.key)),
        };
        found.push(OptionRemark { key: key.to_owned(), text });
    }
    for spec in JobOptionValues::SPECS {
        if let Some((key, text)) = spec.key_set_in(configuration).zip(spec.doubt(configuration)) {
            found.push(OptionRemark { key: key.to_owned(), text });
        }
    }
    found.extend(contradictions(configuration, options));
    found
}

fn is_known(key: &str) -> bool {
    JobOptionValues::SPECS.iter().any(|spec| spec.key == key || spec.alternatives.contains(&key))
}
