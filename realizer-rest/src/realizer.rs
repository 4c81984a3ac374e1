//! Rescaling jobs in place.

use std::time::{Duration, Instant};

use async_trait::async_trait;
use autoscaler_core::event::reason;
use autoscaler_core::{Event, JobAutoScalerContext, JobKey, JobStatus, PortError, Realization, ScalingRealizer};
use flink_rest::wire::ResourceRequirements;
use flink_rest::{FlinkClient, RestError};

use crate::plan;
use crate::refusal::{configured, refusal};
use crate::reported::Reports;
use crate::tries::{FIRST_PAUSE, Tries};

/// Rescales the jobs of one cluster through Flink's REST API.
#[derive(Debug)]
pub struct RestScalingRealizer {
    client: FlinkClient,
    reports: Reports,
    tries: Tries,
}

impl RestScalingRealizer {
    /// A realizer for the client's cluster.
    pub fn new(client: FlinkClient) -> Self {
        Self { client, reports: Reports::default(), tries: Tries::new(FIRST_PAUSE) }
    }

    /// With another pause before a rescale that was refused or failed is tried again; each that follows is twice as
    /// long. Zero: it is tried every cycle.
    #[must_use]
    pub fn with_first_pause(self, pause: Duration) -> Self {
        Self { tries: Tries::new(pause), ..self }
    }

    /// The event about a refusal, unless it was reported.
    fn refused(&self, job: &JobKey, refusal: String) -> Option<Event> {
        let message = format!("Not rescaled, decisions are only reported: {refusal}");
        let is_new = self.reports.is_new(job, |job| &mut job.refusal, Some(refusal));
        is_new.then(|| Event::warning(reason::SCALING, message))
    }

    /// The event about configuration changes, where they differ from those reported last.
    fn unsupported_config(&self, job: &JobKey, realization: &Realization) -> Option<Event> {
        let changes = realization.config.as_ref().filter(|changes| !changes.overrides.is_empty());
        let keys = changes.map(|changes| changes.overrides.keys().cloned().collect::<Vec<_>>().join(", "));
        if !self.reports.is_new(job, |job| &mut job.config, changes.map(|changes| format!("{changes:?}"))) {
            return None;
        }
        let message = format!(
            "Configuration changes are not applied: a running job's memory can't be changed over Flink's REST API. Set \
             them in the cluster's configuration: {}",
            keys.unwrap_or_default()
        );
        Some(Event::warning(reason::SCALING, message))
    }

    /// The resource requirements that the job should have, and the changes, for people.
    async fn planned(
        &self,
        job: &JobAutoScalerContext,
        overrides: &plan::Overrides,
    ) -> Result<(ResourceRequirements, Vec<String>), RestError> {
        let client = self.client.for_job(job);
        let path = path(job);
        let mut requirements: ResourceRequirements = client.get(&path).await?;
        if let Some(problem) = plan::unusable(&requirements) {
            return Err(client.unexpected(&path, problem));
        }
        let changes = plan::apply(&mut requirements, overrides);
        Ok((requirements, changes))
    }

    /// As [`realize`](ScalingRealizer::realize). Before the job is changed, and only then, it is asked whether there is
    /// something against it: then it is left as it is, and these events are told instead.
    ///
    /// # Errors
    /// As of `realize`, and what the question fails with.
    pub async fn realize_unless(
        &self,
        job: &JobAutoScalerContext,
        realization: &Realization,
        against: impl Future<Output = Result<Option<Vec<Event>>, PortError>> + Send,
    ) -> Result<Vec<Event>, PortError> {
        let unsupported = self.unsupported_config(&job.key, realization);
        let rescaled = self.rescaled(job, realization, against).await;
        if rescaled.is_err() {
            // With an error nobody is told of it: it is to be told again.
            self.reports.is_new(&job.key, |job| &mut job.config, None);
        }
        Ok(unsupported.into_iter().chain(rescaled?).collect())
    }

    /// What comes of the parallelism.
    async fn rescaled(
        &self,
        job: &JobAutoScalerContext,
        realization: &Realization,
        against: impl Future<Output = Result<Option<Vec<Event>>, PortError>> + Send,
    ) -> Result<Vec<Event>, PortError> {
        let mut events = Vec::new();
        let Some(overrides) = &realization.parallelism else { return Ok(events) };
        // A job that does not run gets its parallelism when it runs again.
        if job.status != JobStatus::Running && !(realization.while_restarting && restarts(job.status)) {
            return Ok(events);
        }
        if let Some(refusal) = configured(job.configuration()) {
            events.extend(self.refused(&job.key, refusal.text.to_owned()));
            return Ok(events);
        }
        if let Some(last) = self.tries.waiting(&job.key, overrides, Instant::now()) {
            return last.map(|()| events);
        }
        let rescaled = match self.planned(job, overrides).await {
            Ok((_, changes)) if changes.is_empty() => Ok(changes),
            Ok((requirements, changes)) => {
                if let Some(against) = against.await? {
                    events.extend(against);
                    return Ok(events);
                }
                self.client.for_job(job).put(&path(job), &requirements).await.map(|()| changes)
            }
            Err(error) => Err(error),
        };
        match rescaled {
            Ok(changes) => {
                self.tries.forget(&job.key);
                self.reports.is_new(&job.key, |job| &mut job.refusal, None);
                if !changes.is_empty() {
                    let message = format!("Rescaling in place: {}", changes.join(", "));
                    events.push(Event::normal(reason::SCALING, message));
                }
            }
            Err(error) => {
                let Some(refusal) = refusal(&error.problem) else {
                    let error = PortError::from(error);
                    self.tries.failed(&job.key, overrides, &error, Instant::now());
                    return Err(error);
                };
                self.tries.refused(&job.key, (!refusal.is_of_any).then_some(overrides), Instant::now());
                events.extend(self.refused(&job.key, format!("{} ({error})", refusal.text)));
            }
        }
        Ok(events)
    }
}

/// Whether a job is on its way to run again.
fn restarts(status: JobStatus) -> bool {
    matches!(status, JobStatus::Restarting | JobStatus::Created | JobStatus::Failing)
}

fn path(job: &JobAutoScalerContext) -> String {
    format!("/jobs/{}/resource-requirements", job.id)
}

#[async_trait]
impl ScalingRealizer for RestScalingRealizer {
    async fn realize(&self, job: &JobAutoScalerContext, realization: &Realization) -> Result<Vec<Event>, PortError> {
        self.realize_unless(job, realization, std::future::ready(Ok(None))).await
    }

    fn forget(&self, job: &JobKey) {
        self.reports.forget(job);
        self.tries.forget(job);
    }
}
