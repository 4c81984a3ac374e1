//! What is remembered beside the reference's rows is kept.

use autoscaler_core::state::{FailedScaling, PolicyMemory, Verification};
use autoscaler_core::{Fence, JobState, Revision};

use super::{Store, key, loaded, vertex};
use crate::synthetic::SyntheticJob;

pub(super) async fn what_a_policy_remembers_is_kept(store: Store) {
    let remembers = |policy: &str, text: &str| PolicyMemory { policy: policy.to_owned(), text: text.to_owned() };
    let mut revision = Revision::default();
    for memory in [remembers("a", "seen\n'this'"), remembers("a", "seen that"), remembers("b", "𝄞")] {
        let mut state = JobState::default();
        state.policy_memory.set(memory.clone());
        revision = store.save(&key("a"), &state, &Fence::open()).await.unwrap();
        let loaded = store.load(&key("a")).await.unwrap();
        assert_eq!((loaded.state.policy_memory.stored(), loaded.revision), (Some(&memory), revision));
        assert!(!loaded.state.is_changed());
    }
    let mut state = loaded(&store, &key("a")).await;
    state.policy_memory.remove();
    store.save(&key("a"), &state, &Fence::at(revision)).await.unwrap();
    assert_eq!(loaded(&store, &key("a")).await.policy_memory.stored(), None);
}

/// Each of both is kept beside the other, and goes without it.
pub(super) async fn a_scaling_that_is_looked_after_is_kept(store: Store) {
    let vertices = [(vertex(1), (2, 4))].into();
    let failed = FailedScaling { vertices, until: SyntheticJob::instant(7), times: 2 };
    let verification = Verification { trial: None, failed: vec![failed] };
    let memory = PolicyMemory { policy: "a".to_owned(), text: "seen".to_owned() };
    let mut state = JobState::default();
    state.policy_memory.set(memory.clone());
    store.save(&key("a"), &state, &Fence::open()).await.unwrap();
    let mut state = loaded(&store, &key("a")).await;
    state.verification.set(verification.clone());
    store.save(&key("a"), &state, &Fence::open()).await.unwrap();
    let mut state = loaded(&store, &key("a")).await;
    assert_eq!((state.verification.stored(), state.policy_memory.stored()), (Some(&verification), Some(&memory)));
    state.policy_memory.remove();
    store.save(&key("a"), &state, &Fence::open()).await.unwrap();
    let mut state = loaded(&store, &key("a")).await;
    assert_eq!((state.verification.stored(), state.policy_memory.stored()), (Some(&verification), None));
    state.verification.remove();
    store.save(&key("a"), &state, &Fence::open()).await.unwrap();
    assert_eq!(loaded(&store, &key("a")).await.verification.stored(), None);
}
