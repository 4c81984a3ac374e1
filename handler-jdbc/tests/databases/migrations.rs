//! The schema: made, adopted, waited for, refused.

use std::sync::Arc;
use std::time::Duration;

use autoscaler_core::{AutoScalerStateStore, ErrorKind, Fence, JobKey, JobState};
use servers::fault_proxy::Behavior;
use sql_database::schema::{TABLE, alterations, migrate, pending};
use sql_database::{Column, ConnectSettings, Database, DatabaseOptions, Migrate, SqlStateStore, Statement};
use sqlx::Connection;

use crate::Case;
use crate::backend::{Opened, connect};
use crate::faults::through_proxy;

pub(crate) const CASES: &[Case] = &[
    ("migrations::eight_at_once_work_out", |database| Box::pin(eight_at_once_work_out(database))),
    ("migrations::the_java_process_s_schema_is_adopted", |database| Box::pin(java_schema_is_adopted(database))),
    ("migrations::a_newer_schema_is_refused", |database| Box::pin(a_newer_schema_is_refused(database))),
    ("migrations::manual_means_that_nothing_is_changed", |database| Box::pin(manual_changes_nothing(database))),
    ("migrations::a_dropped_table_is_back_without_a_restart", |database| Box::pin(dropped_table_is_back(database))),
    ("migrations::a_lock_that_somebody_holds_is_not_waited_for_for_ever", |database| Box::pin(held_lock(database))),
    ("migrations::an_altered_table_is_named_until_it_is_mended", |database| Box::pin(altered_is_named(database))),
    ("migrations::a_table_of_another_shape_is_refused_at_start", |database| {
        Box::pin(another_shape_is_refused(database))
    }),
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
    let known = i64::try_from(opened.database().known_migrations().len()).unwrap();
    assert_eq!(rows[0].integer(0).unwrap(), known, "each version once");
}

async fn java_schema_is_adopted(opened: Opened) {
    opened.execute(opened.backend.reference_schema).await;
    opened.put_row("job", "parallelismOverrides", "{a: '4'}").await;
    let database = opened.database();
    assert_eq!(migrate(database.as_ref()).await.unwrap(), database.known_migrations());
    assert_eq!(opened.rows("job").await, [("parallelismOverrides".to_owned(), "{a: '4'}".to_owned())]);
}

async fn a_newer_schema_is_refused(opened: Opened) {
    let database = opened.database();
    migrate(database.as_ref()).await.unwrap();
    let newer = format!(
        "INSERT INTO {TABLE} (version, description, success, checksum, execution_time) VALUES (77, 'later', {}, {}, 0)",
        "TRUE", "'x'"
    );
    opened.execute(&[&newer]).await;
    let error = opened.migrated().ready().await.map(|_| ()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    let newest = database.known_migrations().iter().map(|migration| migration.version).max().unwrap();
    let known = format!("up to {newest}");
    assert!(error.to_string().contains("77") && error.to_string().contains(&known), "{error}");
}

async fn manual_changes_nothing(opened: Opened) {
    let manual = Database::new(opened.database(), DatabaseOptions::new(Migrate::Check));
    let error = manual.ready().await.map(|_| ()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused);
    assert!(error.to_string().contains("lacks the versions [1, 2, 3"), "{error}");
    let database = opened.database();
    assert_eq!(pending(database.as_ref()).await.unwrap(), database.known_migrations());
    migrate(opened.database().as_ref()).await.unwrap();
    manual.ready().await.unwrap();
}

async fn dropped_table_is_back(opened: Opened) {
    let (store, job) = (opened.store(), JobKey::new("job"));
    let manual = SqlStateStore::new(Database::new(opened.database(), DatabaseOptions::new(Migrate::Check)));
    let mut state = JobState::default();
    state.parallelism_overrides.edit().insert(testkit::job::id(1).parse().unwrap(), 4);
    store.save(&job, &state, &Fence::open()).await.unwrap();
    manual.load(&job).await.unwrap();
    for table in ["observation", "policy_memory"] {
        opened.execute(&[&format!("DROP TABLE t_flink_autoscaler_{table}")]).await;
    }
    // Whoever may not migrate says what is missing as long as it is.
    assert_eq!(manual.load(&job).await.unwrap_err().kind(), ErrorKind::NotFound);
    for _ in 0..2 {
        let error = manual.load(&job).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Refused);
        assert!(error.chain().to_string().contains("its schema lacks the versions [2, 3"), "{}", error.chain());
    }
    assert_eq!(store.load(&job).await.unwrap_err().kind(), ErrorKind::NotFound);
    for store in [&store, &manual] {
        let loaded = store.load(&job).await.unwrap();
        assert_eq!(loaded.state.parallelism_overrides.get(), state.parallelism_overrides.get());
    }
}

/// An alteration of our tables, how it is undone, and what must be said of it.
struct Alteration {
    does: &'static str,
    undoes: &'static str,
    said: &'static str,
}

/// Such that no state can be read.
const ALTERATIONS: &[Alteration] = &[
    Alteration {
        does: "ALTER TABLE t_flink_autoscaler_state_store RENAME COLUMN state_value TO value_of_state",
        undoes: "ALTER TABLE t_flink_autoscaler_state_store RENAME COLUMN value_of_state TO state_value",
        said: "t_flink_autoscaler_state_store lacks the column state_value",
    },
    Alteration {
        does: "ALTER TABLE t_flink_autoscaler_policy_memory DROP COLUMN memory",
        undoes: "ALTER TABLE t_flink_autoscaler_policy_memory ADD COLUMN memory VARCHAR(999) NOT NULL DEFAULT ''",
        said: "t_flink_autoscaler_policy_memory lacks the column memory",
    },
];

async fn altered_is_named(opened: Opened) {
    let (store, job) = (opened.store(), JobKey::new("job"));
    let manual = SqlStateStore::new(Database::new(opened.database(), DatabaseOptions::new(Migrate::Check)));
    let mut state = JobState::default();
    state.parallelism_overrides.edit().insert(testkit::job::id(1).parse().unwrap(), 4);
    for alteration in ALTERATIONS {
        store.save(&job, &state, &Fence::open()).await.unwrap();
        manual.load(&job).await.unwrap();
        opened.execute(&[alteration.does]).await;
        for store in [&store, &manual] {
            let mut said = Vec::new();
            for _ in 0..3 {
                let error = store.load(&job).await.unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Refused, "{}", error.chain());
                said.push(error.chain().to_string());
            }
            assert!(said[0].contains(alteration.said) && said[0].contains("flink-autoscaler migrate"), "{}", said[0]);
            assert_eq!((&said[1], &said[2]), (&said[0], &said[0]), "what is said again is the same");
        }
        assert_eq!(alterations(opened.database().as_ref()).await.unwrap()[0], alteration.said);
        assert!(migrate(opened.database().as_ref()).await.unwrap_err().to_string().contains(alteration.said));
        opened.execute(&[alteration.undoes]).await;
        for store in [&store, &manual] {
            store.save(&job, &state, &Fence::open()).await.unwrap();
        }
    }
}

async fn another_shape_is_refused(opened: Opened) {
    const TABLE: &str = "t_flink_autoscaler_policy_memory";
    let database = opened.migrated();
    for (rest, said) in [
        ("memory VARCHAR(999) NOT NULL", "has no unique key of job_key and policy"),
        ("memory BIGINT NOT NULL, UNIQUE (job_key, policy)", "int, and texts go there"),
        (
            "memory VARCHAR(999) NOT NULL, tenant INTEGER NOT NULL, UNIQUE (job_key, policy)",
            "a column tenant that must",
        ),
    ] {
        let create =
            format!("CREATE TABLE {TABLE} (job_key VARCHAR(191) NOT NULL, policy VARCHAR(100) NOT NULL, {rest})");
        opened.execute(&[&create]).await;
        for _ in 0..2 {
            let error = opened.migrated().ready().await.map(|_| ()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Refused);
            let text = error.to_string().to_lowercase();
            assert!(text.contains(TABLE) && text.contains(said), "{error}");
        }
        // What is said to do about it helps, without a restart.
        opened.execute(&[&format!("DROP TABLE {TABLE}")]).await;
        database.ready().await.unwrap();
        let again = opened.migrated();
        again.ready().await.unwrap();
        opened.execute(&[&format!("DROP TABLE {TABLE}")]).await;
    }
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

/// Somebody who migrates and never ends: the schema's lock is held by hand.
async fn held_lock(opened: Opened) {
    let impatient = ConnectSettings::default().with_timeout(Duration::from_millis(300));
    let database = connect(&opened.url, &impatient);
    let refused = async || {
        let error = migrate(database.as_ref()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Conflict, "{error}");
        assert!(error.to_string().contains("has been migrating it for 1.8s: end that"), "{error}");
    };
    if let Some(file) = opened.url.strip_prefix("sqlite:") {
        let lock = std::fs::File::create(format!("{file}.migration")).unwrap();
        lock.lock().unwrap();
        refused().await;
        drop(lock);
    } else if opened.url.starts_with("postgres") {
        let mut holder = sqlx::PgConnection::connect(&opened.url).await.unwrap();
        sqlx::raw_sql("SELECT pg_advisory_lock(112615811345249)").execute(&mut holder).await.unwrap();
        refused().await;
        holder.close().await.unwrap();
    } else {
        let mut holder = sqlx::MySqlConnection::connect(&opened.url).await.unwrap();
        let lock = "SELECT GET_LOCK(CONCAT('flink_autoscaler.', DATABASE()), 0)";
        sqlx::raw_sql(lock).execute(&mut holder).await.unwrap();
        refused().await;
        holder.close().await.unwrap();
    }
    migrated_in_the_end(&opened).await;
}

/// A server may take its time to see that a connection has ended.
async fn migrated_in_the_end(opened: &Opened) {
    migrate(opened.database().as_ref()).await.unwrap();
    assert_eq!(pending(opened.database().as_ref()).await.unwrap(), []);
}

/// A server that answers so many times and then no more: each question on the way to an up-to-date schema has a deadline.
pub(crate) async fn an_answer_that_never_comes(opened: Opened) {
    let (proxy, url) = through_proxy(&opened).await;
    let impatient = ConnectSettings::default().with_timeout(Duration::from_millis(200));
    let mut failures = 0;
    for sendings in (1..).step_by(4) {
        proxy.behave(Behavior::HoldAfter(sendings));
        let migrated = tokio::time::timeout(Duration::from_secs(20), migrate(connect(&url, &impatient).as_ref())).await;
        proxy.behave(Behavior::Refuse);
        assert!(migrated.is_ok(), "after {sendings} sendings it waits for ever");
        match migrated.unwrap() {
            Ok(_) => break,
            Err(error) => assert!(error.kind().is_transient(), "after {sendings}: {error}"),
        }
        failures += 1;
        assert!(failures < 200, "it never comes to its end");
    }
    assert!(failures > 5, "{failures} points are too few to tell");
    migrated_in_the_end(&opened).await;
}
