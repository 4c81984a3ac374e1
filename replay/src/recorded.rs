//! A recorded cycle as a cluster that answers.

use async_trait::async_trait;
use autoscaler_core::observation::ClusterReading;
use autoscaler_core::{ObserveError, VertexId};
use flink_rest::recorded::{ClusterApi, JobApi, cluster_reading};
use flink_rest::wire::{JobDetails, JobReading, MetricValue};

use crate::line::CycleLine;

#[async_trait]
impl JobApi for CycleLine {
    async fn details(&self) -> Result<JobReading, ObserveError> {
        let unusable =
            |problem: &dyn std::fmt::Display| ObserveError::Unusable(format!("the recorded jobDetails: {problem}"));
        if let Some(why) = self.failed.as_ref().and_then(|failed| failed.details.as_ref()) {
            return Err(ObserveError::Unusable(why.clone()));
        }
        let details: JobDetails<'_> = serde_json::from_str(self.job_details.get()).map_err(|error| unusable(&error))?;
        details.reading().map_err(|invalid| unusable(&invalid))
    }

    async fn metric_names(&self, vertex: VertexId) -> Result<Vec<String>, ObserveError> {
        self.had_metrics()?;
        let with_values = self.vertex_metrics.get(&vertex).into_iter().flatten().map(|metric| &metric.id);
        Ok(with_values.chain(self.metric_names.get(&vertex).into_iter().flatten()).cloned().collect())
    }

    async fn metric_values(&self, vertex: VertexId, names: &[&str]) -> Result<Vec<MetricValue>, ObserveError> {
        self.had_metrics()?;
        Ok(picked(self.vertex_metrics.get(&vertex).map_or(&[], Vec::as_slice), names))
    }

    async fn cluster(&self) -> Result<ClusterReading, ObserveError> {
        self.had_metrics()?;
        cluster_reading(self).await
    }
}

#[async_trait]
impl ClusterApi for CycleLine {
    async fn task_manager_metrics(&self, names: &[&str]) -> Result<Vec<MetricValue>, ObserveError> {
        let found = picked(&self.task_manager_metrics, names);
        // As Flink does: nothing at all where any name is unknown.
        Ok(if found.len() == names.len() { found } else { Vec::new() })
    }

    async fn job_manager_metrics(&self, names: &[&str]) -> Result<Vec<MetricValue>, ObserveError> {
        Ok(picked(&self.job_manager_metrics, names))
    }
}

impl CycleLine {
    /// That the cluster answered when it was asked for metrics.
    fn had_metrics(&self) -> Result<(), ObserveError> {
        match self.failed.as_ref().and_then(|failed| failed.metrics.as_ref()) {
            Some(why) => Err(ObserveError::Unusable(why.clone())),
            None => Ok(()),
        }
    }
}

fn picked(all: &[MetricValue], names: &[&str]) -> Vec<MetricValue> {
    all.iter().filter(|value| names.contains(&value.id.as_str())).cloned().collect()
}
