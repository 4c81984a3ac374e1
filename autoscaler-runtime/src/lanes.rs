//! How many cycles of a cluster run at once, and which of them must not wait for others.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Two lanes of the same width. A cycle that is slow moves over to the slow lane and makes room; a job whose last cycle
/// was slow begins there. So however many jobs wait for answers, the others pass, in the order they were due.
#[derive(Clone, Debug)]
pub(crate) struct Lanes {
    quick: Arc<Semaphore>,
    slow: Arc<Semaphore>,
    /// The time after which a cycle is slow.
    slow_after: Duration,
}

impl Lanes {
    /// Lanes for at most `width` cycles at once each.
    pub(crate) fn new(width: usize, slow_after: Duration) -> Self {
        let lane = || Arc::new(Semaphore::new(width.clamp(1, Semaphore::MAX_PERMITS)));
        Self { quick: lane(), slow: lane(), slow_after }
    }

    /// Does `work` as soon as there is room: what came of it, and whether it was slow. None if the lanes were closed
    /// before it began.
    pub(crate) async fn pass<T>(&self, was_slow: bool, work: impl Future<Output = T>) -> Option<(T, bool)> {
        let lane = if was_slow { &self.slow } else { &self.quick };
        let permit = Arc::clone(lane).acquire_owned().await.ok()?;
        let mut work = std::pin::pin!(work);
        match tokio::time::timeout(self.slow_after, &mut work).await {
            Ok(done) => Some((done, false)),
            Err(_) if was_slow => Some((work.await, true)),
            Err(_) => Some((self.move_over(permit, work).await, true)),
        }
    }

    /// Goes on with `work` in the slow lane as soon as that has room. Until then it stands still: it makes room at once,
    /// and what it waits for may come meanwhile.
    async fn move_over<T>(&self, quick: OwnedSemaphorePermit, work: std::pin::Pin<&mut impl Future<Output = T>>) -> T {
        drop(quick);
        // Closed only at the end, when nobody else needs the room.
        let _room = Arc::clone(&self.slow).acquire_owned().await;
        work.await
    }

    /// Lets nothing begin any more.
    pub(crate) fn close(&self) {
        self.quick.close();
        self.slow.close();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::{Instant, sleep};

    const SLOW_AFTER: Duration = Duration::from_secs(1);

    /// How long a quick cycle waits among `slow` others that take 20 s, of which `known` were slow before.
    async fn wait_of_a_quick_one(slow: usize, known: usize) -> Duration {
        let lanes = Lanes::new(10, SLOW_AFTER);
        for number in 0..slow {
            let lanes = lanes.clone();
            tokio::spawn(async move { lanes.pass(number < known, sleep(Duration::from_secs(20))).await });
        }
        // All of them are in a lane, or wait for one.
        for _ in 0..slow {
            tokio::task::yield_now().await;
        }
        let begun = Instant::now();
        lanes.pass(false, async {}).await.unwrap();
        begun.elapsed()
    }

    #[tokio::test(start_paused = true)]
    async fn slow_ones_make_room() {
        assert_eq!(wait_of_a_quick_one(5, 0).await, Duration::ZERO);
        assert_eq!(wait_of_a_quick_one(10, 0).await, SLOW_AFTER, "until they are seen to be slow");
        assert_eq!(wait_of_a_quick_one(400, 400).await, Duration::ZERO, "those known to be slow are out of the way");
        assert_eq!(wait_of_a_quick_one(45, 0).await, SLOW_AFTER * 4, "those in front, ten at a time");
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_one_may_become_quick_again() {
        let lanes = Lanes::new(1, SLOW_AFTER);
        assert_eq!(lanes.pass(true, sleep(Duration::from_secs(2))).await, Some(((), true)));
        assert_eq!(lanes.pass(true, async { 7 }).await, Some((7, false)));
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_begins_after_closing() {
        let lanes = Lanes::new(1, SLOW_AFTER);
        lanes.close();
        assert_eq!(lanes.pass(false, async {}).await, None);
    }
}
