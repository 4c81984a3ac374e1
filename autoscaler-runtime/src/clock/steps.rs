//! Noticing that the time on the wall was set.

use std::time::Duration;

use autoscaler_core::time::{self, Instant};
use chrono::TimeDelta;

use super::Clock;

/// How far the time on the wall may go another way than the watch within a moment.
const TOLERANCE: Duration = Duration::from_secs(1);
/// And how far for each second besides: twice what a clock that is kept right little by little is slewed by.
const DRIFT: u32 = 1000;
/// Within which the time on the wall and the watch are read at once. What takes longer was stopped in between.
const AT_ONCE: Duration = Duration::from_millis(100);

/// Compares the time on the wall with the watch, from one look to the next.
#[derive(Debug, Default)]
pub(crate) struct ClockSteps {
    last: Option<(Instant, Duration)>,
}

impl ClockSteps {
    /// What time it is, and how far the clock was set since the last look; zero where it was not. A watch that stood
    /// still while the machine was suspended makes that a step forward.
    pub(crate) fn look(&mut self, clock: &dyn Clock) -> (Instant, TimeDelta) {
        let Some((now, watch)) = read_both(clock) else { return (clock.now(), TimeDelta::zero()) };
        let Some((last_now, last_watch)) = self.last.replace((now, watch)) else { return (now, TimeDelta::zero()) };
        let passed = watch.saturating_sub(last_watch);
        let step = now - time::after(last_now, passed);
        let is_step = step.abs().to_std().is_ok_and(|length| length > TOLERANCE + passed / DRIFT);
        (now, if is_step { step } else { TimeDelta::zero() })
    }
}

fn read_both(clock: &dyn Clock) -> Option<(Instant, Duration)> {
    (0..3).find_map(|_| {
        let before = clock.watch();
        let now = clock.now();
        (clock.watch().saturating_sub(before) <= AT_ONCE).then_some((now, before))
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    /// The time on the wall, the watch, and how long reading takes; in milliseconds.
    #[derive(Debug)]
    struct Hands(Mutex<(i64, u64, u64)>);

    impl Clock for Hands {
        fn now(&self) -> Instant {
            let mut hands = self.0.lock().unwrap();
            hands.1 += hands.2;
            time::from_epoch_millis(hands.0).unwrap()
        }

        fn watch(&self) -> Duration {
            Duration::from_millis(self.0.lock().unwrap().1)
        }
    }

    /// The step that is seen once the wall and the watch have gone on by so many milliseconds.
    fn step(steps: &mut ClockSteps, hands: &Hands, wall: i64, watch: u64) -> i64 {
        {
            let mut hands = hands.0.lock().unwrap();
            (hands.0, hands.1) = (hands.0 + wall, hands.1 + watch);
        }
        steps.look(hands).1.num_milliseconds()
    }

    #[test]
    fn steps_are_seen_and_drift_is_not() {
        let (mut steps, hands) = (ClockSteps::default(), Hands(Mutex::new((1_700_000_000_000, 5, 0))));
        assert_eq!(step(&mut steps, &hands, 0, 0), 0, "the first look");
        // 500 millionths, which is as far as a kernel slews: after an hour it is 1.8 s off.
        assert!((0..360).all(|_| step(&mut steps, &hands, 10_005, 10_000) == 0));
        assert_eq!(step(&mut steps, &hands, 3_601_800, 3_600_000), 0, "in one look, too");
        assert_eq!(step(&mut steps, &hands, 10_900, 10_000), 0, "a moment");
        assert_eq!(step(&mut steps, &hands, 12_000, 10_000), 2_000);
        assert_eq!(step(&mut steps, &hands, 10_000, 10_000), 0, "once");
        assert_eq!(step(&mut steps, &hands, 5_000, 10_000), -5_000, "back by less than has passed");
        assert_eq!(step(&mut steps, &hands, -3_600_000, 0), -3_600_000);
        assert_eq!(step(&mut steps, &hands, 3_600_000, 0), 3_600_000, "suspended, the watch with it");
    }

    #[test]
    fn stopped_between_wall_and_watch_is_no_step() {
        let (mut steps, hands) = (ClockSteps::default(), Hands(Mutex::new((1_700_000_000_000, 5, 0))));
        step(&mut steps, &hands, 0, 0);
        hands.0.lock().unwrap().2 = 2_000;
        assert_eq!(step(&mut steps, &hands, 10_000, 10_000), 0);
        // Three attempts of two seconds, and one look at the wall alone: what they took is added to its time here.
        hands.0.lock().unwrap().2 = 0;
        assert_eq!(step(&mut steps, &hands, 18_000, 10_000), 0, "compared with the look before");
    }
}
