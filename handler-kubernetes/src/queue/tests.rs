use autoscaler_core::Event;
use autoscaler_core::time::from_epoch_millis;

use super::*;

const MINUTE: Duration = Duration::from_secs(60);

/// A queue, and the time that goes by for it.
struct Stage {
    queue: Queue,
    now: Watch,
}

impl Stage {
    fn new() -> Self {
        Self { queue: Queue::default(), now: Watch::now() }
    }

    fn push(&mut self, event: &Event) -> bool {
        let mut context = testkit::job::context(1, &[]);
        context.key = autoscaler_core::JobKey::new("fd/prod/orders/u1");
        let number = self.queue.next_number();
        self.queue.push(Note::of(&context, event, from_epoch_millis(0).unwrap(), number).unwrap())
    }

    fn take(&mut self) -> Option<Note> {
        self.queue.take(self.now)
    }

    /// Writes all that waits: messages and counts.
    fn written(&mut self) -> Vec<(String, i32)> {
        let mut written = Vec::new();
        while let Some(note) = self.take() {
            self.queue.settle();
            written.push((note.message, note.count));
        }
        written
    }
}

fn repeated(message: &str) -> Event {
    Event::warning("X", message).with_key("k").merged_within(MINUTE)
}

fn single(message: &str) -> Event {
    Event::warning("X", message)
}

#[tokio::test]
async fn the_first_is_written_at_once_and_repeats_together_when_the_interval_ends() {
    let mut stage = Stage::new();
    stage.push(&repeated("a"));
    assert_eq!(stage.written(), [("a".to_owned(), 1)]);
    for message in ["b", "c", "d"] {
        stage.push(&repeated(message));
    }
    assert_eq!(stage.written(), []);
    assert!(!stage.queue.is_settled(4), "three wait");
    assert_eq!(stage.queue.next_end(), Some(stage.now + MINUTE));
    stage.now += MINUTE;
    assert_eq!(stage.written(), [("d".to_owned(), 3)]);
    assert!(stage.queue.is_settled(4));
    // With that another interval has begun, which ends without repeats.
    stage.now += MINUTE;
    assert_eq!(stage.written(), []);
    assert_eq!(stage.queue.next_end(), None, "nothing is kept of it");
    stage.push(&repeated("e"));
    assert_eq!(stage.written(), [("e".to_owned(), 1)]);
}

#[tokio::test]
async fn repeats_that_wait_are_written_together() {
    let mut stage = Stage::new();
    for message in ["a", "b", "c"] {
        stage.push(&repeated(message));
    }
    assert_eq!(stage.written(), [("c".to_owned(), 3)]);
    stage.push(&repeated("d"));
    stage.queue.release_all();
    assert_eq!(stage.written(), [("d".to_owned(), 1)], "whoever waits for all has it");
}

#[tokio::test]
async fn what_may_have_been_written_is_merged_with_nothing() {
    let mut stage = Stage::new();
    stage.push(&repeated("a"));
    let taken = stage.take().unwrap();
    assert_eq!(stage.queue.queue().waiting, 1, "that is being written");
    stage.push(&repeated("b"));
    stage.queue.put_back(taken);
    stage.push(&repeated("c"));
    let mark = stage.take().map(|note| (note.mark(), note.count)).unwrap();
    assert_eq!(mark.1, 1);
    stage.queue.settle();
    stage.now += MINUTE;
    assert_eq!(stage.written(), [("c".to_owned(), 2)]);
    // The same with an interval that ends while nothing can be written.
    stage.push(&repeated("d"));
    stage.now += MINUTE;
    let taken = stage.take().unwrap();
    stage.queue.put_back(taken);
    stage.push(&repeated("e"));
    stage.now += MINUTE;
    stage.queue.end_intervals(stage.now);
    stage.push(&repeated("f"));
    assert_eq!(stage.written(), [("d".to_owned(), 1), ("f".to_owned(), 2)]);
}

#[tokio::test]
async fn the_oldest_are_lost_and_counted_and_that_is_said_once() {
    let mut stage = Stage::new();
    let pushed = (0..CAPACITY + 7).map(|number| stage.push(&single(&number.to_string())));
    assert_eq!(pushed.filter(|is_overflow| *is_overflow).count(), 1);
    assert_eq!((stage.queue.lost(), stage.queue.queue().waiting), (7, CAPACITY));
    // One that was being written when the queue was filled up again.
    let taken = stage.take().unwrap();
    assert_eq!(taken.message, "7");
    stage.push(&single("x"));
    stage.queue.put_back(taken);
    assert_eq!((stage.queue.lost(), stage.queue.queue().waiting), (8, CAPACITY));
    assert!(stage.queue.is_settled(8) && !stage.queue.is_settled(9));
    stage.written();
    assert!(stage.queue.is_settled(stage.queue.taken()));
}

#[tokio::test]
async fn however_long_an_interval_is_an_event_that_repeats_is_kept() {
    let mut stage = Stage::new();
    let event = Event::warning("X", "a").merged_within(Duration::MAX);
    stage.push(&event);
    stage.written();
    stage.push(&event);
    assert_eq!(stage.queue.next_end(), Some(stage.now + HELD_BACK));
    stage.now += HELD_BACK;
    assert_eq!(stage.written(), [("a".to_owned(), 1)]);
}

#[tokio::test]
async fn of_too_many_intervals_the_first_ends_early() {
    let mut stage = Stage::new();
    for number in 0..CAPACITY + 5 {
        stage.push(&Event::warning("X", number.to_string()).merged_within(MINUTE));
        stage.written();
        stage.now += Duration::from_millis(1);
    }
    assert!(stage.queue.recent.len() <= CAPACITY + 1);
    stage.push(&Event::warning("X", "0").merged_within(MINUTE));
    assert_eq!(stage.written(), [("0".to_owned(), 1)], "its interval ended");
    let last = (CAPACITY + 4).to_string();
    stage.push(&Event::warning("X", last).merged_within(MINUTE));
    assert_eq!(stage.written(), [], "this one's not");
}
