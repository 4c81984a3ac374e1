//! The contract of a [`Lease`], as a suite.
//!
//! A backend implements [`Place`] and adds [`trials`] to a test without harness, as `store-sqlite/tests/suite.rs` does.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use autoscaler_core::{Acquired, ErrorKind, HeldLease, Lease, LeaseTerms, Occupied};
use libtest_mimic::Trial;

/// What leases are taken on.
#[async_trait]
pub trait Place: Send + Sync {
    /// A lease on it; each is a process of its own as far as the place can tell.
    fn lease(&self) -> Arc<dyn Lease>;

    /// A lease on another place, which has nothing to do with this one.
    fn elsewhere(&self) -> Arc<dyn Lease>;

    /// A word that an error about the place must have in it.
    fn name(&self) -> String;

    /// Ends whatever connections to it there are. Not called where a lease lasts [as its process](Lasts::AsItsProcess).
    async fn disturb(&self);
}

/// How long a lease that nobody gives back lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lasts {
    /// As long as its process: it can't be lost, as a lock on a file.
    AsItsProcess,
    /// Until its time is over.
    UntilItExpires,
}

type At = Arc<dyn Place>;
type Case = (&'static str, fn(At) -> Pin<Box<dyn Future<Output = ()>>>);

const CASES: &[Case] = &[
    ("a_second_one_is_a_conflict", |place| Box::pin(a_second_one_is_a_conflict(place))),
    ("one_that_was_released_is_free", |place| Box::pin(one_that_was_released_is_free(place))),
    ("places_do_not_touch_each_other", |place| Box::pin(places_do_not_touch_each_other(place))),
    ("of_several_one_gets_it", |place| Box::pin(of_several_one_gets_it(place))),
];

const CASES_AS_PROCESS: &[Case] =
    &[("one_that_was_dropped_is_free", |place| Box::pin(one_that_was_dropped_is_free(place)))];

const CASES_WITH_EXPIRY: &[Case] = &[
    ("others_see_it_renewed", |place| Box::pin(others_see_it_renewed(place))),
    ("one_that_expired_passes_on", |place| Box::pin(one_that_expired_passes_on(place))),
    ("one_that_expired_and_nobody_took_is_renewed", |place| Box::pin(one_that_expired_is_renewed(place))),
    ("who_holds_it_may_take_it_again", |place| Box::pin(who_holds_it_may_take_it_again(place))),
    ("it_outlives_its_connections", |place| Box::pin(it_outlives_its_connections(place))),
];

/// The suite as trials. `new_place` makes a place nobody holds, with what must outlive it.
pub fn trials<F, S, R>(name: &str, lasts: Lasts, new_place: F) -> Vec<Trial>
where
    F: Fn() -> S + Clone + Send + 'static,
    S: Future<Output = (At, R)>,
{
    let trial = |(case, body): &'static Case| {
        let new_place = new_place.clone();
        Trial::test(format!("{name}::lease::{case}"), move || {
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
            runtime.block_on(async {
                let (place, _resource) = new_place().await;
                body(place).await;
            });
            Ok(())
        })
    };
    let more = if lasts == Lasts::UntilItExpires { CASES_WITH_EXPIRY } else { CASES_AS_PROCESS };
    CASES.iter().chain(more).map(trial).collect()
}

/// Longer than any case takes.
const LONG: Duration = Duration::from_secs(600);
const SHORT: Duration = Duration::from_millis(50);

async fn tried(lease: Arc<dyn Lease>, holder: &str, duration: Duration) -> Acquired {
    lease.acquire(&LeaseTerms::new(holder, duration)).await.unwrap()
}

/// Takes a lease that is free.
///
/// # Panics
/// It is not.
pub(crate) async fn taken(lease: Arc<dyn Lease>, holder: &str, duration: Duration) -> Box<dyn HeldLease> {
    match tried(lease, holder, duration).await {
        Acquired::Held(held) => held,
        Acquired::Occupied(occupied) => panic!("it is not free: {}", occupied.error.chain()),
    }
}

/// Takes a lease as soon as it is free.
pub(crate) async fn taken_in_the_end(lease: &Arc<dyn Lease>, holder: &str, duration: Duration) -> Box<dyn HeldLease> {
    let deadline = Instant::now() + Duration::from_secs(120);
    loop {
        match lease.acquire(&LeaseTerms::new(holder, duration)).await {
            Ok(Acquired::Held(held)) => return held,
            other => assert!(Instant::now() < deadline, "it is not free again: {other:?}"),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn refused(place: &At, holder: &str) -> Occupied {
    match tried(place.lease(), holder, LONG).await {
        Acquired::Held(held) => panic!("two have it: {held:?}"),
        Acquired::Occupied(occupied) => occupied,
    }
}

async fn a_second_one_is_a_conflict(place: At) {
    let _held = taken(place.lease(), "first", LONG).await;
    for holder in ["second", "third"] {
        let Occupied { error, .. } = refused(&place, holder).await;
        assert_eq!(error.kind(), ErrorKind::Conflict);
        assert!(error.to_string().contains(&place.name()), "{error}");
    }
}

async fn one_that_was_released_is_free(place: At) {
    let mut token = None;
    for holder in ["first", "second", "first"] {
        let held = taken(place.lease(), holder, LONG).await;
        assert!(held.token().is_none() || held.token() > token, "{:?} after {token:?}", held.token());
        token = held.token();
        held.release().await.unwrap();
    }
}

async fn one_that_was_dropped_is_free(place: At) {
    for holder in ["first", "second", "third"] {
        let held = taken(place.lease(), holder, SHORT).await;
        assert_eq!((held.duration(), held.token()), (None, None), "it can't pass on");
    }
}

async fn places_do_not_touch_each_other(place: At) {
    let _here = taken(place.lease(), "first", LONG).await;
    let _there = taken(place.elsewhere(), "second", LONG).await;
}

async fn of_several_one_gets_it(place: At) {
    for round in 0..5 {
        let tries = (0..6).map(|number| {
            let lease = place.lease();
            tokio::spawn(async move { tried(lease, &format!("process {number}"), LONG).await })
        });
        let mut held = Vec::new();
        for tried in tries.collect::<Vec<_>>() {
            if let Acquired::Held(lease) = tried.await.unwrap() {
                held.push(lease);
            }
        }
        assert_eq!(held.len(), 1, "in round {round}");
        held.remove(0).release().await.unwrap();
    }
}

async fn others_see_it_renewed(place: At) {
    let held = taken(place.lease(), "first", LONG).await;
    let before = refused(&place, "second").await.until.unwrap();
    assert!(before.left > LONG / 2 && before.left <= LONG, "{before:?}");
    assert_eq!(refused(&place, "second").await.until.unwrap().renewal, before.renewal, "looking is no renewal");
    // A clock may count in milliseconds.
    tokio::time::sleep(Duration::from_millis(5)).await;
    held.renew().await.unwrap();
    assert_ne!(refused(&place, "second").await.until.unwrap().renewal, before.renewal);
    assert_eq!(held.duration(), Some(LONG));
}

async fn one_that_expired_passes_on(place: At) {
    let first = taken(place.lease(), "first", SHORT).await;
    let second = taken_in_the_end(&place.lease(), "second", LONG).await;
    assert!(second.token() > first.token(), "{:?} after {:?}", second.token(), first.token());
    let error = first.renew().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    assert!(error.to_string().contains(&place.name()), "{error}");
    // What is somebody else's is not given back.
    first.release().await.unwrap();
    refused(&place, "first").await;
    second.renew().await.unwrap();
}

async fn one_that_expired_is_renewed(place: At) {
    let held = taken(place.lease(), "first", SHORT).await;
    tokio::time::sleep(SHORT * 2).await;
    held.renew().await.unwrap();
}

/// Whoever does not learn that it got it tries again.
async fn who_holds_it_may_take_it_again(place: At) {
    let first = taken(place.lease(), "first", LONG).await;
    let again = taken(place.lease(), "first", LONG).await;
    assert!(again.token() > first.token());
    assert_eq!(first.renew().await.unwrap_err().kind(), ErrorKind::Conflict);
    again.renew().await.unwrap();
}

async fn it_outlives_its_connections(place: At) {
    let held = taken(place.lease(), "first", LONG).await;
    place.disturb().await;
    refused(&place, "second").await;
    let deadline = Instant::now() + Duration::from_secs(120);
    while let Err(error) = held.renew().await {
        assert!(error.kind() != ErrorKind::Conflict && Instant::now() < deadline, "{}", error.chain());
    }
}
