//! A save is there as a whole, or not at all.

use std::future::{Future, poll_fn};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use autoscaler_core::metric::{GlobalSample, VertexSample};
use autoscaler_core::state::PolicyMemory;
use autoscaler_core::{ClusterName, Fence, JobState};

use super::{Fixture, Store, full_state, key, rows, text, vertex};
use crate::synthetic::SyntheticJob;

/// A state with something in each place that stores tell apart, all of it saying `number`.
fn saying(number: u32) -> JobState {
    let mut state = JobState::default();
    state.parallelism_overrides.edit().insert(vertex(1), i32::try_from(number).unwrap());
    state.config_overrides.edit().overrides.insert("number".to_owned(), number.to_string());
    state.scaling_tracking.edit().records.insert(SyntheticJob::instant(number), None);
    state.policy_memory.set(PolicyMemory { policy: "p".to_owned(), text: number.to_string() });
    state.is_on(&ClusterName::new(number.to_string()));
    let samples = [VertexSample::default()];
    state.collected_metrics.insert(SyntheticJob::instant(number), &[vertex(1)], &samples, GlobalSample::default());
    state
}

/// What a state says, if all of it says the same; none of an empty one.
fn said(state: &JobState) -> Option<u32> {
    if *state == JobState::default() {
        return None;
    }
    let number = state.parallelism_overrides.get().get(&vertex(1)).copied().unwrap_or_default();
    let number = u32::try_from(number).unwrap();
    assert_eq!(state, &{
        let mut expected = saying(number);
        expected.mark_stored();
        expected
    });
    Some(number)
}

pub(super) async fn a_failed_save_leaves_everything(fixture: Arc<Fixture>) {
    let (store, job) = (&fixture.store, key("a"));
    let Some(fault) = &fixture.fault else { panic!("its saves can fail, and the fixture does not say how") };
    let mut before = full_state();
    before.policy_memory.set(PolicyMemory { policy: "p".to_owned(), text: "before".to_owned() });
    let revision = store.save(&job, &before, &Fence::open()).await.unwrap();
    let mut places = 0;
    while fault.begin(places).await {
        store.save(&job, &saying(9), &Fence::at(revision)).await.unwrap_err();
        fault.end(places).await;
        let loaded = store.load(&job).await.unwrap();
        assert_eq!(loaded.revision, revision, "place {places}");
        for (part, row) in rows() {
            assert_eq!(text(&loaded.state, part), Some(row), "place {places}: {part}");
        }
        assert_eq!(loaded.state.policy_memory.stored(), before.policy_memory.stored(), "place {places}");
        places += 1;
    }
    assert!(places > 0, "the fault is none");
    // And the store goes on working.
    store.save(&job, &saying(9), &Fence::at(revision)).await.unwrap();
}

/// A save that nobody waits for any more, as when a cycle's time is over, given up on at each point it comes to.
pub(super) async fn a_save_that_is_given_up_on_is_whole(store: Store) {
    for points in 0..40 {
        let job = key(&format!("job {points}"));
        store.save(&job, &saying(1), &Fence::open()).await.unwrap();
        let mut state = store.load(&job).await.unwrap().state;
        state.clear();
        store.save(&job, &state, &Fence::open()).await.unwrap();
        let state = saying(2);
        let fence = Fence::open();
        let mut save = Box::pin(store.save(&job, &state, &fence));
        let mut is_done = false;
        for _ in 0..points {
            is_done = poll_fn(|context| Poll::Ready(save.as_mut().poll(context).is_ready())).await;
            if is_done {
                break;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        drop(save);
        for _ in 0..5 {
            let loaded = store.load(&job).await.unwrap();
            assert!(loaded.unreadable.is_empty());
            let number = said(&loaded.state);
            assert!(number.is_none_or(|number| number == 2), "after {points} points: {number:?}");
            assert!(number.is_some() || !is_done, "what was said to be saved is not");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        if is_done {
            return;
        }
    }
}
