//! Single jobs and vertices, as of their latest cycle.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use autoscaler_core::metric::{EvaluatedScalingMetric, ScalingMetric as M};
use autoscaler_core::topology::VertexInfo;
use autoscaler_core::{ClusterName, CycleReport, JobAutoScalerContext, JobKey, Outcome};
use autoscaler_runtime::CycleEnded;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;

use crate::labels::short;

/// The latest of every job. Series are made when they are asked for, so those of a job that is gone are gone, too.
#[derive(Debug)]
pub(crate) struct Jobs {
    max_series: usize,
    jobs: Mutex<BTreeMap<(ClusterName, JobKey), Job>>,
}

#[derive(Debug)]
struct Job {
    name: Arc<str>,
    report: Option<Arc<CycleReport>>,
    /// Cycles by what they came to, in the order of [`OUTCOMES`].
    outcomes: [u64; OUTCOMES.len()],
}

/// What the reference counts, too.
const OUTCOMES: [(Outcome, &str, &str); 3] = [
    (Outcome::Scaled, "job_scalings", "Scalings that were decided"),
    (
        Outcome::Balanced,
        "job_balanced",
        "Cycles in which everything was as it should be, or something held a scaling up",
    ),
    (Outcome::Error, "job_errors", "Cycles in which something went wrong"),
];

impl Jobs {
    pub(crate) fn new(max_series: usize) -> Self {
        Self { max_series, jobs: Mutex::default() }
    }

    pub(crate) fn cycle_ended(&self, job: &JobAutoScalerContext, ended: &CycleEnded) {
        let mut jobs = self.locked();
        let new = || Job { name: Arc::clone(&job.name), report: None, outcomes: Default::default() };
        let kept = jobs.entry((job.cluster.clone(), job.key.clone())).or_insert_with(new);
        kept.name = Arc::clone(&job.name);
        let Some(report) = &ended.report else { return };
        if let Some(place) = OUTCOMES.iter().position(|(outcome, ..)| *outcome == report.outcome) {
            kept.outcomes[place] += 1;
        }
        kept.report = Some(Arc::clone(report));
    }

    pub(crate) fn gone(&self, cluster: &ClusterName, job: &JobKey) {
        self.locked().remove(&(cluster.clone(), job.clone()));
    }

    fn locked(&self) -> MutexGuard<'_, BTreeMap<(ClusterName, JobKey), Job>> {
        // No call leaves a job half changed.
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Job {
    /// How many series it is told in.
    fn series(&self) -> usize {
        let evaluation = self.report.as_ref().and_then(|report| report.evaluation.as_ref());
        let vertices = evaluation.iter().flat_map(|evaluation| &evaluation.vertices);
        OUTCOMES.len()
            + vertices.flat_map(|metrics| metrics.iter()).map(|(_, value)| values(value).count()).sum::<usize>()
    }
}

impl Job {
    /// A metric of every vertex: latest value and mean.
    fn samples(&self, metric: M) -> impl Iterator<Item = (&VertexInfo, &'static str, f64)> {
        let report = self.report.as_ref();
        let seen = report.and_then(|report| Some((report.topology.as_ref()?, report.evaluation.as_ref()?)));
        let vertices = seen.into_iter().flat_map(|(topology, seen)| topology.vertices().iter().zip(&seen.vertices));
        vertices.flat_map(move |(vertex, metrics)| {
            metrics.get(metric).into_iter().flat_map(values).map(move |(which, value)| (vertex, which, value))
        })
    }
}

/// Its values that are there; NaN is none.
fn values(value: EvaluatedScalingMetric) -> impl Iterator<Item = (&'static str, f64)> {
    [("current", value.current), ("average", value.average)].into_iter().filter(|(_, value)| !value.is_nan())
}

impl Collector for Jobs {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let jobs = self.locked();
        let mut room = self.max_series;
        let shown: Vec<_> = jobs
            .iter()
            .take_while(|(_, job)| {
                let fits = job.series() <= room;
                room = room.saturating_sub(job.series());
                fits
            })
            .collect();
        let left_out = i64::try_from(jobs.len() - shown.len()).unwrap_or(i64::MAX);
        let help = "Jobs of which no single series are told: see autoscaler.standalone.metrics.max-series";
        let gauge = encoder.encode_descriptor("jobs_left_out", help, None, MetricType::Gauge)?;
        ConstGauge::new(left_out).encode(gauge)?;
        for (place, (_, name, help)) in OUTCOMES.iter().enumerate() {
            let mut family = encoder.encode_descriptor(name, help, None, MetricType::Counter)?;
            for ((cluster, key), job) in &shown {
                let name = short(&job.name);
                let labels = [("cluster", cluster.as_str()), ("job", key.as_str()), ("job_name", &name)];
                ConstCounter::new(job.outcomes[place]).encode(family.encode_family(&labels)?)?;
            }
        }
        for metric in M::ALL {
            encode_metric(&mut encoder, *metric, &shown)?;
        }
        Ok(())
    }
}

fn encode_metric(
    encoder: &mut DescriptorEncoder<'_>,
    metric: M,
    jobs: &[(&(ClusterName, JobKey), &Job)],
) -> fmt::Result {
    let samples = jobs.iter().flat_map(|(place, job)| job.samples(metric).map(move |sample| (place, sample)));
    let mut samples = samples.peekable();
    // A family without a series is no family to Prometheus' linter.
    if samples.peek().is_none() {
        return Ok(());
    }
    let series = format!("vertex_{}", metric.name().to_ascii_lowercase());
    let mut family = encoder.encode_descriptor(&series, help(metric), None, MetricType::Gauge)?;
    for ((cluster, job), (vertex, which, value)) in samples {
        let (id, name) = (vertex.id.to_string(), short(&vertex.name));
        let labels = [
            ("cluster", cluster.as_str()),
            ("job", job.as_str()),
            ("vertex", &id),
            ("vertex_name", &name),
            ("value", which),
        ];
        ConstGauge::new(value).encode(family.encode_family(&labels)?)?;
    }
    Ok(())
}

/// What a metric is, in words.
fn help(metric: M) -> &'static str {
    match metric {
        M::Load => "Busy share of a subtask's time",
        M::Lag => "Records waiting outside a source",
        M::TrueProcessingRate => "Records per second the vertex could process if it were always busy",
        M::TargetDataRate => "Records per second that arrive",
        M::CatchUpDataRate => "Records per second more, to work off the backlog in time",
        M::Parallelism => "Subtasks",
        M::RecommendedParallelism => "Subtasks it should have",
        M::MaxParallelism => "Most subtasks it can have",
        M::NumSourcePartitions => "Partitions a source reads",
        M::ScaleUpRateThreshold => "True processing rate below which the vertex is scaled up",
        M::ScaleDownRateThreshold => "True processing rate above which the vertex is scaled down",
        M::ExpectedProcessingRate => "True processing rate expected after the scaling",
        _ => "A metric of the Java autoscaler, by its name there",
    }
}
