//! Other options over a recorded span.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use autoscaler_core::time::after;
use autoscaler_runtime::Clock;
use page::{Compared, Course, Moment, NotCompared, Question, Recordings, Rescale};
use tokio_util::sync::CancellationToken;

use crate::made_up::{World, pipeline, waves};

/// Recordings of an hour, in which every course is scaled once more than the one before it.
#[derive(Debug, Default)]
struct Hour {
    asked: Mutex<Vec<Question>>,
    answer: Option<NotCompared>,
}

fn course(question: &Question, rescales: u32) -> Course {
    let at = |minute: u32| after(question.from, Duration::from_secs(60 * u64::from(minute)));
    let moment = |minute: u32| Moment {
        at: at(minute),
        load: 1000.0,
        lag: if minute < 7 * rescales { 90.0 } else { 0.5 },
        subtasks: f64::from(10 * rescales),
        slots: f64::from(2 * rescales),
    };
    let rescale = |number: u32| Rescale { at: at(number), from: 3.0, to: 4.0, why: "<b>it is busy</b>".to_owned() };
    Course { moments: (0..=60).map(moment).collect(), rescales: (0..rescales).map(rescale).collect() }
}

impl Recordings for Hour {
    fn compare(&self, question: &Question, _: &CancellationToken) -> Result<Compared, NotCompared> {
        self.asked.lock().unwrap().push(question.clone());
        if let Some(answer) = &self.answer {
            return Err(answer.clone());
        }
        let tried = (2..).zip(&question.tries).map(|(rescales, _)| course(question, rescales)).collect();
        Ok(Compared { seen: course(question, 1), tried })
    }
}

/// A job that had its first cycles, and its page.
async fn world(recordings: Arc<dyn Recordings>) -> (World, String) {
    let mut world = World::with_recordings(Some(recordings));
    world.add("c", "orders", pipeline(), waves);
    world.cycles(3).await;
    (world, format!("/jobs/c/{}/what-if", testkit::job::id(1)))
}

/// The cells of a table that a column has.
fn cells(page: &str, label: &str) -> Vec<String> {
    let start = format!("data-label=\"{label}\">");
    page.split(&start).skip(1).map(|rest| rest.split('<').next().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_recorded_span_stands_beside_what_would_have_been() {
    let hour = Arc::new(Hour::default());
    let (world, path) = world(Arc::clone(&hour) as _).await;
    let page = world.page(&path).await;
    assert!(page.contains("the last 6h") && cells(&page, "Rescales").is_empty(), "nothing is asked yet: {page}");
    assert!(hour.asked.lock().unwrap().is_empty());

    let page = world.page(&format!("{path}?span=6h")).await;
    assert_eq!(cells(&page, "Rescales"), ["1", "2", "3"]);
    let page = world.page(&format!("{path}?options=job.autoscaler.utilization.target%3A+0.5&span=6h")).await;
    assert_eq!(cells(&page, "Rescales"), ["1", "2", "3", "4"]);
    assert_eq!(cells(&page, "Slot-hours"), ["2", "4", "6", "8"]);
    assert_eq!(cells(&page, "Minutes of lag"), ["6", "13", "20", "27"]);
    assert_eq!(page.matches("<figure").count(), 3, "{page}");
    for text in [
        "as it was",
        "with the job&#39;s options",
        "with these options",
        "with the policy responsive",
        "3 → 4 subtasks: &lt;b&gt;it is busy",
        "job.autoscaler.utilization.target: &#39;0.5&#39;",
    ] {
        assert!(page.contains(text) || page.contains(&text.replace("&#39;", "'")), "no {text} in:\n{page}");
    }
    let asked = hour.asked.lock().unwrap();
    let question = asked.last().unwrap();
    assert_eq!((world.clock.now() - question.from).num_hours(), 6);
    let options = |index: usize| question.tries[index].iter().map(|(_, value)| value.to_owned()).collect::<Vec<_>>();
    assert_eq!([options(0), options(1), options(2)], [vec![], vec!["0.5"], vec!["responsive", "0.5"]]);
}

#[tokio::test]
async fn with_the_policy_responsive_the_span_is_compared_with_the_reference() {
    let hour = Arc::new(Hour::default());
    let (world, path) = world(Arc::clone(&hour) as _).await;
    let page = world.page(&format!("{path}?options=job.autoscaler.policy%3A+responsive")).await;
    assert!(page.contains("with the policy reference") && page.contains("a recorded span does"), "{page}");
    let asked = hour.asked.lock().unwrap();
    assert_eq!((world.clock.now() - asked[0].from).num_hours(), 1, "the least");
}

#[tokio::test]
async fn what_can_not_be_compared_is_told() {
    for (answer, says) in [
        (NotCompared::NotRecorded, "Nothing is recorded of this job"),
        (NotCompared::Unusable("line 3: <i>".to_owned()), "can't be used: line 3: &lt;i&gt;"),
        (NotCompared::Ended, "a shorter span"),
    ] {
        let (world, path) = world(Arc::new(Hour { answer: Some(answer), ..Hour::default() })).await;
        let page = world.page(&format!("{path}?span=1h")).await;
        assert!(page.contains(says) || page.contains(&says.replace('\'', "&#39;")), "{page}");
    }
    let (world, path) = world(Arc::new(Hour::default())).await;
    for (query, status) in [("span=2h", 400), ("span=1h&x=1", 400), ("options=%FF%00", 200)] {
        assert_eq!(world.get(&format!("{path}?{query}")).await.status, status, "{query}");
    }
    let long = format!("{path}?options=%23{}", "x".repeat(20_000));
    assert!(world.page(&long).await.contains("at most 16384 bytes"));
}

/// Recordings that are read until nobody wants them any more.
#[derive(Debug)]
struct Endless {
    began: Mutex<Sender<()>>,
    ended: Mutex<Sender<()>>,
    running: AtomicUsize,
}

impl Recordings for Endless {
    fn compare(&self, _: &Question, stop: &CancellationToken) -> Result<Compared, NotCompared> {
        assert_eq!(self.running.fetch_add(1, Ordering::SeqCst), 0, "one at a time");
        self.began.lock().unwrap().send(()).unwrap();
        while !stop.is_cancelled() {
            std::thread::yield_now();
        }
        self.running.fetch_sub(1, Ordering::SeqCst);
        self.ended.lock().unwrap().send(()).unwrap();
        Err(NotCompared::Ended)
    }
}

fn endless() -> (Arc<Endless>, Receiver<()>, Receiver<()>) {
    let ((began, has_begun), (ended, has_ended)) = (channel(), channel());
    let endless = Endless { began: Mutex::new(began), ended: Mutex::new(ended), running: AtomicUsize::new(0) };
    (Arc::new(endless), has_begun, has_ended)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_comparison_ends_when_nobody_waits_for_it_and_the_next_begins() {
    let (endless, began, ended) = endless();
    let (world, path) = world(endless).await;
    let world = Arc::new(world);
    let ask = || {
        let (world, path) = (Arc::clone(&world), format!("{path}?span=1h"));
        tokio::spawn(async move { world.page(&path).await })
    };
    let first = ask();
    began.recv().unwrap();
    let second = ask();
    first.abort();
    ended.recv().unwrap();
    began.recv().unwrap();
    second.abort();
    ended.recv().unwrap();
}

#[tokio::test]
async fn a_comparison_ends_when_it_takes_too_long() {
    let (endless, began, ended) = endless();
    let (world, path) = world(endless).await;
    tokio::time::pause();
    let asked = tokio::spawn(async move { world.page(&format!("{path}?span=24h")).await });
    // Time stands still while a thread that may block is at work.
    while began.try_recv().is_err() {
        tokio::task::yield_now().await;
    }
    tokio::time::advance(Duration::from_secs(9)).await;
    let page = asked.await.unwrap();
    assert!(page.contains("It takes too long"), "{page}");
    ended.recv().unwrap();
}
