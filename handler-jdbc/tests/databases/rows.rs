//! Rows that somebody else wrote, and limits of the tables.

use autoscaler_core::state::codec::encode_collected_row;
use autoscaler_core::state::{RowPart, StatePart};
use autoscaler_core::{AutoScalerStateStore, ErrorKind, Fence, JobKey, JobState};
use sql_database::Statement;
use sql_database::schema::migrate;

use crate::Case;
use crate::backend::Opened;

pub(crate) const CASES: &[Case] = &[
    ("rows::unreadable_ones_are_reported_and_kept", |database| Box::pin(unreadable_ones_are_kept(database))),
    ("rows::a_job_key_that_is_too_long_is_refused", |database| Box::pin(a_key_too_long_is_refused(database))),
    ("rows::observations_of_the_java_process_are_taken_over", |database| Box::pin(java_observations(database))),
];

async fn unreadable_ones_are_kept(opened: Opened) {
    migrate(opened.database().as_ref()).await.unwrap();
    let vertex = testkit::job::id(1);
    let future = format!(
        r#"{{"{vertex}":{{"2023-11-15T00:13:03Z":{{"currentParallelism":1,"newParallelism":2,"metrics":{{"WHO_KNOWS":{{"current":1.0,"average":2.0}}}}}}}}}}"#
    );
    for (kind, text) in [
        ("scalingHistory", future.as_str()),
        ("scalingTracking", r#"{"scalingRec"#),
        ("delayedScaleDown", r#"{"version":9,"what":[]}"#),
        ("somethingOfTheFuture", "x"),
        ("parallelismOverrides", &format!("{{{vertex}: '4'}}")),
    ] {
        opened.put_row("job", kind, text).await;
    }
    let store = opened.store();
    let mut loaded = store.load(&JobKey::new("job")).await.unwrap();
    let parts: Vec<StatePart> = loaded.unreadable.iter().map(|row| row.part).collect();
    assert_eq!(parts.len(), 3, "{parts:?}");
    for part in [RowPart::ScalingHistory, RowPart::ScalingTracking, RowPart::DelayedScaleDown] {
        assert!(parts.contains(&StatePart::Row(part)), "{part}");
    }
    assert_eq!(loaded.state.parallelism_overrides.get()[&vertex.parse().unwrap()], 4, "the others are read");
    // A save of another part leaves them as they are; one of the part itself replaces it.
    loaded.state.scaling_tracking.edit();
    store.save(&JobKey::new("job"), &loaded.state, &Fence::at(loaded.revision)).await.unwrap();
    let rows = opened.rows("job").await;
    let text = |kind: &str| rows.iter().find(|(there, _)| there == kind).map(|(_, text)| text.as_str());
    assert_eq!(text("scalingHistory"), Some(future.as_str()));
    assert_eq!(text("somethingOfTheFuture"), Some("x"));
    assert_eq!(text("scalingTracking"), Some(r#"{"scalingRecords":{}}"#));
}

async fn a_key_too_long_is_refused(opened: Opened) {
    let store = opened.store();
    let mut state = JobState::default();
    state.parallelism_overrides.edit();
    for key in [JobKey::new("k".repeat(192)), JobKey::new("𝄞".repeat(192))] {
        let error = store.save(&key, &state, &Fence::open()).await.unwrap_err();
        assert!(error.to_string().contains("192 characters") && error.kind() == ErrorKind::TooLarge, "{error}");
        assert!(store.load(&key).await.is_err());
    }
    assert_eq!(store.jobs().await.unwrap(), []);
}

/// Taken over once: from then on the observations are rows of ours, and the Java process's row is gone, until it is asked for.
async fn java_observations(opened: Opened) {
    let vertex = testkit::job::id(1);
    let java = format!(
        r#"{{"2023-11-15T00:13:03Z":{{"vertexMetrics":{{"{vertex}":{{"LOAD":0.5}}}},"globalMetrics":{{}}}},"2023-11-15T00:14:03Z":{{"vertexMetrics":{{"{vertex}":{{"LOAD":0.25}}}},"globalMetrics":{{}}}}}}"#
    );
    opened.execute(opened.backend.reference_schema).await;
    opened.put_row("job", "collectedMetrics", &java).await;
    let (store, key) = (opened.store(), JobKey::new("job"));
    let mut state = store.load(&key).await.unwrap().state;
    assert_eq!(encode_collected_row(&state).unwrap().as_ref(), Some(&java));
    state.collected_metrics.touch();
    store.save(&key, &state, &Fence::open()).await.unwrap();
    state.mark_stored();
    assert_eq!(opened.rows("job").await, []);
    let again = store.load(&key).await.unwrap().state;
    assert_eq!(encode_collected_row(&again).unwrap().as_ref(), Some(&java));

    store.write_java_observations(&key).await.unwrap();
    assert_eq!(opened.rows("job").await, [("collectedMetrics".to_owned(), java.clone())]);
    // The Java process has run in between and written a newer window: that is what counts.
    let newer = java.replace("00:14:03", "00:15:03");
    let update = Statement::new("UPDATE t_flink_autoscaler_state_store SET state_value = ? WHERE job_key = ?");
    opened.database().execute(vec![update.with(newer.as_str()).with("job")]).await.unwrap();
    let taken = store.load(&key).await.unwrap().state;
    assert_eq!(encode_collected_row(&taken).unwrap(), Some(newer));
}
