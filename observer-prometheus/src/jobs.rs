//! Single jobs and vertices, as of their latest cycle.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use autoscaler_core::metric::{EvaluatedScalingMetric, ScalingMetric as M};
use autoscaler_core::time::Instant;
use autoscaler_core::{ClusterName, CycleReport, JobAutoScalerContext, JobKey, Outcome};
use autoscaler_runtime::CycleEnded;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Unit;

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
    /// When its latest cycle was.
    at: Instant,
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
        let (name, at) = (&job.name, ended.at);
        let new = || Job { name: Arc::clone(name), report: None, at, outcomes: Default::default() };
        let kept = jobs.entry((job.cluster.clone(), job.key.clone())).or_insert_with(new);
        kept.name = Arc::clone(name);
        kept.at = at;
        let Some(report) = &ended.report else { return };
        if let Some(place) = OUTCOMES.iter().position(|(outcome, ..)| *outcome == report.outcome) {
            kept.outcomes[place] += 1;
        }
        kept.report = Some(Arc::clone(report));
    }

    pub(crate) fn gone(&self, cluster: &ClusterName, job: &JobKey) {
        self.locked().remove(&(cluster.clone(), job.clone()));
    }

    /// Forgets the jobs of all clusters but these.
    pub(crate) fn keep(&self, clusters: &BTreeSet<ClusterName>) {
        self.locked().retain(|(cluster, _), _| clusters.contains(cluster));
    }

    fn locked(&self) -> MutexGuard<'_, BTreeMap<(ClusterName, JobKey), Job>> {
        // No call leaves a job half changed.
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Metrics of the job as such, beside [`OUTCOMES`].
const OTHERS: usize = 1;

impl Job {
    /// A metric of every vertex by its place in the topology: latest value and mean.
    fn samples(&self, metric: M) -> impl Iterator<Item = (usize, &'static str, f64)> {
        let evaluation = self.report.as_ref().and_then(|report| report.evaluation.as_ref());
        let vertices = evaluation.into_iter().flat_map(|seen| seen.vertices.iter().enumerate());
        vertices.flat_map(move |(index, metrics)| {
            metrics.get(metric).into_iter().flat_map(values).map(move |(which, value)| (index, which, value))
        })
    }

    /// How many series it is told in.
    fn series(&self) -> usize {
        let evaluation = self.report.as_ref().and_then(|report| report.evaluation.as_ref());
        let vertices = evaluation.iter().flat_map(|evaluation| &evaluation.vertices);
        let of_vertices = vertices.flat_map(|metrics| metrics.iter()).map(|(_, value)| values(value).count());
        OUTCOMES.len() + OTHERS + of_vertices.sum::<usize>()
    }
}

/// Its values that are there; NaN is none.
fn values(value: EvaluatedScalingMetric) -> impl Iterator<Item = (&'static str, f64)> {
    [("current", value.current), ("average", value.average)].into_iter().filter(|(_, value)| !value.is_nan())
}

/// A job with the labels of its series, which are the same for every metric.
struct Labelled<'a> {
    cluster: &'a str,
    key: &'a str,
    name: String,
    /// Id and name of each vertex.
    vertices: Vec<(String, String)>,
    job: &'a Job,
}

impl<'a> Labelled<'a> {
    fn new((cluster, key): &'a (ClusterName, JobKey), job: &'a Job) -> Self {
        let topology = job.report.as_ref().and_then(|report| report.topology.as_ref());
        let vertices = topology.iter().flat_map(|topology| topology.vertices());
        let vertices = vertices.map(|vertex| (vertex.id.to_string(), short(&vertex.name))).collect();
        Self { cluster: cluster.as_str(), key: key.as_str(), name: short(&job.name), vertices, job }
    }

    fn labels(&self) -> [(&'static str, &str); 3] {
        [("cluster", self.cluster), ("job_key", self.key), ("job_name", &self.name)]
    }

    fn vertex_labels(&self, index: usize, which: &'static str) -> Option<[(&'static str, &str); 5]> {
        let (id, name) = self.vertices.get(index)?;
        let (cluster, job) = (("cluster", self.cluster), ("job_key", self.key));
        Some([cluster, job, ("vertex", id), ("vertex_name", name), ("value", which)])
    }
}

impl Collector for Jobs {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let jobs = self.locked();
        let shown: Vec<_> = jobs
            .iter()
            .scan(self.max_series, |room, (place, job)| {
                *room = room.checked_sub(job.series())?;
                Some(Labelled::new(place, job))
            })
            .collect();
        let left_out = i64::try_from(jobs.len() - shown.len()).unwrap_or(i64::MAX);
        let help = "Jobs of which no single series are told: see autoscaler.standalone.metrics.max-series";
        let gauge = encoder.encode_descriptor("jobs_left_out", help, None, MetricType::Gauge)?;
        ConstGauge::new(left_out).encode(gauge)?;
        if shown.is_empty() {
            // A family without a series is no family to Prometheus' linter.
            return Ok(());
        }
        for (place, (_, name, help)) in OUTCOMES.iter().enumerate() {
            let mut family = encoder.encode_descriptor(name, help, None, MetricType::Counter)?;
            for job in &shown {
                ConstCounter::new(job.job.outcomes[place]).encode(family.encode_family(&job.labels())?)?;
            }
        }
        let (help, unit) = ("When the latest cycle of the job was", Some(&Unit::Seconds));
        let mut family = encoder.encode_descriptor("job_last_cycle_timestamp", help, unit, MetricType::Gauge)?;
        for job in &shown {
            ConstGauge::new(seconds(job.job.at)).encode(family.encode_family(&job.labels())?)?;
        }
        M::ALL.iter().try_for_each(|metric| encode_metric(&mut encoder, *metric, &shown))
    }
}

fn encode_metric(encoder: &mut DescriptorEncoder<'_>, metric: M, jobs: &[Labelled<'_>]) -> fmt::Result {
    let samples = jobs.iter().flat_map(|job| job.job.samples(metric).map(move |sample| (job, sample)));
    let mut samples = samples.peekable();
    if samples.peek().is_none() {
        return Ok(());
    }
    let series = format!("vertex_{}", metric.name().to_ascii_lowercase());
    let mut family = encoder.encode_descriptor(&series, metric.doc(), None, MetricType::Gauge)?;
    for (job, (index, which, value)) in samples {
        if let Some(labels) = job.vertex_labels(index, which) {
            ConstGauge::new(value).encode(family.encode_family(&labels)?)?;
        }
    }
    Ok(())
}

/// Seconds since 1970.
fn seconds(at: Instant) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "milliseconds stay far below 2^52")]
    let millis = at.timestamp_millis() as f64;
    millis / 1000.0
}
