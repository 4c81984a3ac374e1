//! The task that writes events.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use autoscaler_core::ErrorKind;
use autoscaler_core::PortError;
use autoscaler_core::ports::{BackendObservers, Called};
use kubernetes_api::ApiClient;
use tokio::sync::{Notify, watch};
use tokio::time::Instant;

use crate::NAME;
use crate::queue::Queue;
use crate::write::{Events, Unwritten};

/// Time for which an API server that failed is left alone: at first, and at most.
const PAUSES: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(60));

/// What the handler and its task share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) client: ApiClient,
    observers: BackendObservers,
    queue: Mutex<Queue>,
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
    pub(crate) fn new(client: ApiClient, observers: BackendObservers) -> Self {
        let (arrived, hurry, rounds) = (Notify::new(), Notify::new(), watch::Sender::new(Round::default()));
        Self { client, observers, queue: Mutex::default(), arrived, hurry, rounds }
    }

    /// Tells those who watch what waits.
    pub(crate) fn tell_queue(&self) {
        let queue = self.queue().queue();
        self.observers.queue_changed(NAME, queue);
    }

    pub(crate) fn queue(&self) -> MutexGuard<'_, Queue> {
        // Every operation leaves the queue whole.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Writes events as they come, and repeats when it is time, until dropped.
pub(crate) async fn run(shared: Arc<Shared>) {
    let mut events = Events::new(shared.client.clone());
    let mut refused = HashSet::new();
    let mut pause = None;
    loop {
        wait(&shared, pause).await;
        let result = write_all(&shared, &mut events, &mut refused).await;
        match &result {
            Ok(()) if pause.is_some() => {
                tracing::info!(lost = shared.queue().lost(), "events can be written to Kubernetes again");
            }
            Err(later) if pause.is_none() => {
                tracing::warn!("events can't be written to Kubernetes, they wait: {}", later.why.chain());
            }
            _ => {}
        }
        pause = result.as_ref().err().map(|later| {
            let (first, most) = PAUSES;
            let next = pause.map_or(first, |pause: Duration| pause.saturating_mul(2));
            next.max(later.after.unwrap_or_default()).min(most)
        });
        let problem = result.err().map(|later| (later.why.kind(), later.why.chain().to_string()));
        shared.rounds.send_modify(|round| *round = Round { number: round.number + 1, problem });
    }
}

/// Until there is something to write, and a pause is over.
async fn wait(shared: &Shared, pause: Option<Duration>) {
    if let Some(pause) = pause {
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = shared.hurry.notified() => {}
        }
        return;
    }
    let next_end = shared.queue().next_end();
    tokio::select! {
        () = shared.arrived.notified() => {}
        () = shared.hurry.notified() => {}
        () = tokio::time::sleep_until(next_end.unwrap_or_else(Instant::now)), if next_end.is_some() => {}
    }
}

/// Why an event is to be written later.
struct Later {
    why: PortError,
    /// When the API server said so.
    after: Option<Duration>,
}

/// Writes what waits, oldest first; stops at the first failure that may pass. `refused` has the namespaces of which it was said
/// that nothing may be written there.
async fn write_all(shared: &Shared, events: &mut Events, refused: &mut HashSet<String>) -> Result<(), Later> {
    loop {
        let Some(note) = shared.queue().take(Instant::now()) else { return Ok(()) };
        let begun = Instant::now();
        let called = Called::EventHandler { handler: NAME, operation: "write" };
        let calling = shared.observers.calling(called, || begun.elapsed());
        let written = events.write(&note).await;
        calling.ended(written.as_ref().err().map(|unwritten| unwritten.kind()));
        let (job, reason, namespace) = (&note.job, &note.reason, &note.resource.namespace);
        match written {
            Ok(()) => {
                refused.remove(namespace);
                shared.queue().settle();
            }
            Err(Unwritten::Gone) => {
                tracing::debug!(%job, %reason, "an event has nowhere to go: its namespace is being deleted");
                shared.queue().settle();
            }
            Err(Unwritten::Denied(why)) => {
                if refused.insert(namespace.clone()) {
                    tracing::warn!(
                        "events of namespace {namespace} are lost: the rights get, create and patch on events are missing \
                         there; `flink-autoscaler kubernetes rbac --events` prints what to apply: {}",
                        why.chain()
                    );
                }
                shared.queue().give_up(&note);
            }
            Err(Unwritten::Refused(why)) => {
                // This event is what is wrong; others may be written.
                tracing::warn!(%job, %reason, "an event is lost: {}", why.chain());
                shared.queue().give_up(&note);
            }
            Err(Unwritten::Later(why, after)) => {
                shared.queue().put_back(note);
                shared.tell_queue();
                return Err(Later { why, after });
            }
        }
        shared.tell_queue();
    }
}
