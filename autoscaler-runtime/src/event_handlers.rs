//! Several event handlers as one.

use std::sync::Arc;

use async_trait::async_trait;
use autoscaler_core::time::Instant;
use autoscaler_core::{AutoScalerEventHandler, ErrorKind, Event, JobAutoScalerContext, JobKey, PortError};

/// Hands every event to each of its handlers, whatever the others say; without any, to nobody.
#[derive(Debug)]
pub struct EventHandlers(Vec<Arc<dyn AutoScalerEventHandler>>);

impl EventHandlers {
    /// These handlers as one.
    pub fn new(handlers: Vec<Arc<dyn AutoScalerEventHandler>>) -> Self {
        Self(handlers)
    }
}

/// One failure is told as it is, several as one.
fn combined(mut failures: Vec<PortError>) -> Result<(), PortError> {
    match failures.len() {
        0 | 1 => failures.pop().map_or(Ok(()), Err),
        _ => {
            let kind = failures.first().map_or(ErrorKind::Unavailable, PortError::kind);
            let texts: Vec<String> = failures.iter().map(|failure| failure.chain().to_string()).collect();
            Err(PortError::new(kind, texts.join("; ")))
        }
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl AutoScalerEventHandler for EventHandlers {
    async fn ready(&self) -> Result<(), PortError> {
        let answers = futures::future::join_all(self.0.iter().map(|handler| handler.ready())).await;
        let mut failures: Vec<PortError> = answers.into_iter().filter_map(Result::err).collect();
        // Several are told with the kind of the first, and one that is away for now must not hide one that can't be used.
        failures.sort_by_key(PortError::is_transient);
        combined(failures)
    }

    async fn handle(&self, job: &JobAutoScalerContext, event: &Event, now: Instant) -> Result<(), PortError> {
        let mut failures = Vec::new();
        for handler in &self.0 {
            failures.extend(handler.handle(job, event, now).await.err());
        }
        combined(failures)
    }

    async fn flush(&self) -> Result<(), PortError> {
        // At once: one that hangs must not take the others' time.
        let flushed = futures::future::join_all(self.0.iter().map(|handler| handler.flush())).await;
        combined(flushed.into_iter().filter_map(Result::err).collect())
    }

    fn forget(&self, job: &JobKey) {
        self.0.iter().for_each(|handler| handler.forget(job));
    }
}
