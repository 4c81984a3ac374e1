//! The job itself, asked and changed over Flink's REST API.

use std::collections::BTreeSet;
use std::sync::Arc;

use autoscaler_core::{Cluster, ErrorKind, Event, JobAutoScalerContext, PortError, Realization, VertexId};
use flink_rest::FlinkClient;
use flink_rest::wire::ResourceRequirements;
use realizer_rest::RestScalingRealizer;

use super::KubernetesRealizer;

fn client(cluster: &Cluster) -> Result<FlinkClient, PortError> {
    let client = cluster.access.downcast_ref::<FlinkClient>().cloned();
    client.ok_or_else(|| {
        let message = "the job's Flink cluster is not reached over Flink's REST API";
        PortError::new(ErrorKind::Unsupported, message).with("cluster", cluster.name.as_str())
    })
}

impl KubernetesRealizer {
    /// Brings the job itself to what is wanted, whatever its resource says, unless there is something `against` it, which is
    /// asked before it is changed and only then.
    pub(super) async fn over_rest(
        &self,
        job: &JobAutoScalerContext,
        realization: &Realization,
        against: impl Future<Output = Result<Option<Vec<Event>>, PortError>> + Send,
    ) -> Result<Vec<Event>, PortError> {
        let cluster = self.access.flink.of(&job.key)?;
        let client = client(&cluster)?;
        let realizer = self.memories.with(&job.key, |memory| match &memory.rest {
            Some((access, realizer)) if Arc::ptr_eq(access, &cluster.access) => Arc::clone(realizer),
            _ => {
                let realizer = RestScalingRealizer::new(client);
                let realizer = Arc::new(match self.first_pause {
                    Some(pause) => realizer.with_first_pause(pause),
                    None => realizer,
                });
                memory.rest = Some((cluster.access, Arc::clone(&realizer)));
                realizer
            }
        });
        realizer.realize_unless(job, realization, against).await
    }

    /// The vertices that the job has.
    pub(super) async fn vertices(&self, job: &JobAutoScalerContext) -> Result<BTreeSet<VertexId>, PortError> {
        let client = client(&self.access.flink.of(&job.key)?)?.for_job(job);
        let path = format!("/jobs/{}/resource-requirements", job.id);
        let requirements: ResourceRequirements = client.get(&path).await?;
        let vertex = |text: &String| {
            let invalid = || PortError::new(ErrorKind::Invalid, "Flink names a vertex that is none");
            text.parse().map_err(|_| invalid().with("job", job.key.as_str()))
        };
        requirements.keys().map(vertex).collect()
    }
}
