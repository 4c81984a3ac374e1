//! The right to save and realize: whether it is ours, until when, and under which token.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use autoscaler_core::LeaseToken;
use autoscaler_core::time::{self, Instant};
use tokio::sync::Notify;

use crate::clock::Clock;

/// A moment on the watch and on the wall. A watch may stand still while the machine is suspended, and the time on the wall
/// may be set: what either of them says is over is over.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    watch: Duration,
    wall: Instant,
}

impl Moment {
    pub(crate) fn now(clock: &dyn Clock) -> Self {
        Self { watch: clock.watch(), wall: clock.now() }
    }

    pub(crate) fn after(self, span: Duration) -> Self {
        Self { watch: self.watch.saturating_add(span), wall: time::after(self.wall, span) }
    }

    /// How long it is until this moment; none if that is over.
    fn left_at(self, now: Self) -> Option<Duration> {
        let watch = self.watch.checked_sub(now.watch)?;
        let wall = (self.wall - now.wall).to_std().ok()?;
        Some(watch.min(wall)).filter(|left| !left.is_zero())
    }
}

/// Which tenure it is, and what its writes count under. What is remembered from an earlier one may have been changed by
/// somebody else since.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    tenure: u64,
    pub(crate) lease: Option<LeaseToken>,
}

/// The right to act of a process.
#[derive(Debug)]
pub(crate) struct Right {
    state: Mutex<State>,
    /// Told when somebody has reason to doubt that it is still ours.
    doubt: Notify,
}

#[derive(Debug)]
struct State {
    standing: Standing,
    is_ours: bool,
    /// Until when, unless that is put off; none: until it is revoked.
    until: Option<Moment>,
}

impl Default for Right {
    /// Ours, for ever.
    fn default() -> Self {
        let state = State { standing: Standing { tenure: 0, lease: None }, is_ours: true, until: None };
        Self { state: Mutex::new(state), doubt: Notify::new() }
    }
}

impl Right {
    pub(crate) fn standing(&self) -> Standing {
        self.locked().standing
    }

    /// Whether it is ours at this moment.
    pub(crate) fn is_ours(&self, clock: &dyn Clock) -> bool {
        let state = self.locked();
        state.is_ours && state.until.is_none_or(|until| until.left_at(Moment::now(clock)).is_some())
    }

    /// How long it is ours without a renewal; none if that is over.
    pub(crate) fn left(&self, clock: &dyn Clock) -> Option<Duration> {
        let state = self.locked();
        if !state.is_ours {
            return None;
        }
        state.until.map_or(Some(Duration::MAX), |until| until.left_at(Moment::now(clock)))
    }

    /// Ours from now on.
    pub(crate) fn grant(&self, lease: Option<LeaseToken>, until: Option<Moment>) {
        let mut state = self.locked();
        let tenure = state.standing.tenure + 1;
        *state = State { standing: Standing { tenure, lease }, is_ours: true, until };
    }

    /// Puts off the end of what is ours.
    pub(crate) fn extend(&self, until: Moment) {
        self.locked().until = Some(until);
    }

    /// No longer ours; whether it was.
    pub(crate) fn revoke(&self) -> bool {
        let mut state = self.locked();
        state.standing.tenure += 1;
        std::mem::replace(&mut state.is_ours, false)
    }

    /// Has whoever keeps it find out whether it is still ours.
    pub(crate) fn doubt(&self) {
        self.doubt.notify_one();
    }

    pub(crate) async fn doubted(&self) {
        self.doubt.notified().await;
    }

    fn locked(&self) -> MutexGuard<'_, State> {
        // Nothing is left half changed.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
