//! The contract of a store and a lease that expires, together: what is written under a token counts only until the lease
//! passes on. A store on a server runs it beside [`store`](crate::store) and [`lease`](crate::lease).

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use autoscaler_core::metric::{GlobalSample, VertexSample};
use autoscaler_core::{
    AutoScalerStateStore, ErrorKind, Fence, HeldLease, JobKey, JobState, Lease, PortError, Revision, VertexId,
};
use libtest_mimic::Trial;

use crate::lease::{taken, taken_in_the_end};
use crate::suite;
use crate::synthetic::SyntheticJob;

/// An empty store with the lease on it, and what must outlive both.
#[derive(Debug)]
pub struct Fenced {
    store: Arc<dyn AutoScalerStateStore>,
    lease: Arc<dyn Lease>,
    _resource: Box<dyn std::any::Any + Send + Sync>,
}

impl Fenced {
    /// A store with its lease.
    pub fn new(
        store: Arc<dyn AutoScalerStateStore>,
        lease: Arc<dyn Lease>,
        resource: impl std::any::Any + Send + Sync,
    ) -> Self {
        Self { store, lease, _resource: Box::new(resource) }
    }
}

const CASES: &[suite::Case<Fenced>] = &[
    ("what_is_written_under_the_lease_counts", |world| Box::pin(what_is_written_under_the_lease_counts(world))),
    ("what_is_written_when_it_has_passed_on_does_not", |world| Box::pin(when_it_has_passed_on_nothing_counts(world))),
    ("nothing_is_written_behind_who_has_taken_it", |world| Box::pin(nothing_is_written_behind_who_has_taken_it(world))),
    ("saves_do_not_hold_up_renewals", |world| Box::pin(saves_do_not_hold_up_renewals(world))),
];

/// The suite as trials. `new` makes an empty store with a lease that nobody holds.
pub fn trials<F, S>(name: &str, new: F) -> Vec<Trial>
where
    F: Fn() -> S + Clone + Send + 'static,
    S: Future<Output = Fenced>,
{
    suite::trials(format!("{name}::fenced"), CASES, move || {
        let made = new();
        async { Arc::new(made.await) }
    })
}

const LONG: Duration = Duration::from_secs(600);
const SHORT: Duration = Duration::from_millis(50);

fn key() -> JobKey {
    JobKey::new("job")
}

/// A state with one override.
fn scaled(parallelism: i32) -> JobState {
    let mut state = JobState::default();
    let vertex: VertexId = crate::job::id(1).parse().unwrap();
    state.parallelism_overrides.edit().insert(vertex, parallelism);
    state
}

/// What an idle cycle saves.
fn observed(at: u32) -> JobState {
    let mut state = JobState::default();
    let vertices: [VertexId; 1] = [crate::job::id(1).parse().unwrap()];
    let samples = [VertexSample::default()];
    state.collected_metrics.insert(SyntheticJob::instant(at), &vertices, &samples, GlobalSample::default());
    state
}

fn remembered(text: &str) -> JobState {
    let mut state = JobState::default();
    *state.policy_memory.edit() = autoscaler_core::state::PolicyMemory { policy: "a".into(), text: text.into() };
    state
}

async fn revision(world: &Fenced) -> Revision {
    world.store.load(&key()).await.unwrap().revision
}

async fn what_is_written_under_the_lease_counts(world: Arc<Fenced>) {
    let held = taken(Arc::clone(&world.lease), "first", LONG).await;
    for state in [scaled(2), observed(1), remembered("x")] {
        let fence = Fence::at(revision(&world).await).under(held.token());
        world.store.save(&key(), &state, &fence).await.unwrap();
        held.renew().await.unwrap();
    }
    let fence = Fence::at(revision(&world).await).under(held.token());
    world.store.remove(&key(), &fence).await.unwrap();
    assert_eq!(world.store.jobs().await.unwrap(), []);
}

type Write<'a> = Pin<Box<dyn Future<Output = Result<(), PortError>> + Send + 'a>>;

async fn when_it_has_passed_on_nothing_counts(world: Arc<Fenced>) {
    let first = taken(Arc::clone(&world.lease), "first", SHORT).await;
    let second = taken_in_the_end(&world.lease, "second", LONG).await;
    for is_stored in [false, true] {
        if is_stored {
            world.store.save(&key(), &scaled(2), &Fence::open().under(second.token())).await.unwrap();
            world.store.save(&key(), &observed(1), &Fence::open().under(second.token())).await.unwrap();
        }
        let (before, at) = (revision(&world).await, revision(&world).await);
        for fence in [Fence::at(at), Fence::open()].map(|fence| fence.under(first.token())) {
            let (store, key) = (&world.store, key());
            let states = [scaled(5), observed(2), remembered("y"), JobState::default()];
            for state in &states {
                let write: Write<'_> = Box::pin(async { store.save(&key, state, &fence).await.map(drop) });
                let error = write.await.unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Conflict, "{}", error.chain());
            }
            let error = store.remove(&key, &fence).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Conflict, "{}", error.chain());
        }
        assert_eq!(revision(&world).await, before, "something was written");
    }
}

/// Somebody saves without a pause while the lease is taken from them: what whoever has it loads first stays as it is.
async fn nothing_is_written_behind_who_has_taken_it(world: Arc<Fenced>) {
    for round in 0..5 {
        let first = taken_in_the_end(&world.lease, &format!("first {round}"), SHORT).await;
        let token = first.token();
        let writers = (0..3).map(|writer| {
            let store = Arc::clone(&world.store);
            tokio::spawn(async move {
                let mut saves = 0;
                loop {
                    let state = scaled(10 + saves + writer * 1_000_000);
                    match store.save(&key(), &state, &Fence::open().under(token)).await {
                        Ok(_) => saves += 1,
                        Err(error) if error.to_string().contains("the right to act") => return saves,
                        Err(error) => assert!(error.is_transient(), "{}", error.chain()),
                    }
                    // Shared locks without a gap would keep whoever takes over out; a leader stops when its time is over.
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            })
        });
        let writers: Vec<_> = writers.collect();
        let second = taken_in_the_end(&world.lease, &format!("second {round}"), LONG).await;
        let taken_over = revision(&world).await;
        let mut saves = 0;
        for writer in writers {
            saves += writer.await.unwrap();
        }
        assert_eq!(revision(&world).await, taken_over, "something was written behind it, after {saves} saves");
        second.release().await.unwrap();
    }
}

async fn saves_do_not_hold_up_renewals(world: Arc<Fenced>) {
    let held: Arc<dyn HeldLease> = taken(Arc::clone(&world.lease), "first", LONG).await.into();
    let fence = Fence::open().under(held.token());
    let writers = (0..4).map(|writer| {
        let store = Arc::clone(&world.store);
        tokio::spawn(async move {
            for save in 0..25 {
                store.save(&JobKey::new(format!("job {writer}")), &scaled(2 + save), &fence).await.unwrap();
            }
        })
    });
    let writers: Vec<_> = writers.collect();
    let mut renewals = 0;
    while writers.iter().any(|writer| !writer.is_finished()) {
        held.renew().await.unwrap();
        renewals += 1;
    }
    for writer in writers {
        writer.await.unwrap();
    }
    assert!(renewals > 0);
}
