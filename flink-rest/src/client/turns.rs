//! How many requests a cluster gets at once.

use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};

/// Requests at once while answers come quickly, and connections that are kept for them. Each connection takes about
/// 30 KB here, and a thread's attention at the JobManager.
pub(super) const QUICK: usize = 32;

/// How long a request waits for its turn among the quick ones. After that it goes beside them, so that slow answers hold
/// up nobody for longer.
const PATIENCE: Duration = Duration::from_millis(100);

/// The bound on requests at once, and the lower one that holds as long as answers come quickly.
#[derive(Debug)]
pub(super) struct Turns {
    all: Semaphore,
    quick: Semaphore,
}

/// A request's place among those under way.
#[derive(Debug)]
pub(super) struct Turn<'a> {
    _all: Option<SemaphorePermit<'a>>,
    _quick: Option<SemaphorePermit<'a>>,
}

impl Turns {
    /// Turns for at most `most` requests at once.
    pub(super) fn new(most: usize) -> Self {
        Self { all: Semaphore::new(most.clamp(1, Semaphore::MAX_PERMITS)), quick: Semaphore::new(QUICK) }
    }

    /// Waits for a turn.
    pub(super) async fn take(&self) -> Turn<'_> {
        // Neither is ever closed.
        let all = self.all.acquire().await.ok();
        let quick = tokio::time::timeout(PATIENCE, self.quick.acquire()).await.ok().and_then(Result::ok);
        Turn { _all: all, _quick: quick }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::Instant;

    #[tokio::test(start_paused = true)]
    async fn quick_ones_go_in_turn_and_slow_ones_hold_them_up_for_a_moment_only() {
        let turns = Turns::new(500);
        let mut under_way = Vec::new();
        for _ in 0..QUICK {
            under_way.push(turns.take().await);
        }
        let begun = Instant::now();
        let beside = turns.take().await;
        assert_eq!((begun.elapsed(), beside._quick.is_none()), (PATIENCE, true), "none of them ends");
        let ends = async {
            tokio::time::sleep(PATIENCE / 2).await;
            under_way.pop();
        };
        let (in_turn, ()) = tokio::join!(turns.take(), ends);
        assert_eq!((begun.elapsed(), in_turn._quick.is_some()), (PATIENCE * 3 / 2, true), "one of them ends");
    }

    #[tokio::test(start_paused = true)]
    async fn no_more_than_may_be_at_once() {
        let turns = Turns::new(2);
        let _two = (turns.take().await, turns.take().await);
        let third = tokio::time::timeout(PATIENCE * 100, turns.take()).await;
        assert!(third.is_err());
    }
}
