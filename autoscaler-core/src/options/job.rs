//! The options of a job: everything under `job.autoscaler.`.

use std::collections::BTreeSet;
use std::time::Duration;

use super::alignment::{AdjustMode, AlignmentChoice};
use super::configuration::Configuration;
use super::excluded::ExcludedPeriod;
use super::plugin::{self, PluginChoice};
use super::spec::{InvalidOption, OptionSpec, nearest_key, options};
use super::validate;
use super::value::{MemorySize, MetricAggregator};

options! {
    /// The options of one job as they stand in its configuration.
    RawJobOptions, prefix "job.autoscaler." {
        #[doc = "Whether the job is autoscaled at all."]
        enabled: bool = "enabled", "false";
        #[doc = "Whether decisions are applied; if not, they are only reported."]
        scaling_enabled: bool = "scaling.enabled", "true";
        #[doc = "Span of observations that a decision looks at."]
        metrics_window: Duration = "metrics.window", "15 min";
        #[doc = "Time after a (re)start whose observations don't count."]
        stabilization_interval: Duration = "stabilization.interval", "5 min";
        #[doc = "Periods without scaling: daily ranges, Quartz cron expressions, or both joined by &&."]
        excluded_periods: Vec<String> = "excluded.periods", "";
        #[doc = "Utilization (0 to 1) that a vertex is scaled to."]
        utilization_target: f64 = "utilization.target", "0.7", &["kubernetes.operator.job.autoscaler.utilization.target",
            "kubernetes.operator.job.autoscaler.target.utilization", "job.autoscaler.target.utilization"];
        #[doc = "Distance from the target utilization within which nothing is scaled."]
        utilization_boundary: f64 = "target.utilization.boundary", "0.3";
        #[doc = "Utilization above which a vertex is scaled up; target plus boundary if not set."]
        utilization_max: f64 = "utilization.max", none;
        #[doc = "Utilization below which a vertex is scaled down; target minus boundary if not set."]
        utilization_min: f64 = "utilization.min", none;
        #[doc = "Time a scale-down waits; it then goes to the largest parallelism wanted in that time. 0: no wait."]
        scale_down_interval: Duration = "scale-down.interval", "1 h", &["kubernetes.operator.job.autoscaler.scale-up.grace-period",
            "kubernetes.operator.job.autoscaler.scale-down.interval", "job.autoscaler.scale-up.grace-period"];
        #[doc = "Smallest parallelism of a vertex."]
        vertex_min_parallelism: i32 = "vertex.min-parallelism", "1";
        #[doc = "Largest parallelism of a vertex."]
        vertex_max_parallelism: i32 = "vertex.max-parallelism", "200";
        #[doc = "Largest share of its parallelism that a vertex loses in one step."]
        max_scale_down_factor: f64 = "scale-down.max-factor", "0.6";
        #[doc = "Largest multiple of its parallelism that a vertex gains in one step."]
        max_scale_up_factor: f64 = "scale-up.max-factor", "100000.0";
        #[doc = "Time in which a backlog should be worked off. 0: backlogs add no capacity."]
        catch_up_duration: Duration = "catch-up.duration", "30 min";
        #[doc = "Expected downtime of a rescale."]
        restart_time: Duration = "restart.time", "5 min";
        #[doc = "Use the longest restart measured instead of restart.time."]
        restart_time_tracking_enabled: bool = "restart.time-tracking.enabled", "false";
        #[doc = "Upper limit of the measured restart time."]
        restart_time_tracking_limit: Duration = "restart.time-tracking.limit", "15 min";
        #[doc = "A source lagging by more than this is working off a backlog: nothing is scaled down."]
        backlog_lag_threshold: Duration = "backlog-processing.lag-threshold", "5 min";
        #[doc = "A source lagging by more than this shows its true processing rate."]
        observed_rate_lag_threshold: Duration = "observed-true-processing-rate.lag-threshold", "30 s";
        #[doc = "Prefer the observed true processing rate where busy time gives more than this share above it."]
        observed_rate_switch_threshold: f64 = "observed-true-processing-rate.switch-threshold", "0.15";
        #[doc = "Observations needed before the observed true processing rate is used."]
        observed_rate_min_observations: i32 = "observed-true-processing-rate.min-observations", "2";
        #[doc = "Don't scale up again a vertex whose last scale-up brought too little."]
        effectiveness_detection_enabled: bool = "scaling.effectiveness.detection.enabled", "false";
        #[doc = "Share of the expected gain below which a scale-up was ineffective."]
        effectiveness_threshold: f64 = "scaling.effectiveness.threshold", "0.1";
        #[doc = "Share of time in garbage collection above which nothing is scaled."]
        gc_pressure_threshold: f64 = "memory.gc-pressure.threshold", "1.0";
        #[doc = "Average heap usage (0 to 1) above which nothing is scaled."]
        heap_usage_threshold: f64 = "memory.heap-usage.threshold", "1.0";
        #[doc = "Apply the memory configuration that scaling recommends."]
        memory_tuning_enabled: bool = "memory.tuning.enabled", "false";
        #[doc = "Give the remaining TaskManagers more heap when their number falls."]
        memory_tuning_compensation_enabled: bool = "memory.tuning.scale-down-compensation.enabled", "true";
        #[doc = "Memory added on top of what was used, as a share of it."]
        memory_tuning_overhead: f64 = "memory.tuning.overhead", "0.2";
        #[doc = "Give all memory left to managed memory, where it is used."]
        memory_tuning_maximize_managed: bool = "memory.tuning.maximize-managed-memory", "false";
        #[doc = "Past scalings remembered for each vertex."]
        history_max_count: i32 = "history.max.count", "3";
        #[doc = "Age at which a past scaling is forgotten."]
        history_max_age: Duration = "history.max.age", "24 h";
        #[doc = "Which subtask's busy time stands for the vertex: AVG, MAX or MIN."]
        busy_time_aggregator: MetricAggregator = "metrics.busy-time.aggregator", "MAX";
        #[doc = "Vertices never scaled, by id."]
        vertex_exclude_ids: Vec<String> = "vertex.exclude.ids", "";
        #[doc = "Span in which repeats of an event are merged."]
        scaling_event_interval: Duration = "scaling.event.interval", "30 min";
        #[doc = "Time within which Flink's REST API must answer."]
        rest_client_timeout: Duration = "flink.rest-client.timeout", "10 s";
        #[doc = "Memory that the job's TaskManagers may have in all."]
        quota_memory: MemorySize = "quota.memory", none;
        #[doc = "CPU cores that the job's TaskManagers may have in all."]
        quota_cpu: f64 = "quota.cpu", none;
        #[doc = "The older option for alignment: EVENLY_SPREAD or MAXIMIZE_UTILISATION."]
        adjust_mode: AdjustMode = "scaling.key-group.partitions.adjust.mode", "EVENLY_SPREAD";
        #[doc = "How parallelism is aligned with key groups or source partitions: BALANCED, EVENLY_SPREAD, OFF or a custom mode."]
        alignment_mode: String = "scaling.parallelism-alignment.mode", "BALANCED";
        #[doc = "Use how throughput really grew with parallelism in past scalings."]
        observed_scalability_enabled: bool = "observed-scalability.enabled", "false";
        #[doc = "Past scalings needed for it."]
        observed_scalability_min_observations: i32 = "observed-scalability.min-observations", "3";
        #[doc = "Lower limit of the scalability coefficient."]
        observed_scalability_coefficient_min: f64 = "observed-scalability.coefficient-min", "0.5";
        #[doc = "Custom evaluators in use, by name; each may overwrite evaluated metrics."]
        custom_evaluators: Vec<String> = "metrics.custom-evaluators", "";
        #[doc = "Custom executors in use, by name; each may change a scaling or veto it."]
        custom_executors: Vec<String> = "scaling.custom-executors", "";
    }
}

/// The options of one job, read and validated.
#[derive(Clone, Debug)]
pub struct JobOptions {
    values: RawJobOptions,
    /// The excluded periods, parsed.
    pub periods: Vec<ExcludedPeriod>,
    /// How parallelism is aligned, old and new keys considered.
    pub alignment: AlignmentChoice,
    /// The custom evaluators in use, in the order of `metrics.custom-evaluators`.
    pub evaluators: Vec<PluginChoice>,
    /// The custom executors in use, in the order of `scaling.custom-executors`.
    pub executors: Vec<PluginChoice>,
    /// Keys that are set and have no effect, each with what to do about it.
    pub unknown_keys: Vec<String>,
}

impl std::ops::Deref for JobOptions {
    type Target = RawJobOptions;

    fn deref(&self) -> &RawJobOptions {
        &self.values
    }
}

impl JobOptions {
    /// The rows of the option table.
    pub const SPECS: &'static [OptionSpec] = RawJobOptions::SPECS;

    /// Patterns of the keys that configure plugins.
    pub const PLUGIN_SPECS: &'static [OptionSpec] = PLUGIN_SPECS;

    /// Reads and validates the options in `configuration` (algorithm 1.5; only types are checked while the
    /// autoscaler is off for the job).
    ///
    /// # Errors
    /// The first option that can't be used: its key, its value and what is allowed.
    pub fn from_configuration(configuration: &Configuration) -> Result<Self, InvalidOption> {
        let values = RawJobOptions::read_fields(configuration)?;
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

    /// Ids in `vertex.exclude.ids`.
    pub fn excluded_vertex_ids(&self) -> BTreeSet<&str> {
        self.values.vertex_exclude_ids.iter().map(String::as_str).collect()
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
    OptionSpec { key, alternatives: &[], default: None, doc }
}

fn unknown_keys(configuration: &Configuration, options: &RawJobOptions) -> Vec<String> {
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
        let hint = nearest_key(plain, RawJobOptions::SPECS.iter().map(|spec| spec.key));
        match (plugin::configures_plugin(plain, in_use), hint) {
            (Some(true), _) => {}
            (Some(false), _) => {
                found.push(format!("option {key} has no effect: it configures a plugin that no option names"))
            }
            (None, Some(nearest)) => {
                found.push(format!("option {key} is not known and has no effect; did you mean {nearest}?"));
            }
            (None, None) => found.push(format!("option {key} is not known and has no effect")),
        }
    }
    found
}

fn is_known(key: &str) -> bool {
    RawJobOptions::SPECS.iter().any(|spec| spec.key == key || spec.alternatives.contains(&key))
}
