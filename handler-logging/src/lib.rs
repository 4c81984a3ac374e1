//! [`AutoScalerEventHandler`] over `tracing`: the default. Repeats within an event's interval go to level `debug`.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use autoscaler_core::time::{self, Instant};
use autoscaler_core::{AutoScalerEventHandler, Event, EventType, JobAutoScalerContext, JobKey, PortError};

/// Repeats remembered at most; beyond that, those whose interval has passed are forgotten, then all.
const REMEMBERED: usize = 10_000;

/// Writes events to the log.
#[derive(Debug, Default)]
pub struct LoggingEventHandler {
    seen: Mutex<HashMap<Repeat, Seen>>,
}

/// What makes an event a repeat of another: job, reason, and key or message.
type Repeat = (JobKey, &'static str, String);

#[derive(Debug)]
struct Seen {
    until: Instant,
    message: String,
}

impl LoggingEventHandler {
    /// A handler that has seen nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether the event tells nothing new: the same was logged within its interval.
    fn is_repeat(&self, job: &JobKey, event: &Event, now: Instant) -> bool {
        let Some(interval) = event.interval else { return false };
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (job.clone(), event.reason, event.key.clone().unwrap_or_else(|| event.message.clone()));
        if seen.get(&key).is_some_and(|seen| now < seen.until && seen.message == event.message) {
            return true;
        }
        if seen.len() >= REMEMBERED {
            seen.retain(|_, seen| now < seen.until);
            if seen.len() >= REMEMBERED {
                seen.clear();
            }
        }
        seen.insert(key, Seen { until: time::after(now, interval), message: event.message.clone() });
        false
    }
}

#[async_trait]
impl AutoScalerEventHandler for LoggingEventHandler {
    async fn handle(&self, job: &JobAutoScalerContext, event: &Event, now: Instant) -> Result<(), PortError> {
        let Event { reason, message, .. } = event;
        if self.is_repeat(&job.key, event, now) {
            tracing::debug!(job = %job.key, name = %job.name, reason, "{message} (repeated)");
            return Ok(());
        }
        match event.event_type {
            EventType::Normal => tracing::info!(job = %job.key, name = %job.name, reason, "{message}"),
            EventType::Warning => tracing::warn!(job = %job.key, name = %job.name, reason, "{message}"),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn repeats_are_told_apart() {
        let handler = LoggingEventHandler::new();
        let event =
            Event { interval: Some(Duration::from_secs(60)), ..Event::warning("ScalingLimited", "from 5 to 4") };
        let other = Event { message: "from 6 to 4".to_owned(), ..event.clone() };
        let never = Event { interval: None, ..event.clone() };
        let (a, b) = (JobKey::new("a"), JobKey::new("b"));
        let at = |seconds: i64| time::from_epoch_millis(seconds * 1000).unwrap();
        assert!(!handler.is_repeat(&a, &event, at(0)));
        assert!(handler.is_repeat(&a, &event, at(59)));
        assert!(!handler.is_repeat(&b, &event, at(59)), "another job");
        assert!(!handler.is_repeat(&a, &other, at(59)), "another message");
        assert!(!handler.is_repeat(&a, &event, at(60)), "the interval has passed");
        assert!(!handler.is_repeat(&a, &never, at(60)), "an event without an interval");
    }
}
