//! Utilization, factors and counts that don't go together.

use autoscaler::autoscaler_core::VertexId;
use autoscaler::autoscaler_core::options::JobOptions;

use crate::cli::check::report::Finding;

/// Sums of two decimals are off by less.
const ROUNDING: f64 = 1e-9;

pub(super) fn check(options: &JobOptions) -> Vec<Finding> {
    let mut found = utilization(options);
    found.extend(steps(options));
    found.extend(history(options));
    found.extend(pressure(options));
    let odd = options.vertex_exclude_ids.iter().filter(|id| id.parse::<VertexId>().is_err()).count();
    if odd > 0 {
        found.push(Finding::warning(
            format!("job.autoscaler.vertex.exclude.ids has {odd} entries that are no vertex ids: they have no effect"),
            "a vertex id has 32 hexadecimal digits; `flink-autoscaler status --job JOB` and Flink's web page show them",
        ));
    }
    found
}

/// The band in which nothing is scaled.
fn utilization(options: &JobOptions) -> Vec<Finding> {
    let mut found = Vec::new();
    let (lower, upper) = (options.lower_utilization(), options.upper_utilization());
    if options.utilization_target <= 0.0 {
        found.push(Finding::error(
            "job.autoscaler.utilization.target is 0: every vertex needs infinitely many subtasks",
            "set it to the share of time that subtasks should be busy, such as 0.7",
        ));
    }
    if upper > 1.0 + ROUNDING {
        found.push(Finding::warning(
            format!(
                "job.autoscaler.utilization.target and .target.utilization.boundary add up to {upper:.2}: a vertex is scaled \
                 up only once it falls behind"
            ),
            "keep their sum at 1 or below, or set job.autoscaler.utilization.max",
        ));
    }
    if lower <= ROUNDING {
        found.push(Finding::warning(
            "the utilization below which a vertex is scaled down is 0 or less (utilization.min, or utilization.target less \
             target.utilization.boundary): no vertex is scaled down for having too little to do",
            "set job.autoscaler.utilization.min, or a smaller job.autoscaler.target.utilization.boundary",
        ));
    }
    if (upper - lower).abs() <= ROUNDING {
        found.push(Finding::warning(
            "the band in which nothing is scaled is empty (utilization.min and utilization.max are the same): any change of \
             the load rescales the job",
            "set job.autoscaler.target.utilization.boundary to 0.1 or more",
        ));
    }
    found
}

/// How far a step goes, and where it ends.
fn steps(options: &JobOptions) -> Vec<Finding> {
    let mut found = Vec::new();
    let (least, most) = (options.vertex_min_parallelism, options.vertex_max_parallelism);
    if least == most {
        found.push(Finding::warning(
            format!(
                "job.autoscaler.vertex.min-parallelism and .max-parallelism are both {least}: a vertex is moved there, and \
                 then never again"
            ),
            "leave room between them",
        ));
    }
    if least < 1 {
        found.push(Finding::warning(
            format!("job.autoscaler.vertex.min-parallelism is {least}: a vertex has one subtask at least, so it has no effect"),
            "leave it out, or set 1 or more",
        ));
    }
    if options.max_scale_down_factor <= 0.0 {
        found.push(Finding::warning(
            "job.autoscaler.scale-down.max-factor is 0: nothing is ever scaled down",
            "set the largest share of its subtasks that a vertex may lose in one step, such as 0.6",
        ));
    }
    if options.max_scale_up_factor <= 0.0 {
        found.push(Finding::warning(
            "job.autoscaler.scale-up.max-factor is 0: nothing is ever scaled up",
            "set the largest multiple of its subtasks that a vertex may gain in one step, such as 100000",
        ));
    }
    found
}

/// What is learned from past scalings, and how many are kept.
fn history(options: &JobOptions) -> Vec<Finding> {
    let mut found = Vec::new();
    let kept = options.history_max_count;
    if options.observed_scalability_enabled && options.observed_scalability_min_observations > kept {
        found.push(Finding::warning(
            format!(
                "job.autoscaler.observed-scalability.min-observations ({}) are more scalings than \
                 job.autoscaler.history.max.count ({kept}) keeps: observed scalability has no effect",
                options.observed_scalability_min_observations
            ),
            "set job.autoscaler.history.max.count to as many or more",
        ));
    }
    if options.effectiveness_detection_enabled && kept < 1 {
        found.push(Finding::warning(
            format!(
                "job.autoscaler.history.max.count is {kept}: without past scalings \
                 job.autoscaler.scaling.effectiveness.detection.enabled has no effect"
            ),
            "set job.autoscaler.history.max.count to 1 or more",
        ));
    }
    found
}

/// Thresholds that are always exceeded.
fn pressure(options: &JobOptions) -> Vec<Finding> {
    let thresholds = [
        ("job.autoscaler.memory.gc-pressure.threshold", options.gc_pressure_threshold),
        ("job.autoscaler.memory.heap-usage.threshold", options.heap_usage_threshold),
    ];
    let always = thresholds.into_iter().filter(|(_, threshold)| *threshold <= 0.0);
    let finding = |(key, _)| {
        Finding::error(
            format!("{key} is 0: that much is always exceeded, so nothing is ever scaled"),
            "set a share from 0 to 1; 1 is never exceeded",
        )
    };
    always.map(finding).collect()
}
