#![doc = include_str!("../README.md")]

mod repeats;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use autoscaler_core::registry::{Backends, Opened, Opening};
use autoscaler_core::time::Instant;
use autoscaler_core::{AutoScalerEventHandler, Event, EventType, JobAutoScalerContext, JobKey, PortError};

use repeats::Repeats;

/// What log filters know events by.
pub const TARGET: &str = "flink_autoscaler::event";

/// Writes events to the log.
#[derive(Debug, Default)]
pub struct LoggingEventHandler {
    repeats: Mutex<Repeats>,
}

impl LoggingEventHandler {
    /// A handler that has written nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    fn repeats(&self) -> MutexGuard<'_, Repeats> {
        // A repeat too many in the log is the worst that a panic elsewhere can lead to.
        self.repeats.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl AutoScalerEventHandler for LoggingEventHandler {
    async fn ready(&self) -> Result<(), PortError> {
        Ok(())
    }

    async fn handle(&self, job: &JobAutoScalerContext, event: &Event, now: Instant) -> Result<(), PortError> {
        let Event { reason, message, .. } = event;
        let (key, name, cluster) = (&job.key, &job.name, &job.cluster);
        if self.repeats().is_repeat(key, event, now) {
            tracing::debug!(target: TARGET, job = %key, %name, %cluster, reason = %reason, "{message} (repeated)");
            return Ok(());
        }
        match event.event_type {
            EventType::Normal => {
                tracing::info!(target: TARGET, job = %key, %name, %cluster, reason = %reason, "{message}")
            }
            _ => tracing::warn!(target: TARGET, job = %key, %name, %cluster, reason = %reason, "{message}"),
        }
        Ok(())
    }

    async fn flush(&self) -> Result<(), PortError> {
        // The log's own writer has had them since they were handled.
        Ok(())
    }

    fn forget(&self, job: &JobKey) {
        self.repeats().forget(job);
    }
}

/// Adds the handler of type LOGGING.
pub fn register(backends: &mut Backends) {
    backends.handlers.add("LOGGING", "the log", open);
}

fn open(_: &mut Opening<'_>) -> Result<Opened<dyn AutoScalerEventHandler>, PortError> {
    Ok(Opened::new(Arc::new(LoggingEventHandler::new())))
}
