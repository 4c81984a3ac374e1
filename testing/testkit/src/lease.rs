//! The contract of a [`Lease`], as a suite.
//!
//! A backend implements [`Place`] and adds [`trials`] to a test without harness, as `store-sqlite/tests/suite.rs` does.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use autoscaler_core::{ErrorKind, HeldLease, Lease};
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

    /// Takes the lease away from whoever holds it. Not called where [it lasts](Lasts::AsItsProcess) as long as its process.
    async fn take_away(&self);
}

/// How long a lease that nobody gives back lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lasts {
    /// As long as its process: it can't be lost, as a lock on a file.
    AsItsProcess,
    /// Until it is taken away: a server can end what it is tied to.
    UntilTakenAway,
}

type At = Arc<dyn Place>;
type Case = (&'static str, fn(At) -> Pin<Box<dyn Future<Output = ()>>>);

const CASES: &[Case] = &[
    ("a_second_one_is_a_conflict", |place| Box::pin(a_second_one_is_a_conflict(place))),
    ("one_that_was_dropped_is_free", |place| Box::pin(one_that_was_dropped_is_free(place))),
    ("places_do_not_touch_each_other", |place| Box::pin(places_do_not_touch_each_other(place))),
    ("one_that_is_held_is_not_lost", |place| Box::pin(one_that_is_held_is_not_lost(place))),
];

const CASES_WITH_LOSS: &[Case] =
    &[("one_that_is_taken_away_is_lost", |place| Box::pin(one_that_is_taken_away_is_lost(place)))];

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
    let with_loss = if lasts == Lasts::UntilTakenAway { CASES_WITH_LOSS } else { &[] };
    CASES.iter().chain(with_loss).map(trial).collect()
}

/// Takes a lease that somebody let go of a moment ago: a server takes its time to see that a connection has ended.
async fn acquired_soon(place: &At) -> Box<dyn HeldLease> {
    let deadline = Instant::now() + Duration::from_secs(120);
    loop {
        match place.lease().acquire().await {
            Ok(held) => return held,
            Err(error) => assert!(Instant::now() < deadline, "it is not free again: {}", error.chain()),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn a_second_one_is_a_conflict(place: At) {
    let _held = place.lease().acquire().await.unwrap();
    for lease in [place.lease(), place.lease()] {
        let error = lease.acquire().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Conflict);
        assert!(error.to_string().contains(&place.name()), "{error}");
    }
}

async fn one_that_was_dropped_is_free(place: At) {
    for _ in 0..3 {
        drop(acquired_soon(&place).await);
    }
}

async fn places_do_not_touch_each_other(place: At) {
    let _here = place.lease().acquire().await.unwrap();
    let _there = place.elsewhere().acquire().await.unwrap();
}

async fn one_that_is_held_is_not_lost(place: At) {
    let held = place.lease().acquire().await.unwrap();
    // Longer than a server's session is left alone for.
    let lost = tokio::time::timeout(Duration::from_millis(2500), held.lost()).await;
    assert!(lost.is_err(), "{lost:?}");
}

async fn one_that_is_taken_away_is_lost(place: At) {
    let held = place.lease().acquire().await.unwrap();
    place.take_away().await;
    let error = tokio::time::timeout(Duration::from_secs(120), held.lost()).await.unwrap();
    assert!(error.to_string().contains(&place.name()), "{error}");
    // And whoever comes next gets it.
    let _next = acquired_soon(&place).await;
}
