//! How fast a control loop goes, and how much evidence it takes until a job is gone.

use std::time::Duration;

use crate::gone_jobs::GoneRule;

/// How fast a control loop goes.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    pub(crate) interval: Duration,
    pub(crate) parallelism: usize,
    pub(crate) cycle_timeout: Duration,
    pub(crate) gone: GoneRule,
}

impl Pace {
    /// A cycle of each job every `interval` (1 ms at least), the rest as the options' defaults have it.
    pub fn new(interval: Duration) -> Self {
        Self {
            interval: interval.max(Duration::from_millis(1)),
            parallelism: 100,
            cycle_timeout: Duration::from_secs(60),
            gone: GoneRule { lists: 3, delay: Duration::from_secs(60) },
        }
    }

    /// With at most so many cycles of a cluster at once; as many again that wait for slow answers.
    #[must_use]
    pub fn with_parallelism(mut self, cycles: usize) -> Self {
        self.parallelism = cycles.max(1);
        self
    }

    /// With a span after which a cycle is ended.
    #[must_use]
    pub fn with_cycle_timeout(mut self, timeout: Duration) -> Self {
        self.cycle_timeout = timeout;
        self
    }

    /// Removing a job's state after so many whole lists without it, and so long.
    #[must_use]
    pub fn with_gone_jobs(mut self, lists: u32, delay: Duration) -> Self {
        self.gone = GoneRule { lists: lists.max(1), delay };
        self
    }

    /// The time after which a cycle counts as slow: a quarter of the interval, a second at most.
    pub(crate) fn slow_after(&self) -> Duration {
        (self.interval / 4).min(Duration::from_secs(1))
    }

    /// The span over which the cycles of a round begin: some of the interval is left for the last of them to end.
    pub(crate) fn spread(&self) -> Duration {
        self.interval * 4 / 5
    }
}
