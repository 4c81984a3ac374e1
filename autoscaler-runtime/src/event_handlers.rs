//! Several event handlers as one.

use std::sync::Arc;

use async_trait::async_trait;
use autoscaler_core::time::Instant;
use autoscaler_core::{AutoScalerEventHandler, Event, JobAutoScalerContext, PortError};

/// Hands every event to each of its handlers, whatever the others say.
#[derive(Debug)]
pub struct EventHandlers(Vec<Arc<dyn AutoScalerEventHandler>>);

impl EventHandlers {
    /// These handlers as one.
    pub fn new(handlers: Vec<Arc<dyn AutoScalerEventHandler>>) -> Self {
        Self(handlers)
    }
}

#[async_trait]
impl AutoScalerEventHandler for EventHandlers {
    async fn handle(&self, job: &JobAutoScalerContext, event: &Event, now: Instant) -> Result<(), PortError> {
        let mut failures = Vec::new();
        for handler in &self.0 {
            if let Err(error) = handler.handle(job, event, now).await {
                failures.push(error);
            }
        }
        match failures.len() {
            0 | 1 => failures.pop().map_or(Ok(()), Err),
            _ => {
                let texts: Vec<String> = failures.iter().map(ToString::to_string).collect();
                Err(PortError::transient(texts.join("; ")))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    #[derive(Debug, Default)]
    struct Counting(AtomicU32, bool);

    #[async_trait]
    impl AutoScalerEventHandler for Counting {
        async fn handle(&self, _: &JobAutoScalerContext, _: &Event, _: Instant) -> Result<(), PortError> {
            self.0.fetch_add(1, Ordering::Relaxed);
            if self.1 { Err(PortError::transient("it is away")) } else { Ok(()) }
        }
    }

    #[tokio::test]
    async fn a_handler_that_fails_does_not_keep_the_others_from_it() {
        let (broken, sound) = (Arc::new(Counting(AtomicU32::new(0), true)), Arc::new(Counting::default()));
        let both = EventHandlers::new(vec![Arc::clone(&broken) as _, Arc::clone(&sound) as _]);
        let event = Event::warning("r", "m");
        let result = both.handle(&testkit::job::context(1, &[]), &event, Instant::UNIX_EPOCH).await;
        assert_eq!(result.unwrap_err().to_string(), "it is away");
        assert_eq!((broken.0.load(Ordering::Relaxed), sound.0.load(Ordering::Relaxed)), (1, 1));
    }
}
