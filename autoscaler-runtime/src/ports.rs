//! What the cycles of all jobs have in common.

use std::sync::Arc;
use std::time::Duration;

use autoscaler_core::plugin::ResourceCheck;
use autoscaler_core::{AutoScalerEventHandler, AutoScalerStateStore, Autoscaler, LeaseToken, PortError};

use crate::approvals::Approvals;
use crate::beginning::BeginningObserver;
use crate::clock::{Clock, SystemClock};
use crate::observer::{CycleObserver, Observers};
use crate::right::{Moment, Right, Standing};
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
    pub(crate) approvals: Option<Arc<Approvals>>,
    right: Arc<Right>,
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
            approvals: None,
            right: Arc::default(),
        }
    }

    /// For a cluster with a check of its own resources.
    #[must_use]
    pub(crate) fn with_resource_check(mut self, check: Arc<dyn ResourceCheck>) -> Self {
        self.autoscaler = Arc::new(Autoscaler::clone(&self.autoscaler).with_resource_check(check));
        self
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

    /// With approvals of scalings that options keep from being carried out.
    #[must_use]
    pub fn with_approvals(mut self, approvals: Arc<Approvals>) -> Self {
        self.approvals = Some(approvals);
        self
    }

    /// Whether saving and realizing are ours to do: not while somebody else has the lease, or its time is over.
    pub(crate) fn may_act(&self) -> bool {
        self.right.is_ours(self.clock.as_ref())
    }

    /// The same, of the tenure that what is to be done is of.
    pub(crate) fn may_act_as(&self, standing: Standing) -> bool {
        self.may_act() && self.standing() == standing
    }

    /// Which tenure it is.
    pub(crate) fn standing(&self) -> Standing {
        self.right.standing()
    }

    /// Has the keeper of the lease find out whether it is still ours.
    pub(crate) fn doubt(&self) {
        self.right.doubt();
    }

    /// When somebody else doubts it.
    pub(crate) async fn doubted(&self) {
        self.right.doubted().await;
    }

    pub(crate) fn moment(&self) -> Moment {
        Moment::now(self.clock.as_ref())
    }

    /// How long saving and realizing are ours to do without a renewal; none if they are not.
    pub(crate) fn left(&self) -> Option<Duration> {
        self.right.left(self.clock.as_ref())
    }

    /// Allows saving and realizing, at once and for all clones. One keeper of a lease calls it.
    pub(crate) fn grant(&self, lease: Option<LeaseToken>, until: Option<Moment>) {
        self.right.grant(lease, until);
        self.observers.right_to_act(true);
    }

    /// Allows it for longer.
    pub(crate) fn extend(&self, until: Moment) {
        self.right.extend(until);
    }

    /// Forbids it.
    pub(crate) fn revoke(&self) {
        if self.right.revoke() {
            if let Some(approvals) = &self.approvals {
                approvals.clear();
            }
            self.observers.right_to_act(false);
        }
    }

    /// Tells how it went when the store was asked for the right to act.
    pub(crate) fn asked(&self, failure: Option<&PortError>) {
        self.observers.right_asked_for(failure);
    }
}
