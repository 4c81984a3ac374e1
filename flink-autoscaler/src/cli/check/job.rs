//! A job: whether it can be rescaled in place, whether it can be observed, and what its own configuration changes.

mod own;

use std::time::Duration;

#[cfg(feature = "realizer-rest")]
use autoscaler::autoscaler_core::ErrorChain;
use autoscaler::autoscaler_core::observation::{FlinkMetric, ObserveError};
use autoscaler::autoscaler_core::options::{Configuration, JobOptions, Origin};
use autoscaler::autoscaler_core::{Cluster, ClusterSnapshot, JobAutoScalerContext, JobStatus, ListedJob, Observation};
use autoscaler::autoscaler_runtime::Configurations;
#[cfg(feature = "realizer-rest")]
use autoscaler::{flink_rest::FlinkClient, realizer_rest::obstacle};

use super::report::{Finding, Section};
use super::stores::port_failure;
use crate::configuration::OptionTable;

const ENABLED: &str = "job.autoscaler.enabled";

const NO_METRIC: &str = "normal in the first minute after a start; later, look whether the cluster cuts metrics off, and whether \
                         the source's connector has Flink's standard metrics (FLIP-33)";

/// What every look at a job of a cluster needs.
pub(super) struct Looked<'a> {
    pub(super) table: &'a OptionTable,
    /// The options of the process.
    pub(super) base: &'a Configuration,
    pub(super) configurations: &'a Configurations,
    pub(super) interval: Duration,
    pub(super) snapshot: &'a dyn ClusterSnapshot,
}

/// Looks at a job.
pub(super) async fn check(cluster: &Cluster, job: &ListedJob, looked: &Looked<'_>) -> Section {
    let title = format!("Job {} ({}) on {}", job.name, job.key, cluster.name);
    let mut section = Section::of_job(title, cluster.name.as_str(), job.key.as_str());
    let own = match cluster.jobs.configuration(job).await {
        Ok(own) => own,
        Err(error) => {
            section.add(port_failure(&error));
            return section;
        }
    };
    let parsed = looked.configurations.parsed(&own);
    let context = JobAutoScalerContext::new(cluster.name.clone(), job, parsed);
    section.extend(own::check(looked, &own, &context));
    match context.options() {
        Ok(options) => section.add(switches(options, context.configuration())),
        Err(invalid) => section.error(
            format!("it has no cycles: {invalid}"),
            "correct that in the job's configuration, or in the options of the process where it is from there",
        ),
    }
    if job.status != JobStatus::Running {
        section.warning(
            format!(
                "it is {:?}, not running with all of its tasks: it is observed and rescaled when it is",
                job.status
            ),
            "look into Flink's web page if that lasts",
        );
        return section;
    }
    section.extend(in_place(cluster, &context).await);
    match looked.snapshot.observe(&context, None).await {
        Ok(observation) => section.extend(observed(&observation, &context)),
        Err(error) => section.add(not_observed(error)),
    }
    section
}

/// Whether decisions are made and applied.
fn switches(options: &JobOptions, configuration: &Configuration) -> Finding {
    if !options.enabled {
        let is_own_choice = configuration.origin(ENABLED) == Some(&Origin::Job);
        let text = "autoscaling is off for it";
        return match is_own_choice {
            true => Finding::ok(format!("{text}, as its own configuration says")),
            false => Finding::warning(
                format!("{text} ({ENABLED} is false)"),
                format!("set {ENABLED} to true, here for every job or in its own configuration"),
            ),
        };
    }
    match options.scaling_enabled {
        true => Finding::ok("autoscaling is on for it"),
        false => Finding::ok("autoscaling only reports for it (job.autoscaler.scaling.enabled is false)"),
    }
}

/// Whether the cluster would rescale it.
#[cfg(feature = "realizer-rest")]
async fn in_place(cluster: &Cluster, job: &JobAutoScalerContext) -> Option<Finding> {
    let client = cluster.access.downcast_ref::<FlinkClient>()?;
    Some(match obstacle(client, job).await {
        Ok(None) => Finding::ok("it can be rescaled in place"),
        Ok(Some(obstacle)) => {
            let (what, to_do) = obstacle.split_once(": ").unwrap_or((&obstacle, "see docs/operating.md"));
            Finding::error(format!("it can't be rescaled in place: {what}"), to_do)
        }
        Err(error) => Finding::warning(
            format!("whether it can be rescaled in place can't be told: {}", ErrorChain(&error)),
            "whatever stands before the cluster should let /jobs/ID/resource-requirements through, GET and PUT",
        ),
    })
}

#[cfg(not(feature = "realizer-rest"))]
async fn in_place(_: &Cluster, _: &JobAutoScalerContext) -> Option<Finding> {
    None
}

fn observed(observation: &Observation, context: &JobAutoScalerContext) -> Vec<Finding> {
    let vertices = observation.topology.vertices();
    let readings = match &observation.metrics {
        Ok(readings) => readings,
        Err(error) => return vec![not_observed(error.clone())],
    };
    let subtasks: i64 = vertices.iter().map(|vertex| i64::from(vertex.parallelism)).sum();
    let mut found =
        vec![Finding::ok(format!("its metrics are there: vertices {}, subtasks {subtasks}", vertices.len()))];
    for (vertex, reading) in vertices.iter().zip(&readings.vertices) {
        if vertex.inputs.is_empty() && reading.get(FlinkMetric::PendingRecords).is_none() && !vertex.finished {
            found.push(Finding::warning(
                format!("source {} does not tell its backlog ({})", vertex.name, FlinkMetric::PendingRecords.name()),
                "a backlog is not worked off faster than it grows; a connector that has the metric tells it",
            ));
        }
    }
    let Ok(options) = context.options() else { return found };
    let bounds = (options.vertex_min_parallelism, options.vertex_max_parallelism);
    for vertex in vertices {
        if vertex.max_parallelism > 0 && vertex.max_parallelism < bounds.0 {
            found.push(Finding::warning(
                format!(
                    "vertex {} can have {} subtasks at most (its maximum parallelism), fewer than \
                     job.autoscaler.vertex.min-parallelism ({})",
                    vertex.name, vertex.max_parallelism, bounds.0
                ),
                "make job.autoscaler.vertex.min-parallelism smaller, or restart the job with a larger pipeline.max-parallelism",
            ));
        }
        if vertex.parallelism > bounds.1 {
            found.push(Finding::warning(
                format!(
                    "vertex {} runs with {} subtasks, more than job.autoscaler.vertex.max-parallelism ({}): it is never \
                     scaled up",
                    vertex.name, vertex.parallelism, bounds.1
                ),
                "make job.autoscaler.vertex.max-parallelism larger, if that is not meant",
            ));
        }
    }
    let excluded = &options.vertex_exclude_ids;
    let is_excluded = |id: String| excluded.iter().any(|other| other.trim().eq_ignore_ascii_case(&id));
    if !vertices.is_empty() && vertices.iter().all(|vertex| is_excluded(vertex.id.to_string())) {
        found.push(Finding::warning(
            "job.autoscaler.vertex.exclude.ids has every vertex of it: none is ever scaled",
            "leave those out that should be scaled",
        ));
    }
    found
}

fn not_observed(error: ObserveError) -> Finding {
    let text = |error: &ObserveError| format!("it can't be observed: {error}");
    match error {
        ObserveError::Batch => {
            Finding::warning(format!("{error}"), "nothing: only streaming jobs are rescaled while they run")
        }
        ObserveError::NotReady(_) => Finding::warning(text(&error), "look again when the job has started"),
        ObserveError::MetricNotFound { .. } | ObserveError::ValueMissing { .. } => {
            Finding::warning(text(&error), NO_METRIC)
        }
        ObserveError::TaskManagerMetricsMissing => Finding::error(
            text(&error),
            "look whether the TaskManagers are registered, and whether metrics are cut off",
        ),
        ObserveError::Cluster(error) => {
            let mut finding = port_failure(&error);
            finding.text = format!("it can't be observed: {}", finding.text);
            finding
        }
        _ => Finding::warning(text(&error), "look again in a minute; a cycle in which that is so changes nothing"),
    }
}
