//! Databases that fail: what is asked of them fails in time and tells so, nothing half done stays, and the same store
//! works again when they do.

mod connections;
mod locks;
mod logins;

use std::time::{Duration, Instant};

use autoscaler_core::{
    AutoScalerEventHandler, AutoScalerStateStore, ErrorKind, Event, Fence, JobKey, JobState, PortError, VertexId,
};
use handler_jdbc::{EventFilter, EventOptions, JdbcEventHandler, events};
use servers::database::Server;
use servers::fault_proxy::{Behavior, FaultProxy};
use sql_database::{ConnectSettings, SqlStateStore, Statement, Transaction};
use sqlx::Connection;

use crate::backend::{Backend, Opened, connect, migrated};
use crate::{Case, migrations, passwords};

/// The faults that a kind of database can have.
pub(crate) fn cases(backend: &Backend) -> Vec<Case> {
    let mut cases: Vec<Case> =
        vec![("faults::a_lock_that_somebody_holds", |database| Box::pin(a_lock_that_somebody_holds(database)))];
    let server: [Case; 8] = [
        ("migrations::an_answer_that_never_comes", |database| {
            Box::pin(migrations::an_answer_that_never_comes(database))
        }),
        ("faults::down_at_start", |database| Box::pin(down_at_start(database))),
        ("faults::cut_in_a_transaction", |database| Box::pin(cut_in_a_transaction(database))),
        ("faults::answers_after_too_long", |database| Box::pin(answers_after_too_long(database))),
        ("faults::answers_stop_as_a_connection_is_given_back", |database| {
            Box::pin(connections::answers_stop_as_a_connection_is_given_back(database))
        }),
        ("faults::a_call_that_is_cut_off_keeps_no_connection", |database| {
            Box::pin(connections::a_call_that_is_cut_off_keeps_no_connection(database))
        }),
        ("faults::no_connection_left", |database| Box::pin(logins::no_connection_left(database))),
        ("faults::events_wait_for_the_database", |database| Box::pin(events_wait(database))),
    ];
    match backend.server() {
        Some(Server::Postgres) => {
            cases.extend(server);
            cases.extend_from_slice(locks::CASES);
            cases.extend_from_slice(locks::POSTGRES_CASES);
            // MySQL's switch is the whole server's, which other tests are writing to.
            cases.push(("faults::read_only", |database| Box::pin(read_only(database))));
        }
        Some(Server::MySql | Server::MariaDb) => {
            cases.extend(server);
            cases.extend_from_slice(locks::CASES);
            // A local PostgreSQL of ours trusts everybody.
            cases.extend_from_slice(passwords::CASES);
        }
        None => {
            cases.push(("faults::a_directory_that_is_not_there_yet", |database| {
                Box::pin(a_missing_directory(database))
            }));
            cases.push(("faults::a_transaction_that_fails_half_way", |database| Box::pin(failed_half_way(database))));
            cases.push(("faults::a_full_disk", |database| Box::pin(a_full_disk(database))));
        }
    }
    cases
}

/// Longer than a busy machine needs for an answer.
const TIMEOUT: Duration = Duration::from_secs(5);

pub(crate) fn settings() -> ConnectSettings {
    ConnectSettings::default().with_timeout(TIMEOUT).with_max_connections(2)
}

pub(crate) fn store_at(url: &str) -> SqlStateStore {
    SqlStateStore::new(migrated(connect(url, &settings())))
}

pub(crate) fn key() -> JobKey {
    JobKey::new("job")
}

fn vertex() -> VertexId {
    testkit::job::id(1).parse().unwrap()
}

/// A state with an override of `parallelism` and a record of its own.
pub(crate) fn state(parallelism: u32) -> JobState {
    let mut state = JobState::default();
    state.parallelism_overrides.edit().insert(vertex(), i32::try_from(parallelism).unwrap());
    state.scaling_tracking.edit().records.insert(testkit::synthetic::SyntheticJob::instant(parallelism), None);
    state
}

/// The parallelism stored; the record must be that of the same save.
async fn parallelism(store: &SqlStateStore) -> Option<i32> {
    let state = store.load(&key()).await.unwrap().state;
    let parallelism = state.parallelism_overrides.get().get(&vertex()).copied()?;
    let at = testkit::synthetic::SyntheticJob::instant(u32::try_from(parallelism).unwrap());
    assert!(state.scaling_tracking.get().records.contains_key(&at), "one part is stored without the other");
    Some(parallelism)
}

fn must_pass(error: &PortError) {
    assert!(error.is_transient(), "{}", error.chain());
}

/// A proxy in front of the database's server, and the database's URL through it.
pub(crate) async fn through_proxy(opened: &Opened) -> (FaultProxy, String) {
    opened.through_proxy().await
}

async fn down_at_start(opened: Opened) {
    let (proxy, url) = through_proxy(&opened).await;
    proxy.behave(Behavior::Refuse);
    let store = store_at(&url);
    must_pass(&store.load(&key()).await.unwrap_err());
    must_pass(&store.save(&key(), &state(1), &Fence::open()).await.unwrap_err());
    proxy.behave(Behavior::Pass);
    store.save(&key(), &state(2), &Fence::open()).await.unwrap();
    assert_eq!(parallelism(&store).await, Some(2));
}

async fn a_missing_directory(opened: Opened) {
    let directory = opened.directory().join("later");
    let store = store_at(&format!("sqlite:{}", directory.join("state.db").display()));
    must_pass(&store.load(&key()).await.unwrap_err());
    std::fs::create_dir(&directory).unwrap();
    store.save(&key(), &state(2), &Fence::open()).await.unwrap();
    assert_eq!(parallelism(&store).await, Some(2));
}

async fn cut_in_a_transaction(opened: Opened) {
    let (proxy, url) = through_proxy(&opened).await;
    let (store, direct) = (store_at(&url), opened.store());
    store.save(&key(), &state(1), &Fence::open()).await.unwrap();
    let mut failures = 0;
    for bytes in [1, 40, 90, 160, 250, 400, 600] {
        proxy.behave(Behavior::CutAfter(bytes));
        if let Err(error) = store.save(&key(), &state(2), &Fence::open()).await {
            must_pass(&error);
            failures += 1;
            // Everything of it or nothing.
            let stored = parallelism(&direct).await;
            assert!(stored == Some(1) || stored == Some(2), "{stored:?}");
        }
        proxy.behave(Behavior::Pass);
        store.save(&key(), &state(1), &Fence::open()).await.unwrap();
    }
    assert!(failures >= 3, "only {failures} saves were cut");
}

/// SQLite has no connection to cut: a transaction that is dropped half-way leaves nothing.
async fn failed_half_way(opened: Opened) {
    let store = opened.store();
    store.save(&key(), &state(1), &Fence::open()).await.unwrap();
    let broken = Statement::new("INSERT INTO no_such_table VALUES (1)");
    let delete = Statement::new("DELETE FROM t_flink_autoscaler_state_store");
    assert!(opened.database().transact(Transaction::of(vec![delete, broken])).await.is_err());
    assert_eq!(parallelism(&store).await, Some(1));
}

async fn answers_after_too_long(opened: Opened) {
    let (proxy, url) = through_proxy(&opened).await;
    let store = store_at(&url);
    store.save(&key(), &state(1), &Fence::open()).await.unwrap();
    let delay = TIMEOUT * 60;
    proxy.behave(Behavior::Delay(delay));
    let start = Instant::now();
    let error = store.save(&key(), &state(2), &Fence::open()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "{}", error.chain());
    assert!(start.elapsed() < delay, "the answer is waited for");
    proxy.behave(Behavior::Pass);
    store.save(&key(), &state(3), &Fence::open()).await.unwrap();
    assert_eq!(parallelism(&store).await, Some(3));
}

/// What MySQL waits for a lock; the others wait for longer.
const SERVER_GIVES_UP: Duration = Duration::from_secs(50);

/// Another transaction holds the row, or SQLite's one lock: the save gives up in time, and works once it is let go.
async fn a_lock_that_somebody_holds(opened: Opened) {
    let store = store_at(&opened.url);
    store.save(&key(), &state(1), &Fence::open()).await.unwrap();
    let release = hold_lock(&opened).await;
    let start = Instant::now();
    must_pass(&store.save(&key(), &state(2), &Fence::open()).await.unwrap_err());
    assert!(start.elapsed() < SERVER_GIVES_UP, "it waits for as long as the server does");
    release.send(()).unwrap();
    saved_in_the_end(&store, 3).await;
}

/// A save may meet the last moments of a fault.
pub(crate) async fn saved_in_the_end(store: &SqlStateStore, value: u32) {
    let deadline = Instant::now() + Duration::from_secs(120);
    while let Err(error) = store.save(&key(), &state(value), &Fence::open()).await {
        assert!(Instant::now() < deadline, "it does not recover: {error}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(parallelism(store).await, i32::try_from(value).ok());
}

/// Holds a lock on the state's rows in a transaction of its own, until told.
async fn hold_lock(opened: &Opened) -> tokio::sync::oneshot::Sender<()> {
    const UPDATE: &str = "UPDATE t_flink_autoscaler_state_store SET state_type = state_type";
    let (release, released) = tokio::sync::oneshot::channel();
    let (held, is_held) = tokio::sync::oneshot::channel();
    let url = opened.url.clone();
    tokio::spawn(async move {
        use sqlx::query;
        macro_rules! hold {
            ($connection:expr) => {{
                let mut connection = $connection;
                let mut transaction = connection.begin().await.unwrap();
                query(UPDATE).execute(&mut *transaction).await.unwrap();
                held.send(()).unwrap();
                let _told = released.await;
                transaction.rollback().await.unwrap();
            }};
        }
        if url.starts_with("postgres") {
            hold!(sqlx::PgConnection::connect(&url).await.unwrap());
        } else if url.starts_with("mysql") {
            hold!(sqlx::MySqlConnection::connect(&url).await.unwrap());
        } else {
            hold!(sqlx::SqliteConnection::connect(&url).await.unwrap());
        }
    });
    is_held.await.unwrap();
    release
}

/// As after a failover to a replica: writing is refused, reading is not.
async fn read_only(opened: Opened) {
    let name = opened.url.rsplit('/').next().unwrap().to_owned();
    let store = opened.store();
    store.save(&key(), &state(1), &Fence::open()).await.unwrap();
    opened.execute(&[&format!("ALTER DATABASE {name} SET default_transaction_read_only = on")]).await;
    let replica = store_at(&opened.url);
    assert_eq!(parallelism(&replica).await, Some(1));
    must_pass(&replica.save(&key(), &state(2), &Fence::open()).await.unwrap_err());
    let url = format!("{}?options=-c%20default_transaction_read_only%3Doff", opened.url);
    let mut admin = sqlx::PgConnection::connect(&url).await.unwrap();
    // Connections keep what they began with, until the server ends them.
    for statement in [
        format!("ALTER DATABASE {name} RESET default_transaction_read_only"),
        format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}' AND pid <> pg_backend_pid()"
        ),
    ] {
        sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(&mut admin).await.unwrap();
    }
    saved_in_the_end(&replica, 3).await;
}

/// SQLite's file may not grow any further, as on a full disk.
async fn a_full_disk(opened: Opened) {
    let store = store_at(&format!("{}?max_page_count=40", opened.url));
    store.save(&key(), &state(1), &Fence::open()).await.unwrap();
    let mut large = state(2);
    large.config_overrides.edit().overrides.insert("k".to_owned(), "x".repeat(400_000));
    let error = store.save(&key(), &large, &Fence::open()).await.unwrap_err();
    must_pass(&error);
    assert!(error.chain().to_string().contains("full"), "{}", error.chain());
    assert_eq!(parallelism(&store).await, Some(1), "nothing of it is stored");
    store.save(&key(), &state(3), &Fence::open()).await.unwrap();
    assert_eq!(parallelism(&store).await, Some(3));
}

async fn events_wait(opened: Opened) {
    let (proxy, url) = through_proxy(&opened).await;
    let handler = JdbcEventHandler::new(migrated(connect(&url, &settings())), EventOptions::default());
    let job = testkit::job::context(1, &[]);
    let take = async |message: &str| {
        handler.handle(&job, &Event::warning("AutoscalerError", message), chrono::Utc::now()).await.unwrap();
    };
    take("before").await;
    handler.flush().await.unwrap();
    proxy.behave(Behavior::Refuse);
    take("during").await;
    must_pass(&handler.flush().await.unwrap_err());
    let start = Instant::now();
    for number in 0..1100 {
        take(&format!("during {number}")).await;
    }
    assert!(start.elapsed() < TIMEOUT * 100, "a database that is away slows the cycles down");
    take("after").await;
    proxy.behave(Behavior::Pass);
    // An attempt that began before may still fail; the loss is told once.
    let mut problems = Vec::new();
    while let Err(error) = handler.flush().await {
        assert!(problems.len() < 100, "{problems:?}");
        problems.push(error.to_string());
    }
    let stored = events(opened.database().as_ref(), &EventFilter::default()).await.unwrap();
    let messages: Vec<&str> = stored.iter().map(|event| event.message.as_str()).collect();
    assert_eq!((messages.first(), messages.last()), (Some(&"before"), Some(&"after")));
    assert!(messages.contains(&"during 1099") && !messages.contains(&"during 50"), "the oldest are lost");
    // All beyond the buffer, but for the one that was being written when it was pushed out.
    let lost = handler.lost();
    assert!((101..=102).contains(&lost), "{lost}");
    assert_eq!(messages.len() as u64 + lost, 1 + 1 + 1100 + 1, "stored or counted");
    let said = format!("{lost} events could not be stored");
    assert_eq!(problems.iter().filter(|problem| problem.contains(&said)).count(), 1, "{problems:?}");
}
