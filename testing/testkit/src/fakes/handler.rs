//! Events, kept.

use std::sync::Mutex;

use async_trait::async_trait;
use autoscaler_core::time::Instant;
use autoscaler_core::{AutoScalerEventHandler, ErrorKind, Event, JobAutoScalerContext, JobKey, PortError};

/// What is wrong with a handler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HandlerTrouble {
    /// Where its events go can't be used, or not now; nothing is taken.
    Fails(ErrorKind),
    /// It takes an event and never says so.
    Hangs,
}

use crate::handler::KeptEvent;

/// Keeps the events it is handed, each repeat as one of its own.
#[derive(Debug, Default)]
pub struct RecordingHandler {
    events: Mutex<Vec<(JobKey, Event, Instant)>>,
    flushes: Mutex<usize>,
    trouble: Mutex<Option<HandlerTrouble>>,
}

impl RecordingHandler {
    /// Reasons and messages of the events of a job.
    pub fn events(&self, job: &JobKey) -> Vec<(String, String)> {
        let events = self.events.lock().unwrap();
        let of_job = events.iter().filter(|(key, ..)| key == job);
        of_job.map(|(_, event, _)| (event.reason.to_string(), event.message.clone())).collect()
    }

    /// How many events of a job have this reason.
    pub fn count(&self, job: &JobKey, reason: &str) -> usize {
        self.events(job).iter().filter(|(of, _)| of == reason).count()
    }

    /// What is wrong with it from now on.
    pub fn set_trouble(&self, trouble: impl Into<Option<HandlerTrouble>>) {
        *self.trouble.lock().unwrap() = trouble.into();
    }

    fn check(&self) -> Result<(), PortError> {
        match *self.trouble.lock().unwrap() {
            Some(HandlerTrouble::Fails(kind)) => Err(PortError::new(kind, "events can't be stored")),
            _ => Ok(()),
        }
    }

    /// The events of all jobs, in the order they happened.
    pub fn kept(&self) -> Vec<KeptEvent> {
        let kept = |(job, event, _): &(JobKey, Event, Instant)| KeptEvent {
            job: job.to_string(),
            reason: event.reason.to_string(),
            message: event.message.clone(),
            count: 1,
        };
        self.events.lock().unwrap().iter().map(kept).collect()
    }

    /// How often it was flushed.
    pub fn flushes(&self) -> usize {
        *self.flushes.lock().unwrap()
    }
}

#[async_trait]
impl AutoScalerEventHandler for RecordingHandler {
    async fn ready(&self) -> Result<(), PortError> {
        self.check()
    }

    async fn handle(&self, job: &JobAutoScalerContext, event: &Event, now: Instant) -> Result<(), PortError> {
        self.check()?;
        self.events.lock().unwrap().push((job.key.clone(), event.clone(), now));
        let hangs = *self.trouble.lock().unwrap() == Some(HandlerTrouble::Hangs);
        if hangs { std::future::pending().await } else { Ok(()) }
    }

    async fn flush(&self) -> Result<(), PortError> {
        *self.flushes.lock().unwrap() += 1;
        Ok(())
    }

    fn forget(&self, _: &JobKey) {}
}
