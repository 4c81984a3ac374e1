//! The Events of a namespace as a log, whose jobs are resources.

use std::sync::Arc;

use async_trait::async_trait;
use autoscaler_core::time::Instant;
use autoscaler_core::{AutoScalerEventHandler, Event, JobAutoScalerContext, JobKey, PortError};
use handler_kubernetes::{KubernetesEventHandler, MESSAGE_BYTES};
use k8s_openapi::api::core::v1::Event as EventObject;
use kube::api::ListParams;
use kube::{Api, Client};
use kubernetes_api::ApiClient;
use testkit::handler::{EventLog, Keeps, KeptEvent, Repeats};

pub(crate) const KEEPS: Keeps = Keeps { message_bytes: Some(MESSAGE_BYTES), repeats: Repeats::ForEver };

/// Has a resource for each job: its uid is the job's key.
#[derive(Debug)]
struct OfResources {
    handler: KubernetesEventHandler,
    namespace: String,
}

impl OfResources {
    fn resource(&self, job: &JobKey) -> JobKey {
        JobKey::new(format!("fd/{}/orders/{job}", self.namespace))
    }
}

#[async_trait]
impl AutoScalerEventHandler for OfResources {
    async fn ready(&self) -> Result<(), PortError> {
        self.handler.ready().await
    }

    async fn handle(&self, job: &JobAutoScalerContext, event: &Event, now: Instant) -> Result<(), PortError> {
        let mut job = job.clone();
        job.key = self.resource(&job.key);
        self.handler.handle(&job, event, now).await
    }

    async fn flush(&self) -> Result<(), PortError> {
        self.handler.flush().await
    }

    fn forget(&self, job: &JobKey) {
        self.handler.forget(&self.resource(job));
    }
}

/// The log.
pub(crate) struct Log {
    pub(crate) client: Client,
    pub(crate) namespace: String,
    /// A client of somebody who may write none.
    pub(crate) nobody: Client,
}

impl Log {
    fn of(&self, client: Client) -> Arc<dyn AutoScalerEventHandler> {
        let namespace = self.namespace.clone();
        let handler = KubernetesEventHandler::new(ApiClient::of(client)).in_namespaces(Some(vec![namespace.clone()]));
        Arc::new(OfResources { handler, namespace })
    }
}

#[async_trait]
impl EventLog for Log {
    fn handler(&self) -> Arc<dyn AutoScalerEventHandler> {
        self.of(self.client.clone())
    }

    async fn kept(&self) -> Vec<KeptEvent> {
        let all = Api::<EventObject>::namespaced(self.client.clone(), &self.namespace);
        let mut all = all.list(&ListParams::default()).await.unwrap().items;
        all.sort_by_key(|event| event.first_timestamp.clone());
        let kept = |event: EventObject| KeptEvent {
            job: event.involved_object.uid.unwrap(),
            reason: event.reason.unwrap(),
            message: event.message.unwrap(),
            count: event.count.unwrap().into(),
        };
        all.into_iter().map(kept).collect()
    }

    async fn unusable(&self) -> Arc<dyn AutoScalerEventHandler> {
        self.of(self.nobody.clone())
    }
}
