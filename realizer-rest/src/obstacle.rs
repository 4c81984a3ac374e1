//! Whether a job could be rescaled, asked without rescaling it.

use autoscaler_core::JobAutoScalerContext;
use flink_rest::wire::ResourceRequirements;
use flink_rest::{FlinkClient, RestError};

use crate::refusal::{configured, refusal};

/// What keeps a running job from being rescaled in place, and behind `: ` what to do about it; none where nothing does.
/// Asks for what the realizer asks for before it changes anything, and changes nothing.
///
/// # Errors
/// It can't be told: the cluster does not answer as it should.
pub async fn obstacle(client: &FlinkClient, job: &JobAutoScalerContext) -> Result<Option<String>, RestError> {
    if let Some(refusal) = configured(job.configuration()) {
        return Ok(Some(refusal.text.to_owned()));
    }
    let path = format!("/jobs/{}/resource-requirements", job.id);
    match client.for_job(job).get::<ResourceRequirements>(&path).await {
        Ok(_) => Ok(None),
        Err(error) => match refusal(&error.problem).filter(|refusal| refusal.is_of_any) {
            Some(refusal) => Ok(Some(refusal.text.to_owned())),
            None => Err(error),
        },
    }
}
