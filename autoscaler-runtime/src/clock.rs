//! What time it is.

mod steps;

use std::fmt::Debug;
use std::time::Duration;

use autoscaler_core::time::Instant;

pub(crate) use steps::ClockSteps;

/// What time it is, on the wall and on a watch.
pub trait Clock: Debug + Send + Sync + 'static {
    /// The time on the wall: what observations, scalings and events are dated with. It may step.
    fn now(&self) -> Instant;

    /// Time since some moment in the past that stays the same: what durations are measured with. It never steps.
    fn watch(&self) -> Duration;
}

/// The machine's clock.
#[derive(Debug)]
pub struct SystemClock {
    origin: std::time::Instant,
}

impl Default for SystemClock {
    fn default() -> Self {
        Self { origin: std::time::Instant::now() }
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Instant {
        chrono::Utc::now()
    }

    fn watch(&self) -> Duration {
        self.origin.elapsed()
    }
}
