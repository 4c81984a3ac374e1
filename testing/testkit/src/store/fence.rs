//! What a save counts on, and what it leaves behind where it does not count.

use std::sync::Arc;

use autoscaler_core::metric::{GlobalSample, VertexSample};
use autoscaler_core::{ErrorKind, Fence, JobState, VertexId};

use super::{Store, full_state, key, rows, text, vertex};
use crate::synthetic::SyntheticJob;

/// A state with one override.
fn scaled(parallelism: u32) -> JobState {
    let mut state = JobState::default();
    state.parallelism_overrides.edit().insert(vertex(1), i32::try_from(parallelism).unwrap());
    state
}

pub(super) async fn a_fence_of_the_present_version_holds(store: Store) {
    let unknown = store.load(&key("a")).await.unwrap().revision;
    let mut revision = store.save(&key("a"), &full_state(), &Fence::at(unknown)).await.unwrap();
    for parallelism in [4, 5, 5, 4] {
        assert_eq!(store.load(&key("a")).await.unwrap().revision, revision, "what was saved is what is loaded");
        assert_eq!(store.load(&key("a")).await.unwrap().revision, revision, "reading changes nothing");
        revision = store.save(&key("a"), &scaled(parallelism), &Fence::at(revision)).await.unwrap();
    }
    // Another job's writes are none of this one's.
    store.save(&key("b"), &full_state(), &Fence::open()).await.unwrap();
    store.save(&key("a"), &scaled(7), &Fence::at(revision)).await.unwrap();
}

async fn is_conflict(store: &Store, job: &str, state: &JobState, fence: &Fence) {
    let before = store.load(&key(job)).await.unwrap();
    let error = store.save(&key(job), state, fence).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict, "{}", error.chain());
    let after = store.load(&key(job)).await.unwrap();
    assert_eq!(before.revision, after.revision, "something was written");
    for (part, _) in rows() {
        assert_eq!(text(&before.state, part), text(&after.state, part), "{part} was written");
    }
}

pub(super) async fn a_fence_of_another_version_is_a_conflict(store: Store) {
    let unknown = store.load(&key("a")).await.unwrap().revision;
    let first = store.save(&key("a"), &scaled(4), &Fence::at(unknown)).await.unwrap();
    is_conflict(&store, "a", &scaled(5), &Fence::at(unknown)).await;
    // As long as the first, and within the same second.
    let second = store.save(&key("a"), &scaled(5), &Fence::at(first)).await.unwrap();
    is_conflict(&store, "a", &scaled(6), &Fence::at(first)).await;
    // A part that appears, one that goes, and an observation more are other versions, too.
    let mut appeared = JobState::default();
    appeared.config_overrides.edit();
    let third = store.save(&key("a"), &appeared, &Fence::at(second)).await.unwrap();
    is_conflict(&store, "a", &scaled(6), &Fence::at(second)).await;
    let mut gone = store.load(&key("a")).await.unwrap().state;
    gone.config_overrides.remove();
    let fourth = store.save(&key("a"), &gone, &Fence::at(third)).await.unwrap();
    is_conflict(&store, "a", &scaled(6), &Fence::at(third)).await;
    let mut observed = JobState::default();
    let vertices: Vec<VertexId> = vec![crate::job::id(1).parse().unwrap()];
    let samples = vec![VertexSample::default()];
    observed.collected_metrics.insert(SyntheticJob::instant(1), &vertices, &samples, GlobalSample::default());
    store.save(&key("a"), &observed, &Fence::at(fourth)).await.unwrap();
    is_conflict(&store, "a", &scaled(6), &Fence::at(fourth)).await;
    // A save that would write nothing conflicts just so.
    is_conflict(&store, "a", &JobState::default(), &Fence::at(fourth)).await;
}

pub(super) async fn a_fence_sees_that_a_job_was_removed(store: Store) {
    let revision = store.save(&key("a"), &full_state(), &Fence::open()).await.unwrap();
    store.remove(&key("a"), &Fence::open()).await.unwrap();
    is_conflict(&store, "a", &scaled(5), &Fence::at(revision)).await;
    assert_eq!(store.jobs().await.unwrap(), []);
}

pub(super) async fn what_somebody_else_changed_is_not_removed(store: Store) {
    let first = store.save(&key("a"), &scaled(4), &Fence::open()).await.unwrap();
    let second = store.save(&key("a"), &scaled(5), &Fence::at(first)).await.unwrap();
    let error = store.remove(&key("a"), &Fence::at(first)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict, "{}", error.chain());
    assert_eq!(store.load(&key("a")).await.unwrap().revision, second);
    store.remove(&key("a"), &Fence::at(second)).await.unwrap();
    assert_eq!(store.jobs().await.unwrap(), []);
}

pub(super) async fn without_a_fence_anything_is_replaced(store: Store) {
    store.save(&key("a"), &scaled(4), &Fence::open()).await.unwrap();
    store.save(&key("a"), &scaled(5), &Fence::open()).await.unwrap();
    let revision = store.save(&key("a"), &JobState::default(), &Fence::open()).await.unwrap();
    let now = store.load(&key("a")).await.unwrap();
    assert_eq!(now.revision, revision);
    assert_eq!(now.state.parallelism_overrides.get()[&vertex(1)], 5);
}

/// Whoever loses learns of it; the others' writes are not lost.
pub(super) async fn of_writers_at_once_one_wins(store: Store) {
    let mut revision = store.save(&key("a"), &full_state(), &Fence::open()).await.unwrap();
    for round in 0..5 {
        let writers = (0..4).map(|writer| {
            let (store, state) = (Arc::clone(&store), scaled(10 + round * 4 + writer));
            tokio::spawn(async move { store.save(&key("a"), &state, &Fence::at(revision)).await })
        });
        let mut won = Vec::new();
        for (writer, ended) in writers.collect::<Vec<_>>().into_iter().enumerate() {
            match ended.await.unwrap() {
                Ok(revision) => won.push((writer, revision)),
                Err(error) => assert_eq!(error.kind(), ErrorKind::Conflict, "{}", error.chain()),
            }
        }
        assert_eq!(won.len(), 1, "{won:?}");
        let now = store.load(&key("a")).await.unwrap();
        let parallelism = (10 + round * 4 + u32::try_from(won[0].0).unwrap()).to_string();
        assert_eq!(now.state.parallelism_overrides.get()[&vertex(1)].to_string(), parallelism);
        assert_eq!(now.revision, won[0].1);
        revision = now.revision;
    }
}

/// The first state of a job is no different, whichever part of it each of them has.
pub(super) async fn of_first_writers_at_once_one_wins(store: Store) {
    let mut observed = JobState::default();
    let vertices = [vertex(1)];
    observed.collected_metrics.insert(
        SyntheticJob::instant(1),
        &vertices,
        &[VertexSample::default()],
        GlobalSample::default(),
    );
    let mut configured = JobState::default();
    configured.config_overrides.edit();
    for round in 0..25 {
        let job = key(&format!("job {round}"));
        let unknown = store.load(&job).await.unwrap().revision;
        let states = [scaled(2), scaled(3), observed.clone(), configured.clone()];
        let writers = states.map(|state| {
            let (store, job) = (Arc::clone(&store), job.clone());
            tokio::spawn(async move { store.save(&job, &state, &Fence::at(unknown)).await })
        });
        let mut won = Vec::new();
        for writer in writers {
            match writer.await.unwrap() {
                Ok(revision) => won.push(revision),
                Err(error) => assert_eq!(error.kind(), ErrorKind::Conflict, "{}", error.chain()),
            }
        }
        assert_eq!(won.len(), 1, "round {round}: {won:?}");
        let now = store.load(&job).await.unwrap();
        assert!(now.revision == won[0] && now.unreadable.is_empty());
        assert_eq!(now.state.policy_memory.stored(), None, "nothing is left of how they were kept apart");
    }
}

pub(super) async fn many_new_jobs_at_once_are_stored(store: Store) {
    let jobs: Vec<String> = (0..100).map(|number| format!("job {number:03}")).collect();
    let saves = jobs.iter().map(|job| {
        let (store, key) = (Arc::clone(&store), key(job));
        tokio::spawn(async move { store.save(&key, &full_state(), &Fence::at(store.load(&key).await?.revision)).await })
    });
    for ended in saves.collect::<Vec<_>>() {
        ended.await.unwrap().unwrap();
    }
    assert_eq!(store.jobs().await.unwrap(), jobs.iter().map(|job| key(job)).collect::<Vec<_>>());
}
