//! How long to leave alone what has failed.

use std::time::Duration;

use autoscaler_core::{ErrorKind, PortError};
use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use tokio::time::Instant;

/// Pauses after failures in a row: longer each time, at once for long where the answer was no, as asking again will not
/// change that.
#[derive(Debug, Default)]
pub(crate) struct Pauses {
    next: Option<ExponentialBackoff>,
    until: Option<Instant>,
}

impl Pauses {
    pub(crate) fn is_pausing(&self) -> bool {
        self.until.is_some_and(|until| Instant::now() < until)
    }

    /// Begins a pause after a failure; the first ones are about `shortest`, and none is longer than `longest`.
    pub(crate) fn begin(&mut self, error: &PortError, shortest: Duration, longest: Duration) -> Duration {
        let pauses = self.next.get_or_insert_with(|| {
            let backoff = ExponentialBuilder::default().with_min_delay(shortest).with_max_delay(longest);
            backoff.without_max_times().with_jitter().build()
        });
        let next = pauses.next().unwrap_or(longest).min(longest);
        let pause = if error.kind() == ErrorKind::Denied { longest } else { next };
        self.until = Some(Instant::now() + pause);
        pause
    }

    pub(crate) fn end(&mut self) {
        *self = Self::default();
    }
}
