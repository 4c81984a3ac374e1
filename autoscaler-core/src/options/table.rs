//! The table of a job's options: everything under `job.autoscaler.`.

use std::time::Duration;

use super::aggregator::MetricAggregator;
use super::alignment::AdjustMode;
use super::policy::PolicyChoice;
use super::rule_texts::RuleTexts;
use super::value::MemorySize;

crate::options! {
    /// The options of one job as they stand in its configuration.
    JobOptionValues, prefix "job.autoscaler." {
        #[doc = "Whether the job is autoscaled at all."]
        enabled: bool = "enabled", "false";
        #[doc = "Whether decisions are applied; if not, they are only reported."]
        scaling_enabled: bool = "scaling.enabled", "true";
        #[doc = "Span of observations that a decision looks at."]
        metrics_window: Duration = "metrics.window", "15 min" => seconds();
        #[doc = "Time after a (re)start whose observations don't count."]
        stabilization_interval: Duration = "stabilization.interval", "5 min" => seconds();
        #[doc = "Periods without scaling: daily ranges, Quartz cron expressions, or both joined by &&."]
        excluded_periods: Vec<String> = "excluded.periods", "";
        #[doc = "Utilization (0 to 1) that a vertex is scaled to."]
        utilization_target: f64 = "utilization.target", "0.7", &["kubernetes.operator.job.autoscaler.utilization.target",
            "kubernetes.operator.job.autoscaler.target.utilization", "job.autoscaler.target.utilization"] => within(0.0, 1.0);
        #[doc = "Distance from the target utilization within which nothing is scaled."]
        utilization_boundary: f64 = "target.utilization.boundary", "0.3" => at_least(0.0);
        #[doc = "Utilization above which a vertex is scaled up; target plus boundary if not set."]
        utilization_max: f64 = "utilization.max", none => within(0.0, 1.0);
        #[doc = "Utilization below which a vertex is scaled down; target minus boundary if not set."]
        utilization_min: f64 = "utilization.min", none => within(0.0, 1.0);
        #[doc = "Time a scale-down waits; it then goes to the largest parallelism wanted in that time. 0: no wait."]
        scale_down_interval: Duration = "scale-down.interval", "1 h", &["kubernetes.operator.job.autoscaler.scale-up.grace-period",
            "kubernetes.operator.job.autoscaler.scale-down.interval", "job.autoscaler.scale-up.grace-period"] => seconds();
        #[doc = "Smallest parallelism of a vertex."]
        vertex_min_parallelism: i32 = "vertex.min-parallelism", "1";
        #[doc = "Largest parallelism of a vertex."]
        vertex_max_parallelism: i32 = "vertex.max-parallelism", "200" => at_least(1.0);
        #[doc = "Largest share of its parallelism that a vertex loses in one step."]
        max_scale_down_factor: f64 = "scale-down.max-factor", "0.6" => at_least(0.0);
        #[doc = "Largest multiple of its parallelism that a vertex gains in one step."]
        max_scale_up_factor: f64 = "scale-up.max-factor", "100000.0" => at_least(0.0);
        #[doc = "Time in which a backlog should be worked off. 0: backlogs add no capacity."]
        catch_up_duration: Duration = "catch-up.duration", "30 min" => seconds();
        #[doc = "Expected downtime of a rescale."]
        restart_time: Duration = "restart.time", "5 min" => seconds();
        #[doc = "Use the longest restart measured instead of restart.time."]
        restart_time_tracking_enabled: bool = "restart.time-tracking.enabled", "false";
        #[doc = "Upper limit of the measured restart time."]
        restart_time_tracking_limit: Duration = "restart.time-tracking.limit", "15 min" => seconds();
        #[doc = "A source lagging by more than this is working off a backlog: nothing is scaled down."]
        backlog_lag_threshold: Duration = "backlog-processing.lag-threshold", "5 min" => seconds();
        #[doc = "A source lagging by more than this shows its true processing rate."]
        observed_rate_lag_threshold: Duration = "observed-true-processing-rate.lag-threshold", "30 s" => seconds();
        #[doc = "Prefer the observed true processing rate where busy time gives more than this share above it."]
        observed_rate_switch_threshold: f64 = "observed-true-processing-rate.switch-threshold", "0.15";
        #[doc = "Observations needed before the observed true processing rate is used."]
        observed_rate_min_observations: i32 = "observed-true-processing-rate.min-observations", "2";
        #[doc = "Don't scale up again a vertex whose last scale-up brought too little."]
        effectiveness_detection_enabled: bool = "scaling.effectiveness.detection.enabled", "false";
        #[doc = "Share of the expected gain below which a scale-up was ineffective."]
        effectiveness_threshold: f64 = "scaling.effectiveness.threshold", "0.1" => within(0.0, 1.0);
        #[doc = "Share of time in garbage collection above which nothing is scaled."]
        gc_pressure_threshold: f64 = "memory.gc-pressure.threshold", "1.0" => within(0.0, 1.0);
        #[doc = "Average heap usage (0 to 1) above which nothing is scaled."]
        heap_usage_threshold: f64 = "memory.heap-usage.threshold", "1.0" => within(0.0, 1.0);
        #[doc = "Apply the memory configuration that scaling recommends."]
        memory_tuning_enabled: bool = "memory.tuning.enabled", "false";
        #[doc = "Recommend a memory configuration also while nothing is scaled."]
        memory_tuning_recommendations: bool = "memory.tuning.recommendations.enabled", "false";
        #[doc = "Give the remaining TaskManagers more heap when their number falls."]
        memory_tuning_compensation_enabled: bool = "memory.tuning.scale-down-compensation.enabled", "true";
        #[doc = "Memory added on top of what was used, as a share of it."]
        memory_tuning_overhead: f64 = "memory.tuning.overhead", "0.2" => within(0.0, 1.0);
        #[doc = "Give all memory left to managed memory, where it is used."]
        memory_tuning_maximize_managed: bool = "memory.tuning.maximize-managed-memory", "false";
        #[doc = "Past scalings remembered for each vertex."]
        history_max_count: i32 = "history.max.count", "3";
        #[doc = "Age at which a past scaling is forgotten."]
        history_max_age: Duration = "history.max.age", "24 h" => seconds();
        #[doc = "Which subtask's busy time stands for the vertex: AVG, MAX or MIN."]
        busy_time_aggregator: MetricAggregator = "metrics.busy-time.aggregator", "MAX";
        #[doc = "Vertices never scaled, by id."]
        vertex_exclude_ids: Vec<String> = "vertex.exclude.ids", "";
        #[doc = "Span in which repeats of an event are merged."]
        scaling_event_interval: Duration = "scaling.event.interval", "30 min" => seconds();
        #[doc = "Time within which Flink's REST API must answer."]
        rest_client_timeout: Duration = "flink.rest-client.timeout", "10 s" => at_least(0.001), seconds();
        #[doc = "Memory that the job's TaskManagers may have in all."]
        quota_memory: MemorySize = "quota.memory", none;
        #[doc = "CPU cores that the job's TaskManagers may have in all."]
        quota_cpu: f64 = "quota.cpu", none;
        #[doc = "The older option for alignment: EVENLY_SPREAD or MAXIMIZE_UTILISATION."]
        adjust_mode: AdjustMode = "scaling.key-group.partitions.adjust.mode", "EVENLY_SPREAD";
        #[doc = "How parallelism is aligned with key groups or source partitions: BALANCED, EVENLY_SPREAD, OFF or a custom mode."]
        alignment_mode: String = "scaling.parallelism-alignment.mode", "BALANCED";
        #[doc = "Raise vertices along with a scaling to what the slots carry that it takes anyway (docs/slots.md)."]
        slot_aware_enabled: bool = "scaling.slot-aware.enabled", "false";
        #[doc = "Use how throughput really grew with parallelism in past scalings."]
        observed_scalability_enabled: bool = "observed-scalability.enabled", "false";
        #[doc = "Past scalings needed for it."]
        observed_scalability_min_observations: i32 = "observed-scalability.min-observations", "3";
        #[doc = "Lower limit of the scalability coefficient."]
        observed_scalability_coefficient_min: f64 = "observed-scalability.coefficient-min", "0.5" => within(0.01, 1.0);
        #[doc = "Custom evaluators in use, by name; each may overwrite evaluated metrics."]
        custom_evaluators: Vec<String> = "metrics.custom-evaluators", "";
        #[doc = "Custom executors in use, by name; each may change a scaling or veto it."]
        custom_executors: Vec<String> = "scaling.custom-executors", "";
        #[doc = "Which policy decides: reference (the Java autoscaler's) or responsive (docs/responsive.md)."]
        policy: PolicyChoice = "policy", "reference";
        #[doc = "A policy that runs along, acts on nothing, and is reported: reference or responsive."]
        policy_shadow: PolicyChoice = "policy.shadow", none;
        #[doc = "Rules of when parallelism has bounds of its own, by time of day or cron expression (docs/schedules.md)."]
        schedule: RuleTexts = "schedule", "";
        #[doc = "Put a scaling back after which the job fails, or does less than before; by default under the policy responsive only."]
        rollback_enabled: bool = "rollback.enabled", none;
        #[doc = "Time that a scaling is looked after once the job runs with it."]
        rollback_verify_duration: Duration = "rollback.verify.duration", "5 min" => at_least(30.0), seconds();
        #[doc = "Utilization that the responsive policy sizes for; utilization.target if not set."]
        responsive_utilization_target: f64 = "responsive.utilization.target", none => within(0.01, 1.0);
        #[doc = "Utilization that the responsive policy scales up above, and that past peaks may reach."]
        responsive_utilization_high: f64 = "responsive.utilization.high", "0.92" => within(0.01, 1.0);
        #[doc = "Lag that the responsive policy tolerates."]
        responsive_lag: Duration = "responsive.lag", "60 s" => at_least(1.0), seconds();
        #[doc = "What one rescale is worth to the responsive policy, in minutes of the whole job's cost."]
        responsive_rescale_price: Duration = "responsive.rescale.price", "55 min" => seconds();
        #[doc = "Share of the price that a scale-down has to have been worth when nothing says that the load will be back."]
        responsive_rescale_trust: f64 = "responsive.rescale.trust", "0.16" => within(0.0, 1.0);
        #[doc = "Rescales within a day at most; in the last quarter of them the price is doubled."]
        responsive_rescale_max_per_day: i32 = "responsive.rescale.max-per-day", "48" => within(1.0, 200.0);
        #[doc = "Time in which the responsive policy clears a backlog after a scale-up."]
        responsive_catch_up_duration: Duration = "responsive.catch-up.duration", "180 s" => at_least(1.0), seconds();
        #[doc = "How far back the responsive policy looks for peaks."]
        responsive_memory: Duration = "responsive.memory", "6 h" => within(600.0, 86400.0), seconds();
    }
}
