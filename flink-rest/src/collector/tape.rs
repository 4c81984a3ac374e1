//! What a cluster answered, kept for whoever records it.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use autoscaler_core::observation::ClusterReading;
use autoscaler_core::{ClusterName, ErrorChain, JobAutoScalerContext, JobKey, Observation, ObserveError, VertexId};
use serde_json::value::RawValue;

use super::observe::JobApi;
use super::requests::JobRequests;
use crate::wire::{JobReading, MetricValue};

/// The answers of the latest observation of each job, until they are taken.
#[derive(Debug, Default)]
pub struct Tape(Mutex<HashMap<(ClusterName, JobKey), Answers>>);

/// What a cluster answered in one observation of a job.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Answers {
    /// `GET /jobs/:id`, as far as it is made use of; none where it could not be read.
    pub details: Option<Box<RawValue>>,
    /// What each vertex answered.
    pub vertices: BTreeMap<VertexId, VertexAnswers>,
    /// What the cluster as a whole answered.
    pub cluster: Option<ClusterReading>,
    /// Why the observation is not whole.
    pub failure: Option<Unobserved>,
}

/// What a vertex answered.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct VertexAnswers {
    /// The names of its metrics that are of use, where they were asked for.
    pub names: Vec<String>,
    /// The values that were asked for.
    pub values: Vec<MetricValue>,
}

/// Why an observation is not whole: the text of the error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unobserved {
    /// The job's details could not be had.
    Details(String),
    /// They could, but the metrics could not.
    Metrics(String),
}

impl Tape {
    /// The answers of a job's latest observation.
    pub fn take(&self, cluster: &ClusterName, job: &JobKey) -> Option<Answers> {
        self.locked().remove(&(cluster.clone(), job.clone()))
    }

    fn keep(&self, job: &JobAutoScalerContext, answers: Answers) {
        self.locked().insert((job.cluster.clone(), job.key.clone()), answers);
    }

    fn locked(&self) -> MutexGuard<'_, HashMap<(ClusterName, JobKey), Answers>> {
        // No operation leaves the map half changed, so a panic elsewhere does no harm here.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The requests of an observation, with their answers kept.
pub(super) struct Taped<'a> {
    requests: JobRequests<'a>,
    answers: Mutex<Answers>,
}

impl<'a> Taped<'a> {
    pub(super) fn new(requests: JobRequests<'a>) -> Self {
        Self { requests, answers: Mutex::default() }
    }

    /// Puts the answers on tape, with what came of the observation.
    pub(super) fn end(self, tape: &Tape, job: &JobAutoScalerContext, observed: &Result<Observation, ObserveError>) {
        let mut answers = self.answers.into_inner().unwrap_or_else(PoisonError::into_inner);
        answers.failure = match observed {
            Err(error) => failed(error).map(Unobserved::Details),
            Ok(observation) => observation.metrics.as_ref().err().and_then(failed).map(Unobserved::Metrics),
        };
        tape.keep(job, answers);
    }

    fn answers(&self) -> MutexGuard<'_, Answers> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The text of an error that does not follow from the answers themselves.
fn failed(error: &ObserveError) -> Option<String> {
    let is_of_a_request = matches!(error, ObserveError::Cluster(_) | ObserveError::Unusable(_));
    is_of_a_request.then(|| ErrorChain(error).to_string())
}

#[async_trait]
impl JobApi for Taped<'_> {
    async fn details(&self) -> Result<JobReading, ObserveError> {
        let (reading, details) =
            self.requests.details_with(|details| serde_json::value::to_raw_value(details).ok()).await?;
        self.answers().details = details;
        Ok(reading)
    }

    async fn metric_names(&self, vertex: VertexId) -> Result<Vec<String>, ObserveError> {
        let names = self.requests.metric_names(vertex).await?;
        self.answers().vertices.entry(vertex).or_default().names.clone_from(&names);
        Ok(names)
    }

    async fn metric_values(&self, vertex: VertexId, names: &[&str]) -> Result<Vec<MetricValue>, ObserveError> {
        let values = self.requests.metric_values(vertex, names).await?;
        self.answers().vertices.entry(vertex).or_default().values.clone_from(&values);
        Ok(values)
    }

    async fn cluster(&self) -> Result<ClusterReading, ObserveError> {
        let reading = self.requests.cluster().await?;
        self.answers().cluster = Some(reading);
        Ok(reading)
    }
}
