//! The schema: made, adopted, waited for, refused.

use std::sync::Arc;

use sql_database::migrate::{Migrated, TABLE, migrate, pending};
use sql_database::{Column, Param, SqlError, Statement};

use crate::Case;
use crate::backend::Opened;

pub(crate) const CASES: &[Case] = &[
    ("migrations::eight_at_once_work_out", |database| Box::pin(eight_at_once_work_out(database))),
    ("migrations::the_java_process_s_schema_is_adopted", |database| Box::pin(java_schema_is_adopted(database))),
    ("migrations::a_newer_schema_is_refused", |database| Box::pin(a_newer_schema_is_refused(database))),
    ("migrations::manual_means_that_nothing_is_changed", |database| Box::pin(manual_changes_nothing(database))),
    ("migrations::what_a_kill_left_incomplete_is_run_again", |database| Box::pin(incomplete_is_run_again(database))),
];

async fn eight_at_once_work_out(opened: Opened) {
    let each = (0..8).map(|_| {
        let database = opened.database();
        tokio::spawn(async move { migrate(database.as_ref()).await })
    });
    for ended in futures::future::join_all(each).await {
        ended.unwrap().unwrap();
    }
    assert_eq!(pending(opened.database().as_ref()).await.unwrap(), []);
    let count = Statement::new(format!("SELECT COUNT(*) FROM {TABLE}"));
    let rows = opened.database().fetch(&count, &[Column::Integer]).await.unwrap();
    assert_eq!(rows[0].integer(0), 2, "each version once");
}

async fn java_schema_is_adopted(opened: Opened) {
    opened.execute(opened.backend.reference_schema).await;
    opened.put_row("job", "parallelismOverrides", "{a: '4'}").await;
    let database = opened.database();
    assert_eq!(migrate(database.as_ref()).await.unwrap().len(), 2);
    let query = Statement::new("SELECT state_value FROM t_flink_autoscaler_state_store");
    let rows = database.fetch(&query, &[Column::Text]).await.unwrap();
    assert_eq!(rows[0].0, [Param::Text("{a: '4'}".to_owned())]);
}

async fn a_newer_schema_is_refused(opened: Opened) {
    let database = opened.database();
    migrate(database.as_ref()).await.unwrap();
    let newer = format!(
        "INSERT INTO {TABLE} (version, description, success, checksum, execution_time) VALUES (77, 'later', {}, {}, 0)",
        "TRUE", "'x'"
    );
    opened.execute(&[&newer]).await;
    let error = Migrated::new(opened.database(), true).ready().await.map(|_| ()).unwrap_err();
    assert!(matches!(error, SqlError::TooNew { found: 77, known: 2, .. }), "{error}");
    assert!(error.to_string().contains("77") && error.to_string().contains("up to 2"), "{error}");
}

async fn manual_changes_nothing(opened: Opened) {
    let manual = Migrated::new(opened.database(), false);
    let error = manual.ready().await.map(|_| ()).unwrap_err();
    assert!(error.to_string().contains("flink-autoscaler migrate"), "{error}");
    assert_eq!(pending(opened.database().as_ref()).await.unwrap().len(), 2);
    migrate(opened.database().as_ref()).await.unwrap();
    manual.ready().await.unwrap();
}

async fn incomplete_is_run_again(opened: Opened) {
    let database = opened.database();
    migrate(database.as_ref()).await.unwrap();
    // As MySQL is left by a kill between a statement and its entry: the table is there, the entry says otherwise.
    // The others have both in one transaction, so there the entry is missing.
    let undone = if opened.url.starts_with("mysql") {
        format!("UPDATE {TABLE} SET success = FALSE WHERE version = 2")
    } else {
        format!("DELETE FROM {TABLE} WHERE version = 2")
    };
    opened.execute(&[&undone]).await;
    let again: Vec<i64> = migrate(Arc::clone(&database).as_ref()).await.unwrap().iter().map(|m| m.version).collect();
    assert_eq!(again, [2]);
    assert_eq!(pending(database.as_ref()).await.unwrap(), []);
}
