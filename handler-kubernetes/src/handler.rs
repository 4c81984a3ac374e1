//! Taking events.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use autoscaler_core::ports::BackendObservers;
use autoscaler_core::time::Instant;
use autoscaler_core::{AutoScalerEventHandler, ErrorKind, Event, JobAutoScalerContext, JobKey, PortError};
use kubernetes_api::ApiClient;
use tokio::task::JoinHandle;

use crate::access;
use crate::note::Note;
use crate::queue::CAPACITY;
use crate::writer::{Shared, run};

/// Writes events as Events of the jobs' resources, by a task of its own.
#[derive(Debug)]
pub struct KubernetesEventHandler {
    shared: Arc<Shared>,
    /// Those whose resources there may be events of; none: all.
    namespaces: Option<Vec<String>>,
    writer: OnceLock<Writer>,
    /// Lost events of which a flush has told.
    reported: AtomicU64,
    /// Whether it was said that a job is no resource.
    is_stranger_said: AtomicBool,
}

/// The task; it ends when this is dropped.
#[derive(Debug)]
struct Writer(JoinHandle<()>);

impl Drop for Writer {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl KubernetesEventHandler {
    /// A handler that writes to an API server. The task that writes begins with the first event.
    pub fn new(client: ApiClient) -> Self {
        Self::watched_by(BackendObservers::default(), client)
    }

    /// The same, with each event that is written and those that wait told to those who watch backends.
    pub fn watched_by(observers: BackendObservers, client: ApiClient) -> Self {
        Self {
            // What a storm of events has to wait for is nothing that scaling has to.
            shared: Arc::new(Shared::new(client.apart(), observers)),
            namespaces: None,
            writer: OnceLock::new(),
            reported: AtomicU64::new(0),
            is_stranger_said: AtomicBool::new(false),
        }
    }

    /// With the namespaces whose resources there may be events of, in which rights are asked for; none: all.
    #[must_use]
    pub fn in_namespaces(mut self, namespaces: Option<Vec<String>>) -> Self {
        self.namespaces = namespaces;
        self
    }

    fn begin(&self) {
        self.writer.get_or_init(|| Writer(tokio::spawn(run(Arc::clone(&self.shared)))));
    }

    /// How many events were lost: more than can be kept came while none could be written, or they may not be written.
    pub fn lost(&self) -> u64 {
        self.shared.queue().lost()
    }

    /// The first flush after a loss tells of it.
    fn report_losses(&self) -> Result<(), PortError> {
        let lost = self.lost();
        let new = lost.saturating_sub(self.reported.swap(lost, Ordering::Relaxed));
        if new == 0 {
            return Ok(());
        }
        Err(PortError::new(
            ErrorKind::Invalid,
            format!("{new} events could not be written to Kubernetes, and are lost"),
        ))
    }
}

#[async_trait]
impl AutoScalerEventHandler for KubernetesEventHandler {
    async fn ready(&self) -> Result<(), PortError> {
        access::check(&self.shared.client, self.namespaces.as_deref()).await
    }

    async fn handle(&self, job: &JobAutoScalerContext, event: &Event, now: Instant) -> Result<(), PortError> {
        let is_overflow = {
            let mut queue = self.shared.queue();
            let number = queue.next_number();
            let Some(note) = Note::of(job, event, now, number) else {
                drop(queue);
                if !self.is_stranger_said.swap(true, Ordering::Relaxed) {
                    tracing::warn!(
                        job = %job.key,
                        "a job is no resource of Kubernetes, so it has no Events there: the event handler KUBERNETES goes with \
                         autoscaler.standalone.fetcher.type: KUBERNETES; take it out of \
                         autoscaler.standalone.event-handler.type, or set that"
                    );
                }
                return Ok(());
            };
            queue.push(note)
        };
        self.begin();
        self.shared.tell_queue();
        if is_overflow {
            tracing::warn!("{CAPACITY} events wait to be written to Kubernetes: from here on the oldest are lost");
        }
        self.shared.arrived.notify_one();
        Ok(())
    }

    async fn flush(&self) -> Result<(), PortError> {
        self.begin();
        let mut rounds = self.shared.rounds.subscribe();
        let target = {
            let mut queue = self.shared.queue();
            queue.release_all();
            queue.taken()
        };
        let begun = rounds.borrow_and_update().number;
        self.shared.hurry.notify_one();
        loop {
            if self.shared.queue().is_settled(target) {
                return self.report_losses();
            }
            let ended = |()| PortError::new(ErrorKind::Unavailable, "the task that writes events has ended");
            rounds.changed().await.map_err(|_| ended(()))?;
            let round = rounds.borrow_and_update().clone();
            if let Some((kind, why)) = round.problem
                && round.number > begun
            {
                return Err(PortError::new(kind, "events can't be written to Kubernetes yet").caused_by(why));
            }
        }
    }

    fn forget(&self, _job: &JobKey) {
        // What still waits of the job is to be written, and nothing else is kept of it.
    }
}
