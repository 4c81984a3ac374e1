//! The contract of [`AutoScalerStateStore`], as a suite. A store runs it from a test without harness:
//!
//! ```no_run
//! # use std::sync::Arc;
//! # async fn my_store() -> Arc<dyn autoscaler_core::AutoScalerStateStore> { unimplemented!() }
//! testkit::store::run("my store", || my_store());
//! ```

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use autoscaler_core::state::codec::{StatePart, decode, encode};
use autoscaler_core::{AutoScalerStateStore, JobKey, JobState};
use libtest_mimic::{Arguments, Trial};

type Store = Arc<dyn AutoScalerStateStore>;
type Case = (&'static str, fn(Store) -> Pin<Box<dyn Future<Output = ()>>>);

const CASES: &[Case] = &[
    ("an_unknown_job_has_an_empty_state", |store| Box::pin(an_unknown_job_has_an_empty_state(store))),
    ("what_was_saved_is_loaded", |store| Box::pin(what_was_saved_is_loaded(store))),
    ("unchanged_parts_stay_as_stored", |store| Box::pin(unchanged_parts_stay_as_stored(store))),
    ("a_removed_part_is_gone", |store| Box::pin(a_removed_part_is_gone(store))),
    ("jobs_do_not_touch_each_other", |store| Box::pin(jobs_do_not_touch_each_other(store))),
    ("a_removed_job_is_gone", |store| Box::pin(a_removed_job_is_gone(store))),
    ("removing_an_unknown_job_succeeds", |store| Box::pin(removing_an_unknown_job_succeeds(store))),
];

/// Runs every case against a fresh store and exits with the result.
pub fn run<F, S>(name: &'static str, new_store: F)
where
    F: Fn() -> S + Clone + Send + 'static,
    S: Future<Output = Store>,
{
    let trials = CASES.iter().map(|(case, body)| {
        let new_store = new_store.clone();
        Trial::test(format!("{name}::{case}"), move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async { body(new_store().await).await });
            Ok(())
        })
    });
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit();
}

fn key(text: &str) -> JobKey {
    JobKey::new(text)
}

/// A state with something in every part.
fn full_state() -> JobState {
    let mut state = JobState::default();
    for (part, text) in rows() {
        decode(&mut state, part, &text).unwrap();
    }
    // Loaded parts count as unchanged; touching them makes them count.
    state.scaling_history.edit();
    state.scaling_tracking.edit();
    state.collected_metrics.edit();
    state.parallelism_overrides.edit();
    state.config_overrides.edit();
    state.delayed_scale_down.edit();
    state
}

fn rows() -> Vec<(StatePart, String)> {
    let vertex = crate::job::id(1);
    vec![
        (
            StatePart::ScalingHistory,
            format!(
                r#"{{"{vertex}":{{"2023-11-15T00:13:03.303Z":{{"currentParallelism":3,"newParallelism":7,"metrics":{{"LOAD":{{"current":"NaN","average":1.303}}}}}}}}}}"#
            ),
        ),
        (
            StatePart::ScalingTracking,
            r#"{"scalingRecords":{"2023-11-15T00:13:03Z":{"restartDuration":20.022}}}"#.to_owned(),
        ),
        (
            StatePart::CollectedMetrics,
            format!(
                r#"{{"2023-11-15T00:13:03.303Z":{{"vertexMetrics":{{"{vertex}":{{"LAG":"Infinity","LOAD":0.5}}}},"globalMetrics":{{}}}}}}"#
            ),
        ),
        (StatePart::ParallelismOverrides, format!("{{{vertex}: '4'}}")),
        (
            StatePart::ConfigOverrides,
            r#"{"overrides":{"taskmanager.memory.process.size":"4 gb"},"removals":[]}"#.to_owned(),
        ),
        (
            StatePart::DelayedScaleDown,
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
    store.save(&key("a"), &full_state()).await.unwrap();
    let state = loaded(&store, &key("a")).await;
    for (part, text) in rows() {
        assert_eq!(encode(&state, part), Some(text), "{part}");
    }
}

async fn unchanged_parts_stay_as_stored(store: Store) {
    store.save(&key("a"), &full_state()).await.unwrap();
    let mut changed = JobState::default();
    changed.parallelism_overrides.edit().insert(crate::job::id(2), "9".to_owned());
    store.save(&key("a"), &changed).await.unwrap();
    let state = loaded(&store, &key("a")).await;
    assert_eq!(state.parallelism_overrides.get().len(), 1);
    assert_eq!(state.parallelism_overrides.get()[&crate::job::id(2)], "9");
    assert_eq!(encode(&state, StatePart::ScalingTracking), Some(rows()[1].1.clone()));
}

async fn a_removed_part_is_gone(store: Store) {
    let mut state = full_state();
    store.save(&key("a"), &state).await.unwrap();
    state.mark_stored();
    state.clear();
    store.save(&key("a"), &state).await.unwrap();
    assert_eq!(loaded(&store, &key("a")).await, JobState::default());
}

async fn jobs_do_not_touch_each_other(store: Store) {
    store.save(&key("a"), &full_state()).await.unwrap();
    store.save(&key("b"), &full_state()).await.unwrap();
    store.remove(&key("a")).await.unwrap();
    assert_eq!(loaded(&store, &key("a")).await, JobState::default());
    assert_eq!(encode(&loaded(&store, &key("b")).await, StatePart::ParallelismOverrides), Some(rows()[3].1.clone()));
}

async fn a_removed_job_is_gone(store: Store) {
    store.save(&key("a"), &full_state()).await.unwrap();
    store.remove(&key("a")).await.unwrap();
    assert_eq!(loaded(&store, &key("a")).await, JobState::default());
}

async fn removing_an_unknown_job_succeeds(store: Store) {
    store.remove(&key("nobody")).await.unwrap();
}
