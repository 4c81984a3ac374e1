//! What both policies run with.

/// The defaults of both policies with every duration at a fifth. That the responsive policy looks each half minute and
/// waits 90 s after a restart is no option, and stays.
pub(super) const OPTIONS: &[(&str, &str)] = &[
    ("autoscaler.standalone.control-loop.interval", "2 s"),
    ("job.autoscaler.stabilization.interval", "1 min"),
    ("job.autoscaler.metrics.window", "3 min"),
    ("job.autoscaler.metrics.busy-time.aggregator", "MAX"),
    ("job.autoscaler.scale-down.interval", "12 min"),
    ("job.autoscaler.restart.time", "1 min"),
    ("job.autoscaler.catch-up.duration", "6 min"),
    ("job.autoscaler.backlog-processing.lag-threshold", "1 min"),
    ("job.autoscaler.observed-true-processing-rate.lag-threshold", "6 s"),
    ("job.autoscaler.rollback.verify.duration", "1 min"),
    ("job.autoscaler.responsive.lag", "12 s"),
    ("job.autoscaler.responsive.rescale.price", "11 min"),
    ("job.autoscaler.responsive.catch-up.duration", "36 s"),
    ("job.autoscaler.responsive.memory", "72 min"),
];
