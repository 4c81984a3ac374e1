//! The right to save and realize: whether it is ours, until when, and under which token.

use std::pin::pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::Poll;
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

/// Goes on with what changes the cluster only while that is ours to do; none where it is not any more. A process that was
/// stopped in the middle of it and wakes up when somebody else acts must not go on where it was.
pub(crate) async fn while_holding<T>(
    holds: impl Fn() -> bool + Send + Sync,
    work: impl Future<Output = T> + Send,
) -> Option<T> {
    let mut work = pin!(work);
    std::future::poll_fn(|context| if holds() { work.as_mut().poll(context).map(Some) } else { Poll::Ready(None) })
        .await
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    #[derive(Debug, Default)]
    struct Hands(Mutex<(Duration, chrono::TimeDelta)>);

    impl Hands {
        /// Lets so many seconds pass on the watch and on the wall.
        fn pass(&self, watch: u64, wall: i64) {
            let mut hands = self.0.lock().unwrap();
            hands.0 += Duration::from_secs(watch);
            hands.1 += chrono::TimeDelta::seconds(wall);
        }
    }

    impl Clock for Hands {
        fn now(&self) -> Instant {
            chrono::DateTime::UNIX_EPOCH + self.0.lock().unwrap().1
        }

        fn watch(&self) -> Duration {
            self.0.lock().unwrap().0
        }
    }

    fn granted() -> (Right, Hands) {
        let (right, clock) = (Right::default(), Hands::default());
        let until = Moment::now(&clock).after(Duration::from_secs(12));
        right.grant(Some(LeaseToken(7)), Some(until));
        (right, clock)
    }

    #[test]
    fn it_is_over_by_the_watch_and_by_the_wall() {
        // As time passes; the machine was suspended; the clock was set back; and forward.
        for (watch, wall, is_ours) in
            [(11, 11, true), (12, 12, false), (1, 3600, false), (11, -60, true), (13, -60, false)]
        {
            let (right, clock) = granted();
            clock.pass(watch, wall);
            assert_eq!(right.is_ours(&clock), is_ours, "{watch} s on the watch, {wall} s on the wall");
            assert_eq!(right.left(&clock).is_some(), is_ours);
        }
    }

    #[test]
    fn renewals_put_it_off_and_each_tenure_is_another() {
        let (right, clock) = granted();
        let first = right.standing();
        clock.pass(8, 8);
        right.extend(Moment::now(&clock).after(Duration::from_secs(12)));
        clock.pass(8, 8);
        assert!(right.is_ours(&clock));
        assert_eq!(right.standing(), first);
        assert!(right.revoke() && !right.revoke());
        assert!(!right.is_ours(&clock) && right.left(&clock).is_none());
        right.grant(Some(LeaseToken(7)), None);
        assert_ne!(right.standing(), first, "what was remembered before may be old");
    }

    #[tokio::test]
    async fn work_goes_no_further_than_the_right_does() {
        let holds = AtomicBool::new(true);
        let steps = AtomicBool::new(false);
        let work = async {
            // The right is lost while an answer is waited for.
            holds.store(false, Ordering::Relaxed);
            tokio::task::yield_now().await;
            steps.store(true, Ordering::Relaxed);
        };
        assert_eq!(while_holding(|| holds.load(Ordering::Relaxed), work).await, None);
        assert!(!steps.load(Ordering::Relaxed), "it went on");
        assert_eq!(while_holding(|| true, async { 5 }).await, Some(5));
    }
}
