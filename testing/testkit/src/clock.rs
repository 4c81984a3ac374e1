//! Clocks that tests move.

use std::sync::Mutex;
use std::time::Duration;

use autoscaler_core::time::{Instant, from_epoch_millis};
use autoscaler_runtime::Clock;

/// When test clocks begin.
const START_MS: i64 = 1_700_000_000_000;

/// A clock that goes with tokio's time, paused or not; the time on its wall can be stepped.
#[derive(Debug)]
pub struct TestClock {
    origin: tokio::time::Instant,
    stepped: Mutex<chrono::TimeDelta>,
}

impl Default for TestClock {
    fn default() -> Self {
        Self { origin: tokio::time::Instant::now(), stepped: Mutex::default() }
    }
}

impl TestClock {
    /// Steps the time on the wall, forward or back.
    pub fn step(&self, by: chrono::TimeDelta) {
        *self.stepped.lock().unwrap() += by;
    }
}

impl Clock for TestClock {
    fn now(&self) -> Instant {
        let passed = chrono::TimeDelta::from_std(self.watch()).unwrap();
        from_epoch_millis(START_MS).unwrap() + passed + *self.stepped.lock().unwrap()
    }

    fn watch(&self) -> Duration {
        self.origin.elapsed()
    }
}
