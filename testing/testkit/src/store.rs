//! The contract of [`AutoScalerStateStore`], as a suite. A store runs it from a test without harness:
//!
//! ```no_run
//! # use std::sync::Arc;
//! # fn my_store() -> Arc<dyn autoscaler_core::AutoScalerStateStore> { unimplemented!() }
//! # use testkit::store::{Fixture, Saves};
//! testkit::store::run("my store", Saves::CannotFail, || async { Fixture::new(my_store(), ()) });
//! ```
//!
//! with `harness = false` for that test in its Cargo.toml. `store-memory/tests/suite.rs` is the shortest example; a store
//! that writes to more than memory has to be able to fail: `examples/custom-store/tests/suite.rs`.

mod fence;
mod fixture;
mod memories;
mod whole;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use autoscaler_core::metric::{GlobalSample, ScalingMetric, VertexSample};
use autoscaler_core::state::codec::{decode_whole, encode_whole};
use autoscaler_core::state::{RowPart, StatePart};
use autoscaler_core::{AutoScalerStateStore, ClusterName, Fence, JobKey, JobState, VertexId};
use libtest_mimic::Trial;

pub use fixture::{Fixture, SaveFault, Saves};

use crate::suite;
use crate::synthetic::SyntheticJob;

type Store = Arc<dyn AutoScalerStateStore>;
type Case = (&'static str, fn(Store) -> Pin<Box<dyn Future<Output = ()>>>);

/// The cases, by the behavior they hold a store to. Each gets an empty store of its own.
const CASES: &[Case] = &[
    ("an_unknown_job_has_an_empty_state", |store| Box::pin(an_unknown_job_has_an_empty_state(store))),
    ("what_was_saved_is_loaded", |store| Box::pin(what_was_saved_is_loaded(store))),
    ("unchanged_parts_stay_as_stored", |store| Box::pin(unchanged_parts_stay_as_stored(store))),
    ("a_removed_part_is_gone", |store| Box::pin(a_removed_part_is_gone(store))),
    ("jobs_do_not_touch_each_other", |store| Box::pin(jobs_do_not_touch_each_other(store))),
    ("a_removed_job_is_gone", |store| Box::pin(a_removed_job_is_gone(store))),
    ("removing_an_unknown_job_succeeds", |store| Box::pin(removing_an_unknown_job_succeeds(store))),
    ("saved_jobs_are_listed", |store| Box::pin(saved_jobs_are_listed(store))),
    ("observations_come_and_go", |store| Box::pin(observations_come_and_go(store))),
    ("a_save_that_may_have_worked_can_be_repeated", |store| Box::pin(a_save_can_be_repeated(store))),
    ("long_keys_and_any_text_survive", |store| Box::pin(long_keys_and_any_text_survive(store))),
    ("large_values_survive", |store| Box::pin(large_values_survive(store))),
    ("what_a_policy_remembers_is_kept", |store| Box::pin(memories::what_a_policy_remembers_is_kept(store))),
    ("a_scaling_that_is_looked_after_is_kept", |store| {
        Box::pin(memories::a_scaling_that_is_looked_after_is_kept(store))
    }),
    ("the_cluster_of_a_job_is_kept", |store| Box::pin(the_cluster_of_a_job_is_kept(store))),
    ("a_save_that_is_given_up_on_is_whole", |store| Box::pin(whole::a_save_that_is_given_up_on_is_whole(store))),
    ("a_fence_of_the_present_version_holds", |store| Box::pin(fence::a_fence_of_the_present_version_holds(store))),
    ("a_fence_of_another_version_is_a_conflict", |store| {
        Box::pin(fence::a_fence_of_another_version_is_a_conflict(store))
    }),
    ("a_fence_sees_that_a_job_was_removed", |store| Box::pin(fence::a_fence_sees_that_a_job_was_removed(store))),
    ("what_somebody_else_changed_is_not_removed", |store| {
        Box::pin(fence::what_somebody_else_changed_is_not_removed(store))
    }),
    ("without_a_fence_anything_is_replaced", |store| Box::pin(fence::without_a_fence_anything_is_replaced(store))),
    ("of_writers_at_once_one_wins", |store| Box::pin(fence::of_writers_at_once_one_wins(store))),
    ("of_first_writers_at_once_one_wins", |store| Box::pin(fence::of_first_writers_at_once_one_wins(store))),
    ("many_new_jobs_at_once_are_stored", |store| Box::pin(fence::many_new_jobs_at_once_are_stored(store))),
];

/// The suite as trials, for a test program that runs more than this. `new_store` makes an empty store.
pub fn trials<F, S>(name: &str, saves: Saves, new_store: F) -> Vec<Trial>
where
    F: Fn() -> S + Clone + Send + 'static,
    S: Future<Output = Fixture>,
{
    let prefix = format!("{name}::store");
    let mut all = Vec::new();
    if saves == Saves::CanFail {
        const FAILING: &[suite::Case<Fixture>] = &[("a_save_that_fails_leaves_everything_as_it_was", |fixture| {
            Box::pin(whole::a_failed_save_leaves_everything(fixture))
        })];
        let new_store = new_store.clone();
        all.extend(suite::trials(prefix.clone(), FAILING, move || {
            let made = new_store();
            async { Arc::new(made.await) }
        }));
    }
    let trial = |(case, body): &'static Case| {
        let new_store = new_store.clone();
        Trial::test(format!("{prefix}::{case}"), move || {
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
            runtime.block_on(async {
                let fixture = new_store().await;
                body(Arc::clone(&fixture.store)).await;
            });
            Ok(())
        })
    };
    all.extend(CASES.iter().map(trial));
    all
}

/// Runs every case against a fresh store and exits with the result.
pub fn run<F, S>(name: &str, saves: Saves, new_store: F)
where
    F: Fn() -> S + Clone + Send + 'static,
    S: Future<Output = Fixture>,
{
    suite::run(trials(name, saves, new_store));
}

fn key(text: &str) -> JobKey {
    JobKey::new(text)
}

fn vertex(number: u32) -> VertexId {
    crate::job::id(number).parse().unwrap()
}

/// A state with something in every part that the reference has.
fn full_state() -> JobState {
    let mut state = JobState::default();
    for (part, text) in rows() {
        decode_whole(&mut state, part, &text).unwrap();
    }
    // Loaded parts count as unchanged; touching them makes them count.
    state.touch();
    state
}

/// A part as the reference has it as a row.
fn text(state: &JobState, part: StatePart) -> Option<String> {
    encode_whole(state, part).unwrap()
}

fn rows() -> Vec<(StatePart, String)> {
    let vertex = crate::job::id(1);
    vec![
        (
            StatePart::Row(RowPart::ScalingHistory),
            format!(
                r#"{{"{vertex}":{{"2023-11-15T00:13:03.303Z":{{"currentParallelism":3,"newParallelism":7,"metrics":{{"LOAD":{{"current":"NaN","average":1.303}}}}}}}}}}"#
            ),
        ),
        (
            StatePart::Row(RowPart::ScalingTracking),
            r#"{"scalingRecords":{"2023-11-15T00:13:03Z":{"restartDuration":20.022}}}"#.to_owned(),
        ),
        (
            StatePart::CollectedMetrics,
            format!(
                r#"{{"2023-11-15T00:13:03.303Z":{{"vertexMetrics":{{"{vertex}":{{"LAG":"Infinity","LOAD":0.5}}}},"globalMetrics":{{}}}}}}"#
            ),
        ),
        (StatePart::Row(RowPart::ParallelismOverrides), format!("{{{vertex}: '4'}}")),
        (
            StatePart::Row(RowPart::ConfigOverrides),
            r#"{"overrides":{"taskmanager.memory.process.size":"4 gb"},"removals":[]}"#.to_owned(),
        ),
        (
            StatePart::Row(RowPart::DelayedScaleDown),
            format!(
                r#"{{"delayedVertices":{{"{vertex}":{{"firstTriggerTime":1700000000.5,"recommendedParallelisms":[]}}}}}}"#
            ),
        ),
    ]
}

async fn loaded(store: &Store, job: &JobKey) -> JobState {
    let loaded = store.load(job).await.unwrap();
    assert!(loaded.unreadable.is_empty(), "{:?}", loaded.unreadable);
    assert!(!loaded.state.is_changed(), "what was loaded counts as changed");
    loaded.state
}

async fn an_unknown_job_has_an_empty_state(store: Store) {
    assert_eq!(loaded(&store, &key("nobody")).await, JobState::default());
}

async fn what_was_saved_is_loaded(store: Store) {
    store.save(&key("a"), &full_state(), &Fence::open()).await.unwrap();
    let state = loaded(&store, &key("a")).await;
    for (part, row) in rows() {
        assert_eq!(text(&state, part), Some(row), "{part}");
    }
}

async fn unchanged_parts_stay_as_stored(store: Store) {
    store.save(&key("a"), &full_state(), &Fence::open()).await.unwrap();
    let mut changed = JobState::default();
    changed.parallelism_overrides.edit().insert(vertex(2), 9);
    store.save(&key("a"), &changed, &Fence::open()).await.unwrap();
    let state = loaded(&store, &key("a")).await;
    assert_eq!(state.parallelism_overrides.get().len(), 1);
    assert_eq!(state.parallelism_overrides.get()[&vertex(2)], 9);
    assert_eq!(text(&state, StatePart::Row(RowPart::ScalingTracking)), Some(rows()[1].1.clone()));
}

async fn a_removed_part_is_gone(store: Store) {
    let mut state = full_state();
    store.save(&key("a"), &state, &Fence::open()).await.unwrap();
    state.mark_stored();
    state.clear();
    store.save(&key("a"), &state, &Fence::open()).await.unwrap();
    assert_eq!(loaded(&store, &key("a")).await, JobState::default());
}

async fn jobs_do_not_touch_each_other(store: Store) {
    store.save(&key("a"), &full_state(), &Fence::open()).await.unwrap();
    store.save(&key("b"), &full_state(), &Fence::open()).await.unwrap();
    store.remove(&key("a"), &Fence::open()).await.unwrap();
    assert_eq!(loaded(&store, &key("a")).await, JobState::default());
    assert_eq!(
        text(&loaded(&store, &key("b")).await, StatePart::Row(RowPart::ParallelismOverrides)),
        Some(rows()[3].1.clone())
    );
}

async fn a_removed_job_is_gone(store: Store) {
    store.save(&key("a"), &full_state(), &Fence::open()).await.unwrap();
    store.remove(&key("a"), &Fence::open()).await.unwrap();
    assert_eq!(loaded(&store, &key("a")).await, JobState::default());
}

async fn removing_an_unknown_job_succeeds(store: Store) {
    store.remove(&key("nobody"), &Fence::open()).await.unwrap();
}

async fn saved_jobs_are_listed(store: Store) {
    assert_eq!(store.jobs().await.unwrap(), []);
    for name in ["b", "a", "c"] {
        store.save(&key(name), &full_state(), &Fence::open()).await.unwrap();
    }
    store.remove(&key("c"), &Fence::open()).await.unwrap();
    assert_eq!(store.jobs().await.unwrap(), [key("a"), key("b")]);
}

/// A window as it moves: each cycle adds an observation, and old ones leave.
async fn observations_come_and_go(store: Store) {
    let vertices = [vertex(1), vertex(2)];
    let mut state = JobState::default();
    for cycle in 0..8u32 {
        let at = SyntheticJob::instant(cycle);
        let mut samples = vec![VertexSample::default(); 2];
        samples[0].set(ScalingMetric::Load, f64::from(cycle));
        samples[1].set(ScalingMetric::ObservedTpr, f64::INFINITY);
        state.collected_metrics.insert(at, &vertices, &samples, GlobalSample::default());
        if cycle >= 3 {
            state.collected_metrics.drop_before(SyntheticJob::instant(cycle - 3));
        }
        store.save(&key("a"), &state, &Fence::open()).await.unwrap();
        state.mark_stored();
        let loaded = loaded(&store, &key("a")).await;
        let window = |state| text(state, StatePart::CollectedMetrics);
        assert_eq!(window(&loaded), window(&state), "after cycle {cycle}");
        if cycle == 5 {
            // The process restarts and goes on with what was loaded.
            state = loaded;
        }
    }
    // The job restarts: the window begins anew.
    state.collected_metrics.remove();
    store.save(&key("a"), &state, &Fence::open()).await.unwrap();
    state.mark_stored();
    assert!(loaded(&store, &key("a")).await.collected_metrics.get().is_empty());
}

/// Where the answer to a save was lost, it is repeated by the next one.
async fn a_save_can_be_repeated(store: Store) {
    let state = full_state();
    store.save(&key("a"), &state, &Fence::open()).await.unwrap();
    store.save(&key("a"), &state, &Fence::open()).await.unwrap();
    let loaded = loaded(&store, &key("a")).await;
    for (part, row) in rows() {
        assert_eq!(text(&loaded, part), Some(row), "{part}");
    }
}

async fn long_keys_and_any_text_survive(store: Store) {
    let long = key(&"𝄞".repeat(191));
    let mut state = JobState::default();
    let odd = "𝄞 ' \" \\ % _ ? $1 \u{1} é";
    state.config_overrides.edit().overrides.insert(odd.to_owned(), odd.to_owned());
    store.save(&long, &state, &Fence::open()).await.unwrap();
    // Keys that some collations take for the same.
    store.save(&key("Job"), &full_state(), &Fence::open()).await.unwrap();
    let changes = loaded(&store, &long).await.config_overrides.get().clone();
    assert_eq!(changes.overrides.get(odd).map(String::as_str), Some(odd));
    assert_eq!(loaded(&store, &key("job")).await, JobState::default());
}

async fn large_values_survive(store: Store) {
    let value = "0123456789abcdef".repeat(1 << 16);
    let mut state = JobState::default();
    state.config_overrides.edit().overrides.insert("k".to_owned(), value.clone());
    store.save(&key("a"), &state, &Fence::open()).await.unwrap();
    assert_eq!(loaded(&store, &key("a")).await.config_overrides.get().overrides["k"], value);
}

async fn the_cluster_of_a_job_is_kept(store: Store) {
    let mut state = full_state();
    for cluster in ["a", "https://gateway/'b'"] {
        state.is_on(&ClusterName::new(cluster));
        store.save(&key("job"), &state, &Fence::open()).await.unwrap();
        state = loaded(&store, &key("job")).await;
        assert_eq!(state.cluster.get().as_ref().map(ClusterName::as_str), Some(cluster));
        assert!(!state.is_changed());
    }
    state.clear();
    store.save(&key("job"), &state, &Fence::open()).await.unwrap();
    assert_eq!(loaded(&store, &key("job")).await, JobState::default());
}
