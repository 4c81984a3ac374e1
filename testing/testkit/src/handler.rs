//! The contract of an [`AutoScalerEventHandler`], as a suite.
//!
//! A backend implements [`EventLog`] to have its events read back, and adds [`trials`] to a test without harness, as
//! `handler-jdbc/tests/suite.rs` does.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use autoscaler_core::time::{Instant, from_epoch_millis};
use autoscaler_core::{AutoScalerEventHandler, Event};
use libtest_mimic::Trial;

/// An event as it was kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptEvent {
    /// The job's key.
    pub job: String,
    /// What kind of thing happened.
    pub reason: String,
    /// What happened, in the latest words.
    pub message: String,
    /// How often it happened.
    pub count: i64,
}

/// A place that events go to, and from which they can be read.
#[async_trait]
pub trait EventLog: Send + Sync {
    /// A handler into it; each call makes one that remembers nothing of those before, as after a restart.
    fn handler(&self) -> Arc<dyn AutoScalerEventHandler>;

    /// All events, in the order they happened first.
    async fn kept(&self) -> Vec<KeptEvent>;

    /// A handler into a place that can't be used until somebody does something about it: one of a newer build, or one
    /// that lets nobody in. It may be this place, ruined.
    async fn unusable(&self) -> Arc<dyn AutoScalerEventHandler>;
}

/// What a handler keeps of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keeps {
    /// Bytes of a message, at most: a longer one is cut off there at the latest, and ends with words that say so. None: all.
    pub message_bytes: Option<usize>,
    /// What becomes of repeats.
    pub repeats: Repeats,
}

/// What becomes of an event's repeats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeats {
    /// Each is kept as an event of its own.
    Apart,
    /// Those within the interval of the first are merged into it; the next one is the first of another interval.
    PerInterval,
    /// All are merged into the first.
    ForEver,
}

impl Keeps {
    /// All of a message, and what becomes of repeats.
    pub fn whole(repeats: Repeats) -> Self {
        Self { message_bytes: None, repeats }
    }
}

type Log = Arc<dyn EventLog>;
type Case = (&'static str, fn(Log, Keeps) -> Pin<Box<dyn Future<Output = ()>>>);

/// What every handler is held to.
const CASES: &[Case] = &[
    ("an_event_is_kept_as_it_is", |log, _| Box::pin(an_event_is_kept_as_it_is(log))),
    ("events_without_an_interval_are_never_merged", |log, _| {
        Box::pin(events_without_an_interval_are_never_merged(log))
    }),
    ("jobs_reasons_and_keys_are_told_apart", |log, _| Box::pin(jobs_reasons_and_keys_are_told_apart(log))),
    ("scalings_that_happened_are_never_merged", |log, _| Box::pin(scalings_that_happened_are_never_merged(log))),
    ("long_messages_survive", |log, keeps| Box::pin(long_messages_survive(log, keeps))),
    ("what_was_taken_is_kept_after_a_flush", |log, _| Box::pin(what_was_taken_is_kept_after_a_flush(log))),
    ("a_place_that_can_be_used_is_ready", |log, _| Box::pin(a_place_that_can_be_used_is_ready(log))),
    ("a_place_that_cannot_be_used_says_so", |log, _| Box::pin(a_place_that_cannot_be_used_says_so(log))),
    ("flushing_nothing_succeeds", |log, _| Box::pin(flushing_nothing_succeeds(log))),
    ("what_waits_of_a_job_that_is_gone_is_kept", |log, _| Box::pin(what_waits_of_a_gone_job_is_kept(log))),
];

/// What a handler is held to that merges repeats.
const MERGING: &[Case] = &[
    ("repeats_within_the_interval_are_merged", |log, _| Box::pin(repeats_within_the_interval_are_merged(log))),
    ("repeats_are_merged_across_a_restart", |log, _| Box::pin(repeats_are_merged_across_a_restart(log))),
    ("what_comes_after_the_interval", |log, keeps| Box::pin(what_comes_after_the_interval(log, keeps))),
    ("blocked_scalings_merge_while_they_are_the_same", |log, _| Box::pin(blocked_scalings_merge(log))),
    ("each_recommendation_is_one_event", |log, keeps| Box::pin(each_recommendation_is_one_event(log, keeps))),
];

/// The suite of a handler that keeps so much, as trials. `new_log` makes an empty log, with what must outlive it.
pub fn trials<F, S, R>(name: &str, keeps: Keeps, new_log: F) -> Vec<Trial>
where
    F: Fn() -> S + Clone + Send + 'static,
    S: Future<Output = (Log, R)>,
{
    let of_merging = if keeps.repeats == Repeats::Apart { &[] } else { MERGING };
    let trial = |(case, body): &'static Case| {
        let new_log = new_log.clone();
        Trial::test(format!("{name}::handler::{case}"), move || {
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
            runtime.block_on(async {
                let (log, _resource) = new_log().await;
                body(log, keeps).await;
            });
            Ok(())
        })
    };
    CASES.iter().chain(of_merging).map(trial).collect()
}

fn at(seconds: i64) -> Instant {
    from_epoch_millis(1_700_000_000_000 + seconds * 1000).unwrap()
}

fn limited(message: &str) -> Event {
    Event::warning("ScalingLimited", message).with_key("ScalingLimitedV").merged_within(Duration::from_secs(60))
}

/// A scaling report that is nothing but its text.
fn plain_report(header: &str, to: i32, rate: f64) -> Event {
    let vertex = crate::job::id(1);
    let message = format!(
        "{header}{{ Vertex ID {vertex} | Parallelism 1 -> {to} | Processing capacity {rate:.2} -> 9.00 | Target data rate 5.00}}"
    );
    Event::normal("ScalingReport", message).with_key("ScalingExecutor").merged_within(Duration::from_secs(60))
}

fn report(header: &str, to: i32, rate: f64) -> Event {
    let plain = plain_report(header, to, rate);
    Event::scaling_report(plain.message.parse().unwrap())
        .with_key("ScalingExecutor")
        .merged_within(Duration::from_secs(60))
}

const BLOCKED: &str =
    "Scaling execution disabled by config job.autoscaler.scaling.enabled:false, recommended parallelism change:";
const CARRIED_OUT: &str = "Scaling execution enabled, begin scaling vertices:";

/// Has a handler of its own take an event, as after a restart.
async fn tell(log: &Log, job: u32, event: &Event, seconds: i64) {
    let handler = log.handler();
    handler.handle(&crate::job::context(job, &[]), event, at(seconds)).await.unwrap();
    handler.flush().await.unwrap();
}

/// Messages and counts of every event.
async fn counts(log: &Log) -> Vec<(String, i64)> {
    log.kept().await.into_iter().map(|event| (event.message, event.count)).collect()
}

async fn an_event_is_kept_as_it_is(log: Log) {
    tell(&log, 1, &limited("𝄞 from 5\nto 4; it's \"so\""), 0).await;
    let expected = KeptEvent {
        job: crate::job::id(1),
        reason: "ScalingLimited".to_owned(),
        message: "𝄞 from 5\nto 4; it's \"so\"".to_owned(),
        count: 1,
    };
    assert_eq!(log.kept().await, [expected]);
}

async fn repeats_within_the_interval_are_merged(log: Log) {
    let handler = log.handler();
    for (seconds, message) in [(0, "a"), (10, "b"), (59, "c")] {
        handler.handle(&crate::job::context(1, &[]), &limited(message), at(seconds)).await.unwrap();
    }
    handler.flush().await.unwrap();
    assert_eq!(counts(&log).await, [("c".to_owned(), 3)], "counted, with the latest message");
}

async fn repeats_are_merged_across_a_restart(log: Log) {
    // Each call has a handler of its own.
    tell(&log, 1, &limited("a"), 0).await;
    tell(&log, 1, &limited("b"), 10).await;
    assert_eq!(counts(&log).await, [("b".to_owned(), 2)]);
}

async fn what_comes_after_the_interval(log: Log, keeps: Keeps) {
    tell(&log, 1, &limited("a"), 0).await;
    tell(&log, 1, &limited("b"), 61).await;
    tell(&log, 1, &limited("c"), 70).await;
    let expected = match keeps.repeats {
        Repeats::ForEver => vec![("c".to_owned(), 3)],
        Repeats::PerInterval | Repeats::Apart => vec![("a".to_owned(), 1), ("c".to_owned(), 2)],
    };
    assert_eq!(counts(&log).await, expected);
}

async fn events_without_an_interval_are_never_merged(log: Log) {
    let event = Event::warning("AutoscalerError", "the same");
    tell(&log, 1, &event, 0).await;
    tell(&log, 1, &event, 1).await;
    assert_eq!(counts(&log).await, [("the same".to_owned(), 1), ("the same".to_owned(), 1)]);
}

async fn jobs_reasons_and_keys_are_told_apart(log: Log) {
    let other_key = limited("key").with_key("another");
    let mut other_reason = limited("reason");
    other_reason.reason = "IneffectiveScaling".into();
    tell(&log, 1, &limited("first"), 0).await;
    tell(&log, 2, &limited("job"), 1).await;
    tell(&log, 1, &other_key, 2).await;
    tell(&log, 1, &other_reason, 3).await;
    assert_eq!(counts(&log).await, ["first", "job", "key", "reason"].map(|message| (message.to_owned(), 1)));
}

async fn scalings_that_happened_are_never_merged(log: Log) {
    for (seconds, make) in [(0, report as fn(_, _, _) -> _), (1, report), (2, plain_report), (3, plain_report)] {
        tell(&log, 1, &make(CARRIED_OUT, 2, 1.0), seconds).await;
    }
    assert_eq!(counts(&log).await.len(), 4);
}

/// A recommendation that goes back and forth is an event for each, not one each time it changes.
async fn each_recommendation_is_one_event(log: Log, keeps: Keeps) {
    for round in 0..6 {
        tell(&log, 1, &report(BLOCKED, 2 + round % 2, f64::from(round)), i64::from(round) * 9).await;
    }
    // After the interval of the first, whatever came in between.
    tell(&log, 1, &report(BLOCKED, 2, 7.0), 61).await;
    let counts: Vec<i64> = counts(&log).await.into_iter().map(|(_, count)| count).collect();
    let expected: &[i64] = if keeps.repeats == Repeats::ForEver { &[4, 3] } else { &[3, 3, 1] };
    assert_eq!(counts, expected);
}

async fn what_was_taken_is_kept_after_a_flush(log: Log) {
    let handler = log.handler();
    for number in 0..200 {
        let event = Event::normal("X", number.to_string());
        handler.handle(&crate::job::context(number % 3, &[]), &event, at(i64::from(number))).await.unwrap();
    }
    handler.flush().await.unwrap();
    drop(handler);
    let kept: Vec<String> = log.kept().await.into_iter().map(|event| event.message).collect();
    assert_eq!(kept, (0..200).map(|number| number.to_string()).collect::<Vec<_>>());
}

async fn a_place_that_can_be_used_is_ready(log: Log) {
    let handler = log.handler();
    handler.ready().await.unwrap();
    handler.ready().await.unwrap();
    assert_eq!(log.kept().await, [], "asking stores nothing");
}

async fn a_place_that_cannot_be_used_says_so(log: Log) {
    let handler = log.unusable().await;
    let error = handler.ready().await.unwrap_err();
    assert!(!error.is_transient(), "{:?}: {}", error.kind(), error.chain());
}

async fn flushing_nothing_succeeds(log: Log) {
    let handler = log.handler();
    handler.flush().await.unwrap();
    handler.flush().await.unwrap();
    assert_eq!(log.kept().await, []);
}

async fn what_waits_of_a_gone_job_is_kept(log: Log) {
    let (handler, job) = (log.handler(), crate::job::context(1, &[]));
    handler.handle(&job, &limited("last words"), at(0)).await.unwrap();
    handler.forget(&job.key);
    handler.forget(&autoscaler_core::JobKey::new("nobody"));
    handler.flush().await.unwrap();
    assert_eq!(counts(&log).await, [("last words".to_owned(), 1)]);
}

async fn blocked_scalings_merge(log: Log) {
    tell(&log, 1, &report(BLOCKED, 2, 1.0), 0).await;
    tell(&log, 1, &plain_report(BLOCKED, 2, 1.5), 10).await;
    tell(&log, 1, &report(BLOCKED, 3, 1.5), 20).await;
    tell(&log, 1, &report(CARRIED_OUT, 3, 1.5), 30).await;
    let counts: Vec<i64> = counts(&log).await.into_iter().map(|(_, count)| count).collect();
    assert_eq!(counts, [2, 1, 1]);
}

async fn long_messages_survive(log: Log, keeps: Keeps) {
    let long = "0123456789".repeat(20_000);
    let Some(most) = keeps.message_bytes else {
        tell(&log, 1, &limited(&long), 0).await;
        assert_eq!(counts(&log).await, [(long, 1)]);
        return;
    };
    let fits = long[..most].to_owned();
    // Characters of four bytes: one of these would be cut through, wherever the cut is.
    let wide = (0..4).map(|ahead| format!("{}{}", &long[..ahead], "𝄞".repeat(most)));
    let messages: Vec<String> = [fits.clone(), long.clone()].into_iter().chain(wide).collect();
    for (seconds, message) in (0..).zip(&messages) {
        tell(&log, 1, &limited(message).with_key(seconds.to_string()), seconds).await;
    }
    let kept = counts(&log).await;
    assert_eq!((kept.len(), &kept[0]), (messages.len(), &(fits, 1)));
    for ((message, _), whole) in kept.iter().zip(&messages).skip(1) {
        is_cut_off(message, whole, most);
    }
}

/// As much is kept as fits beside the words that say so.
fn is_cut_off(message: &str, whole: &str, most: usize) {
    const WORDS: usize = 100;
    let same = message.chars().zip(whole.chars()).take_while(|(kept, told)| kept == told);
    let bytes: usize = same.map(|(kept, _)| kept.len_utf8()).sum();
    assert!(message.len() <= most && bytes >= most - WORDS, "{bytes} of {} bytes kept", message.len());
    assert!(bytes < message.len(), "it does not say that it is cut off");
}
