//! The Java process writes into the same tables while we run: that is noticed at the next save, and nothing of it is lost.

use autoscaler_core::metric::{GlobalSample, VertexSample};
use autoscaler_core::{AutoScalerStateStore, ErrorKind, Fence, JobKey, JobState, Revision};
use sql_database::{SqlStateStore, Statement};

use crate::Case;
use crate::backend::Opened;

pub(crate) const CASES: &[Case] = &[
    ("java::a_row_that_it_changed", |database| Box::pin(a_row_that_it_changed(database))),
    ("java::a_window_that_it_wrote", |database| Box::pin(a_window_that_it_wrote(database))),
    ("java::a_row_that_it_removed", |database| Box::pin(a_row_that_it_removed(database))),
    ("java::whoever_loads_again_goes_on", |database| Box::pin(whoever_loads_again_goes_on(database))),
];

const OVERRIDES: &str = "{00000000000000000000000000000001: '4'}";

fn key() -> JobKey {
    JobKey::new("job")
}

/// A job that we run: what is stored of it is ours.
async fn our_job(opened: &Opened) -> (SqlStateStore, Revision) {
    opened.execute(opened.backend.reference_schema).await;
    let store = opened.store();
    store.jobs().await.unwrap();
    opened.put_row("job", "parallelismOverrides", OVERRIDES).await;
    let loaded = store.load(&key()).await.unwrap();
    let mut state = loaded.state;
    state.scaling_tracking.edit();
    let revision = store.save(&key(), &state, &Fence::at(loaded.revision)).await.unwrap();
    (store, revision)
}

/// What an idle cycle writes, and what a scaling does: neither gets in.
async fn both_are_refused(opened: &Opened, store: &SqlStateStore, revision: Revision) {
    let before = opened.rows("job").await;
    let (mut idle, mut scaling) = (JobState::default(), JobState::default());
    let vertex = testkit::job::id(1).parse().unwrap();
    let now = testkit::synthetic::SyntheticJob::instant(1);
    idle.collected_metrics.insert(now, &[vertex], &[VertexSample::default()], GlobalSample::default());
    scaling.parallelism_overrides.edit();
    for state in [idle, scaling] {
        let error = store.save(&key(), &state, &Fence::at(revision)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Conflict, "{}", error.chain());
        assert!(error.to_string().contains(store.database().name()), "{error}");
    }
    assert_eq!(opened.rows("job").await, before);
}

async fn update(opened: &Opened, text: &str) {
    // As the Java process does it.
    let update = Statement::new(
        "UPDATE t_flink_autoscaler_state_store SET update_time = CURRENT_TIMESTAMP, state_value = ? \
         WHERE job_key = 'job' AND state_type = 'parallelismOverrides'",
    );
    opened.database().execute(vec![update.with(text)]).await.unwrap();
}

async fn a_row_that_it_changed(opened: Opened) {
    let (store, revision) = our_job(&opened).await;
    let other = OVERRIDES.replace('4', "16");
    update(&opened, &other).await;
    both_are_refused(&opened, &store, revision).await;
    let stored = opened.rows("job").await;
    assert!(stored.contains(&("parallelismOverrides".to_owned(), other)), "{stored:?}");
}

async fn a_window_that_it_wrote(opened: Opened) {
    let (store, revision) = our_job(&opened).await;
    opened.put_row("job", "collectedMetrics", "{}").await;
    both_are_refused(&opened, &store, revision).await;
}

async fn a_row_that_it_removed(opened: Opened) {
    let (store, revision) = our_job(&opened).await;
    opened.execute(&["DELETE FROM t_flink_autoscaler_state_store WHERE state_type = 'parallelismOverrides'"]).await;
    both_are_refused(&opened, &store, revision).await;
}

async fn whoever_loads_again_goes_on(opened: Opened) {
    let (store, _) = our_job(&opened).await;
    update(&opened, &OVERRIDES.replace('4', "16")).await;
    let loaded = store.load(&key()).await.unwrap();
    let mut state = loaded.state;
    state.scaling_tracking.edit();
    let revision = store.save(&key(), &state, &Fence::at(loaded.revision)).await.unwrap();
    assert_eq!(store.load(&key()).await.unwrap().revision, revision);
    let stored = opened.rows("job").await;
    assert!(stored.iter().any(|(_, text)| text.contains("16")), "{stored:?}");
}
