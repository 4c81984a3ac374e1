//! What the cycles of all jobs have in common.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use autoscaler_core::{AutoScalerEventHandler, AutoScalerStateStore, Autoscaler};

use crate::beginning::BeginningObserver;
use crate::clock::{Clock, SystemClock};
use crate::observer::{CycleObserver, Observers};
use crate::shared_failures::SharedFailures;

/// What the cycles of all jobs have in common. Clones share everything.
#[derive(Clone, Debug)]
pub struct Ports {
    pub(crate) autoscaler: Arc<Autoscaler>,
    pub(crate) store: Arc<dyn AutoScalerStateStore>,
    pub(crate) handler: Arc<dyn AutoScalerEventHandler>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) observers: Observers,
    pub(crate) shared_failures: SharedFailures,
    pub(crate) beginnings: Option<Arc<dyn BeginningObserver>>,
    /// Even while saving and realizing are ours to do; a further one each time that changes.
    tenure: Arc<AtomicU64>,
}

impl Ports {
    /// What is remembered goes into `store`, what happens to `handler`. The clock is the machine's, and nobody watches.
    pub fn new(
        autoscaler: Autoscaler,
        store: Arc<dyn AutoScalerStateStore>,
        handler: Arc<dyn AutoScalerEventHandler>,
    ) -> Self {
        Self {
            autoscaler: Arc::new(autoscaler),
            store,
            handler,
            clock: Arc::new(SystemClock::default()),
            observers: Observers::default(),
            shared_failures: SharedFailures::default(),
            beginnings: None,
            tenure: Arc::default(),
        }
    }

    /// With another clock.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// With one more observer.
    #[must_use]
    pub fn with_observer(mut self, observer: Arc<dyn CycleObserver>) -> Self {
        self.observers.add(observer);
        self
    }

    /// With somebody who looks at what cycles begin with.
    #[must_use]
    pub fn with_beginning_observer(mut self, observer: Arc<dyn BeginningObserver>) -> Self {
        self.beginnings = Some(observer);
        self
    }

    /// Whether saving and realizing are ours to do: not while a lease is lost.
    pub(crate) fn may_act(&self) -> bool {
        self.tenure().is_multiple_of(2)
    }

    /// Which tenure it is. What is remembered from an earlier one may have been changed by somebody else since.
    pub(crate) fn tenure(&self) -> u64 {
        self.tenure.load(Ordering::Acquire)
    }

    /// Allows or forbids saving and realizing, at once and for all clones. One keeper of a lease calls it.
    pub(crate) fn allow(&self, may_act: bool) {
        if self.may_act() != may_act {
            self.tenure.fetch_add(1, Ordering::AcqRel);
            self.observers.right_to_act(may_act);
        }
    }
}
