//! What the cycles of all jobs have in common.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use autoscaler_core::{AutoScalerEventHandler, AutoScalerStateStore, Autoscaler};

use crate::clock::{Clock, SystemClock};
use crate::observer::{CycleObserver, Observers};

/// What the cycles of all jobs have in common. Clones share everything.
#[derive(Clone, Debug)]
pub struct Ports {
    pub(crate) autoscaler: Arc<Autoscaler>,
    pub(crate) store: Arc<dyn AutoScalerStateStore>,
    pub(crate) handler: Arc<dyn AutoScalerEventHandler>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) observers: Observers,
    may_act: Arc<AtomicBool>,
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
            may_act: Arc::new(AtomicBool::new(true)),
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

    /// Whether saving and realizing are ours to do: not while a lease is lost.
    pub(crate) fn may_act(&self) -> bool {
        self.may_act.load(Ordering::Acquire)
    }

    /// Allows or forbids saving and realizing, at once and for all clones.
    pub(crate) fn allow(&self, may_act: bool) {
        if self.may_act.swap(may_act, Ordering::AcqRel) != may_act {
            self.observers.right_to_act(may_act);
        }
    }
}
