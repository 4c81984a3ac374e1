//! The task that writes events, and deletes old ones.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use autoscaler_core::ports::{BackendObservers, Called};
use autoscaler_core::{ErrorChain, ErrorKind};
use sql_database::{Database, SqlError};
use tokio::sync::{Notify, watch};
use tokio::time::Instant;

use crate::NAME;
use crate::buffer::Buffer;
use crate::expiry::Expiry;
use crate::write::{Texts, write};

/// Time for which a database that failed is left alone.
const PAUSE: Duration = Duration::from_secs(5);

/// What the handler and its task share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) database: Database,
    observers: BackendObservers,
    buffer: Mutex<Buffer>,
    /// There is something to write.
    pub(crate) arrived: Notify,
    /// Somebody waits: a pause is over.
    pub(crate) hurry: Notify,
    pub(crate) rounds: watch::Sender<Round>,
}

/// How the latest attempt to write everything ended.
#[derive(Clone, Debug, Default)]
pub(crate) struct Round {
    /// How many there were.
    pub(crate) number: u64,
    /// Why some events still wait.
    pub(crate) problem: Option<(ErrorKind, String)>,
}

impl Shared {
    pub(crate) fn new(database: Database, observers: BackendObservers) -> Self {
        let (arrived, hurry, rounds) = (Notify::new(), Notify::new(), watch::Sender::new(Round::default()));
        Self { database, observers, buffer: Mutex::default(), arrived, hurry, rounds }
    }

    /// Tells those who watch what waits.
    pub(crate) fn tell_queue(&self) {
        let queue = self.buffer().queue();
        self.observers.queue_changed(NAME, queue);
    }

    pub(crate) fn buffer(&self) -> MutexGuard<'_, Buffer> {
        // Every operation leaves the buffer whole.
        self.buffer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Writes events as they come, and deletes those older than `ttl` now and then, until dropped.
pub(crate) async fn run(shared: Arc<Shared>, ttl: Option<Duration>) {
    let texts = Texts::default();
    let mut expiry = ttl.map(Expiry::new);
    let mut is_failing = false;
    loop {
        if is_failing {
            tokio::select! {
                () = tokio::time::sleep(PAUSE) => {}
                () = shared.hurry.notified() => {}
            }
        } else {
            tokio::select! {
                () = shared.arrived.notified() => {}
                () = shared.hurry.notified() => {}
                () = due(expiry.as_ref()) => {}
            }
        }
        let result = write_all(&shared, &texts).await;
        match &result {
            Ok(()) if is_failing => tracing::info!(lost = shared.buffer().lost(), "events can be written again"),
            Err(error) if !is_failing => {
                tracing::warn!("events can't be written, they wait: {}", ErrorChain(error));
            }
            _ => {}
        }
        is_failing = result.is_err();
        let problem = result.err().map(|error| (error.kind(), ErrorChain(&error).to_string()));
        shared.rounds.send_modify(|round| *round = Round { number: round.number + 1, problem });
        if let Some(expiry) = &mut expiry
            && !is_failing
        {
            expiry.delete_due(&shared.database).await;
        }
    }
}

/// Waits until old events are to be deleted; for ever where none are.
async fn due(expiry: Option<&Expiry>) {
    match expiry {
        Some(expiry) => tokio::time::sleep_until(expiry.due).await,
        None => std::future::pending().await,
    }
}

/// Writes what waits, oldest first; stops at the first failure that may pass.
async fn write_all(shared: &Shared, texts: &Texts) -> Result<(), SqlError> {
    loop {
        let Some(waiting) = shared.buffer().first() else { return Ok(()) };
        let begun = Instant::now();
        let called = Called::EventHandler { handler: NAME, operation: "write" };
        let calling = shared.observers.calling(called, || begun.elapsed());
        let written = async { write(shared.database.ready().await?, texts, &waiting).await }.await;
        calling.ended(written.as_ref().err().map(SqlError::kind));
        match written {
            Ok(()) => shared.buffer().settle(waiting.number, false),
            // This event is what is wrong; others may be written.
            Err(error) if matches!(error.kind(), ErrorKind::Invalid | ErrorKind::TooLarge) => {
                shared.buffer().settle(waiting.number, true);
                let (job, reason) = (&waiting.job, &waiting.event.reason);
                tracing::warn!(%job, %reason, "an event is lost: {}", ErrorChain(&error));
            }
            Err(error) => return Err(error),
        }
        shared.tell_queue();
    }
}
