//! Taking events.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use autoscaler_core::ports::BackendObservers;
use autoscaler_core::time::Instant;
use autoscaler_core::{AutoScalerEventHandler, ErrorKind, Event, JobAutoScalerContext, JobKey, PortError};
use sql_database::Database;
use tokio::task::JoinHandle;

use crate::buffer::CAPACITY;
use crate::writer::{Shared, run};

/// How events are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct EventOptions {
    /// Age at which events are deleted; none: never.
    pub ttl: Option<Duration>,
}

impl EventOptions {
    /// With the age at which events are deleted; none: never.
    #[must_use]
    pub fn with_ttl(mut self, ttl: Option<Duration>) -> Self {
        self.ttl = ttl;
        self
    }
}

/// Writes events into a SQL database, by a task of its own.
#[derive(Debug)]
pub struct JdbcEventHandler {
    shared: Arc<Shared>,
    options: EventOptions,
    writer: OnceLock<Writer>,
    /// Lost events of which a flush has told.
    reported: AtomicU64,
}

/// The task; it ends when this is dropped.
#[derive(Debug)]
struct Writer(JoinHandle<()>);

impl Drop for Writer {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl JdbcEventHandler {
    /// A handler into a database. The task that writes begins at once within a tokio runtime, else with the first event.
    pub fn new(database: Database, options: EventOptions) -> Self {
        Self::watched_by(BackendObservers::default(), database, options)
    }

    /// The same, with each event that is written and those that wait told to those who watch backends.
    pub fn watched_by(observers: BackendObservers, database: Database, options: EventOptions) -> Self {
        let shared = Arc::new(Shared::new(database, observers));
        let handler = Self { shared, options, writer: OnceLock::new(), reported: AtomicU64::new(0) };
        if tokio::runtime::Handle::try_current().is_ok() {
            handler.begin();
        }
        handler
    }

    fn begin(&self) {
        self.writer.get_or_init(|| Writer(tokio::spawn(run(Arc::clone(&self.shared), self.options.ttl))));
    }

    /// How many events were lost: more than can be kept came while none could be written, or they can't be stored at all.
    pub fn lost(&self) -> u64 {
        self.shared.buffer().lost()
    }

    /// The first flush after a loss tells of it.
    fn report_losses(&self) -> Result<(), PortError> {
        let lost = self.lost();
        let new = lost.saturating_sub(self.reported.swap(lost, Ordering::Relaxed));
        if new == 0 {
            return Ok(());
        }
        let message = format!("{new} events could not be stored, and are lost");
        Err(PortError::new(ErrorKind::Invalid, message).with("database", self.shared.database.name()))
    }
}

#[async_trait]
impl AutoScalerEventHandler for JdbcEventHandler {
    async fn ready(&self) -> Result<(), PortError> {
        self.shared.database.ready().await?;
        Ok(())
    }

    async fn handle(&self, job: &JobAutoScalerContext, event: &Event, now: Instant) -> Result<(), PortError> {
        self.begin();
        let is_overflow = self.shared.buffer().push(job.key.clone(), event.clone(), now);
        self.shared.tell_queue();
        if is_overflow {
            tracing::warn!("{CAPACITY} events wait to be written: from here on the oldest are lost");
        }
        self.shared.arrived.notify_one();
        Ok(())
    }

    async fn flush(&self) -> Result<(), PortError> {
        self.begin();
        let mut rounds = self.shared.rounds.subscribe();
        let target = self.shared.buffer().taken();
        let begun = rounds.borrow_and_update().number;
        self.shared.hurry.notify_one();
        loop {
            if self.shared.buffer().is_settled(target) {
                return self.report_losses();
            }
            let ended = |()| PortError::new(ErrorKind::Unavailable, "the task that writes events has ended");
            rounds.changed().await.map_err(|_| ended(()))?;
            let round = rounds.borrow_and_update().clone();
            if let Some((kind, why)) = round.problem
                && round.number > begun
            {
                return Err(PortError::new(kind, "events can't be written yet").caused_by(why));
            }
        }
    }

    fn forget(&self, _job: &JobKey) {
        // What still waits of the job is to be written, and nothing else is kept of it.
    }
}
