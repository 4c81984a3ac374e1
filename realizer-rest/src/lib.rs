//! [`ScalingRealizer`] over `PUT /jobs/:id/resource-requirements`: rescales a running job in place.
//!
//! Needs Flink 1.18 or later and its adaptive scheduler. Where a cluster can't, that is told once for each job, and
//! decisions go on being reported.

mod plan;

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use autoscaler_core::event::reason;
use autoscaler_core::{
    Event, EventType, JobAutoScalerContext, JobId, JobStatus, PortError, Realization, ScalingRealizer,
};
use flink_rest::wire::ResourceRequirements;
use flink_rest::{FlinkClient, RestError, RestProblem};

/// Jobs about which something was told, remembered at most.
const REMEMBERED: usize = 10_000;

/// Rescales jobs through Flink's REST API.
#[derive(Debug)]
pub struct RestScalingRealizer {
    client: FlinkClient,
    /// What was told about a job last, so as not to tell it every cycle.
    told: Mutex<HashMap<JobId, Told>>,
}

#[derive(Clone, Debug, Default, PartialEq)]
struct Told {
    /// Why its parallelism can't be changed.
    refusal: Option<String>,
    /// Configuration changes that can't be applied.
    config: Option<String>,
}

impl RestScalingRealizer {
    /// A realizer for the client's cluster.
    pub fn new(client: FlinkClient) -> Self {
        Self { client, told: Mutex::default() }
    }

    fn told(&self) -> MutexGuard<'_, HashMap<JobId, Told>> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Remembers what was told; whether it is new.
    fn is_new(&self, job: JobId, change: impl FnOnce(&mut Told)) -> bool {
        let mut told = self.told();
        if told.len() >= REMEMBERED {
            told.clear();
        }
        let entry = told.entry(job).or_default();
        let before = entry.clone();
        change(entry);
        *entry != before
    }

    fn unsupported_config(&self, job: &JobAutoScalerContext, realization: &Realization) -> Option<Event> {
        let changes = realization.config.as_ref().filter(|config| !config.overrides.is_empty())?;
        let keys = changes.overrides.keys().cloned().collect::<Vec<_>>().join(", ");
        self.is_new(job.id, |told| told.config = Some(format!("{changes:?}"))).then(|| {
            Event::warning(
                reason::SCALING,
                format!(
                    "Configuration changes are not applied: a running job's memory can't be changed over Flink's REST \
                     API. Set them in the cluster's configuration: {keys}"
                ),
            )
        })
    }

    async fn rescale(
        &self,
        client: &FlinkClient,
        job: &JobAutoScalerContext,
        realization: &Realization,
    ) -> Result<Option<Event>, RestError> {
        let Some(overrides) = &realization.parallelism else { return Ok(None) };
        let path = format!("/jobs/{}/resource-requirements", job.id);
        let mut requirements: ResourceRequirements = client.get(&path).await?;
        let changes = plan::apply(&mut requirements, overrides);
        if changes.is_empty() {
            return Ok(None);
        }
        let body = serde_json::to_string(&requirements)
            .map_err(|error| client.error("PUT", &path, RestProblem::Unexpected(error.to_string())))?;
        client.put(&path, body).await?;
        Ok(Some(Event {
            event_type: EventType::Normal,
            reason: reason::SCALING,
            message: format!("Rescaling in place: {}", changes.join(", ")),
            key: None,
            interval: None,
        }))
    }
}

/// What to do about a refusal that another try won't change; none where it may pass.
fn refusal(error: &RestError) -> Option<String> {
    let RestProblem::Status { status, message } = &error.problem else { return None };
    if message.contains("AdaptiveScheduler") || message.contains("without a job restart") {
        return Some(format!(
            "the job does not run on the adaptive scheduler: set jobmanager.scheduler: adaptive and restart the job ({error})"
        ));
    }
    let is_job_unknown = message.starts_with("Job ") || message.contains("Could not find Flink job");
    if *status == 404 && !is_job_unknown {
        return Some(format!(
            "the cluster has no such endpoint: rescaling in place needs Flink 1.18 or later ({error})"
        ));
    }
    (*status == 400).then(|| format!("Flink refused the parallelism ({error})"))
}

#[async_trait]
impl ScalingRealizer for RestScalingRealizer {
    async fn realize(&self, job: &JobAutoScalerContext, realization: &Realization) -> Result<Vec<Event>, PortError> {
        let mut events: Vec<Event> = self.unsupported_config(job, realization).into_iter().collect();
        if realization.parallelism.is_none() {
            return Ok(events);
        }
        if job.status != JobStatus::Running {
            let waits = format!("the job is {:?}: its parallelism is changed when it runs again", job.status);
            if self.is_new(job.id, |told| told.refusal = Some(waits.clone())) {
                tracing::info!(job = %job.key, name = %job.name, "not rescaled: {waits}");
            }
            return Ok(events);
        }
        let timeout =
            job.options.as_ref().map_or(std::time::Duration::from_secs(10), |options| options.rest_client_timeout);
        match self.rescale(&self.client.with_timeout(timeout), job, realization).await {
            Ok(event) => {
                self.is_new(job.id, |told| told.refusal = None);
                events.extend(event);
            }
            Err(error) => {
                let Some(why) = refusal(&error) else { return Err(error.into()) };
                if self.is_new(job.id, |told| told.refusal = Some(why.clone())) {
                    events.push(Event::warning(
                        reason::SCALING,
                        format!("Not rescaled, decisions are only reported: {why}"),
                    ));
                }
            }
        }
        Ok(events)
    }
}
