//! Databases that fail: what is asked of them fails in time and tells so, nothing half done stays, and the same store
//! works again when they do.

use std::net::ToSocketAddrs;
use std::time::{Duration, Instant};

use autoscaler_core::{AutoScalerEventHandler, AutoScalerStateStore, Event, JobKey, JobState, PortError};
use handler_jdbc::{EventFilter, JdbcEventHandler, events};
use servers::database::Server;
use servers::fault_proxy::{Behavior, FaultProxy};
use sql_database::migrate::{Migrated, migrate};
use sql_database::{Settings, SqlStateStore, Statement};
use sqlx::Connection;

use crate::Case;
use crate::backend::{Backend, Opened, connect};

/// The faults that a kind of database can have.
pub(crate) fn cases(backend: &Backend) -> Vec<Case> {
    let mut cases: Vec<Case> =
        vec![("faults::a_lock_that_somebody_holds", |database| Box::pin(a_lock_that_somebody_holds(database)))];
    let server: [Case; 5] = [
        ("faults::down_at_start", |database| Box::pin(down_at_start(database))),
        ("faults::cut_in_a_transaction", |database| Box::pin(cut_in_a_transaction(database))),
        ("faults::answers_after_too_long", |database| Box::pin(answers_after_too_long(database))),
        ("faults::no_connection_left", |database| Box::pin(no_connection_left(database))),
        ("faults::events_wait_for_the_database", |database| Box::pin(events_wait(database))),
    ];
    match backend.server() {
        Some(Server::Postgres) => {
            cases.extend(server);
            // MySQL's switch is the whole server's, which other tests are writing to.
            cases.push(("faults::read_only", |database| Box::pin(read_only(database))));
        }
        Some(Server::MySql | Server::MariaDb) => {
            cases.extend(server);
            // A local PostgreSQL of ours trusts everybody.
            cases.push(("faults::a_password_that_is_rejected", |database| Box::pin(a_rejected_password(database))));
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

const TIMEOUT: Duration = Duration::from_millis(700);

fn settings() -> Settings {
    Settings { timeout: TIMEOUT, max_connections: 2, ..Settings::default() }
}

fn store_at(url: &str) -> SqlStateStore {
    SqlStateStore::new(Migrated::new(connect(url, &settings()), true))
}

fn key() -> JobKey {
    JobKey::new("job")
}

/// A state with an override of `parallelism` and a record of its own.
fn state(parallelism: u32) -> JobState {
    let mut state = JobState::default();
    state.parallelism_overrides.edit().insert(testkit::job::id(1), parallelism.to_string());
    state.scaling_tracking.edit().records.insert(testkit::synthetic::SyntheticJob::instant(parallelism), None);
    state
}

/// The parallelism stored; the record must be that of the same save.
async fn parallelism(store: &SqlStateStore) -> Option<String> {
    let state = store.load(&key()).await.unwrap().state;
    let parallelism = state.parallelism_overrides.get().get(&testkit::job::id(1)).cloned()?;
    let at = testkit::synthetic::SyntheticJob::instant(parallelism.parse().unwrap());
    assert!(state.scaling_tracking.get().records.contains_key(&at), "one part is stored without the other");
    Some(parallelism)
}

fn must_pass(error: &PortError) {
    assert!(error.is_transient(), "{error}");
}

/// A proxy in front of the database's server, and the database's URL through it.
async fn through_proxy(opened: &Opened) -> (FaultProxy, String) {
    let (scheme, rest) = opened.url.split_once("://").unwrap();
    let (authority, database) = rest.split_once('/').unwrap();
    let (user, host) = authority.rsplit_once('@').unwrap();
    let upstream = host.to_socket_addrs().unwrap().next().unwrap();
    let proxy = FaultProxy::start(upstream).await;
    let url = format!("{scheme}://{user}@{}/{database}", proxy.address());
    (proxy, url)
}

async fn down_at_start(opened: Opened) {
    let (proxy, url) = through_proxy(&opened).await;
    proxy.behave(Behavior::Refuse);
    let store = store_at(&url);
    must_pass(&store.load(&key()).await.unwrap_err());
    must_pass(&store.save(&key(), &state(1)).await.unwrap_err());
    proxy.behave(Behavior::Pass);
    store.save(&key(), &state(2)).await.unwrap();
    assert_eq!(parallelism(&store).await.as_deref(), Some("2"));
}

async fn a_missing_directory(opened: Opened) {
    let directory = opened.directory().join("later");
    let store = store_at(&format!("sqlite:{}", directory.join("state.db").display()));
    must_pass(&store.load(&key()).await.unwrap_err());
    std::fs::create_dir(&directory).unwrap();
    store.save(&key(), &state(2)).await.unwrap();
    assert_eq!(parallelism(&store).await.as_deref(), Some("2"));
}

async fn cut_in_a_transaction(opened: Opened) {
    let (proxy, url) = through_proxy(&opened).await;
    let (store, direct) = (store_at(&url), opened.store());
    store.save(&key(), &state(1)).await.unwrap();
    let mut failures = 0;
    for bytes in [1, 40, 90, 160, 250, 400, 600] {
        proxy.behave(Behavior::CutAfter(bytes));
        if let Err(error) = store.save(&key(), &state(2)).await {
            must_pass(&error);
            failures += 1;
            // Everything of it or nothing.
            let stored = parallelism(&direct).await;
            assert!(stored.as_deref() == Some("1") || stored.as_deref() == Some("2"), "{stored:?}");
        }
        proxy.behave(Behavior::Pass);
        store.save(&key(), &state(1)).await.unwrap();
    }
    assert!(failures >= 3, "only {failures} saves were cut");
}

/// SQLite has no connection to cut: a transaction that is dropped half-way leaves nothing.
async fn failed_half_way(opened: Opened) {
    let store = opened.store();
    store.save(&key(), &state(1)).await.unwrap();
    let broken = Statement::new("INSERT INTO no_such_table VALUES (1)");
    let delete = Statement::new("DELETE FROM t_flink_autoscaler_state_store");
    assert!(opened.database().execute(&[delete, broken]).await.is_err());
    assert_eq!(parallelism(&store).await.as_deref(), Some("1"));
}

async fn answers_after_too_long(opened: Opened) {
    let (proxy, url) = through_proxy(&opened).await;
    let store = store_at(&url);
    store.save(&key(), &state(1)).await.unwrap();
    proxy.behave(Behavior::Delay(Duration::from_secs(10)));
    let start = Instant::now();
    let error = store.save(&key(), &state(2)).await.unwrap_err();
    must_pass(&error);
    assert!(start.elapsed() < Duration::from_secs(8), "{:?}", start.elapsed());
    assert!(error.to_string().contains("jdbc.timeout") || error.to_string().contains("in time"), "{error}");
    proxy.behave(Behavior::Pass);
    store.save(&key(), &state(3)).await.unwrap();
    assert_eq!(parallelism(&store).await.as_deref(), Some("3"));
}

/// Another transaction holds the row, or SQLite's one lock: the save gives up in time, and works once it is let go.
async fn a_lock_that_somebody_holds(opened: Opened) {
    let store = store_at(&opened.url);
    store.save(&key(), &state(1)).await.unwrap();
    let release = hold_lock(&opened).await;
    let start = Instant::now();
    must_pass(&store.save(&key(), &state(2)).await.unwrap_err());
    assert!(start.elapsed() < Duration::from_secs(8), "{:?}", start.elapsed());
    release.send(()).unwrap();
    saved_in_the_end(&store, 3).await;
}

/// A save may meet the last moments of a fault.
async fn saved_in_the_end(store: &SqlStateStore, value: u32) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while let Err(error) = store.save(&key(), &state(value)).await {
        assert!(Instant::now() < deadline, "it does not recover: {error}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(parallelism(store).await, Some(value.to_string()));
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

/// A user who may have one connection, which somebody has.
async fn no_connection_left(opened: Opened) {
    let name = opened.url.rsplit('/').next().unwrap().to_owned();
    let (create, alter) = if opened.backend.server() == Some(Server::Postgres) {
        (
            vec![
                format!("CREATE ROLE u_{name} LOGIN PASSWORD 'p' CONNECTION LIMIT 0"),
                format!("GRANT ALL ON DATABASE {name} TO u_{name}"),
                format!("GRANT ALL ON ALL TABLES IN SCHEMA public TO u_{name}"),
                format!("GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO u_{name}"),
            ],
            format!("ALTER ROLE u_{name} CONNECTION LIMIT -1"),
        )
    } else {
        (
            vec![
                format!("CREATE USER u_{name} IDENTIFIED BY 'p' WITH MAX_USER_CONNECTIONS 1"),
                format!("GRANT ALL ON {name}.* TO u_{name}"),
            ],
            format!("ALTER USER u_{name} WITH MAX_USER_CONNECTIONS 100"),
        )
    };
    migrate(opened.database().as_ref()).await.unwrap();
    opened.execute(&create.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let (scheme, rest) = opened.url.split_once("://").unwrap();
    let url = format!("{scheme}://u_{name}:p@{}", rest.rsplit_once('@').unwrap().1);
    // MySQL's limit of 1 is used up by this connection, which its pool keeps open; PostgreSQL's is 0.
    let held = connect(&url, &settings());
    let _version = held.version().await;
    let store = store_at(&url);
    must_pass(&store.save(&key(), &state(1)).await.unwrap_err());
    opened.execute(&[&alter]).await;
    saved_in_the_end(&store, 2).await;
    let drop_user =
        if opened.url.starts_with("mysql") { format!("DROP USER u_{name}") } else { format!("DROP OWNED BY u_{name}") };
    opened.execute(&[&drop_user]).await;
}

/// As after a failover to a replica: writing is refused, reading is not.
async fn read_only(opened: Opened) {
    let name = opened.url.rsplit('/').next().unwrap().to_owned();
    let store = opened.store();
    store.save(&key(), &state(1)).await.unwrap();
    opened.execute(&[&format!("ALTER DATABASE {name} SET default_transaction_read_only = on")]).await;
    let replica = store_at(&opened.url);
    assert_eq!(parallelism(&replica).await.as_deref(), Some("1"));
    must_pass(&replica.save(&key(), &state(2)).await.unwrap_err());
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

async fn a_rejected_password(opened: Opened) {
    migrate(opened.database().as_ref()).await.unwrap();
    let name = opened.url.rsplit('/').next().unwrap().to_owned();
    let user = format!("r_{name}");
    opened
        .execute(&[&format!("CREATE USER {user} IDENTIFIED BY 'old'"), &format!("GRANT ALL ON {name}.* TO {user}")])
        .await;
    let (proxy, url) = through_proxy(&opened).await;
    let url = format!("mysql://{user}:old@{}", url.rsplit_once('@').unwrap().1);
    let store = store_at(&url);
    store.save(&key(), &state(1)).await.unwrap();
    // A failover: connections are gone, and the new server has another password.
    opened.execute(&[&format!("ALTER USER {user} IDENTIFIED BY 'new'")]).await;
    proxy.behave(Behavior::Refuse);
    tokio::time::sleep(Duration::from_millis(100)).await;
    proxy.behave(Behavior::Pass);
    let deadline = Instant::now() + Duration::from_secs(10);
    let error = loop {
        match store.save(&key(), &state(2)).await {
            Err(error) if error.to_string().contains("1045") => break error,
            _ => assert!(Instant::now() < deadline, "the password is not rejected"),
        }
    };
    must_pass(&error);
    assert!(!error.to_string().contains("old"), "{error}");
    opened.execute(&[&format!("ALTER USER {user} IDENTIFIED BY 'old'")]).await;
    saved_in_the_end(&store, 3).await;
    opened.execute(&[&format!("DROP USER {user}")]).await;
}

/// SQLite's file may not grow any further, as on a full disk.
async fn a_full_disk(opened: Opened) {
    let store = store_at(&format!("{}?max_page_count=40", opened.url));
    store.save(&key(), &state(1)).await.unwrap();
    let mut large = state(2);
    large.config_overrides.edit().overrides.insert("k".to_owned(), "x".repeat(400_000));
    let error = store.save(&key(), &large).await.unwrap_err();
    must_pass(&error);
    assert!(error.to_string().contains("full"), "{error}");
    assert_eq!(parallelism(&store).await.as_deref(), Some("1"), "nothing of it is stored");
    store.save(&key(), &state(3)).await.unwrap();
    assert_eq!(parallelism(&store).await.as_deref(), Some("3"));
}

async fn events_wait(opened: Opened) {
    let (proxy, url) = through_proxy(&opened).await;
    let handler = JdbcEventHandler::new(Migrated::new(connect(&url, &settings()), true));
    let job = testkit::job::context(1, &[]);
    let tell = async |message: &str| {
        handler.handle(&job, &Event::warning("AutoscalerError", message), chrono::Utc::now()).await.unwrap();
    };
    tell("before").await;
    proxy.behave(Behavior::Refuse);
    tell("during").await;
    let start = Instant::now();
    for number in 0..1100 {
        tell(&format!("during {number}")).await;
    }
    assert!(start.elapsed() < Duration::from_secs(5), "a database that is away slows the cycles down");
    assert_eq!(handler.lost().await, 101, "all beyond the buffer, the oldest first");
    proxy.behave(Behavior::Pass);
    // It is left alone for five seconds after a failure.
    tokio::time::sleep(Duration::from_millis(5200)).await;
    tell("after").await;
    let stored = events(opened.database().as_ref(), &EventFilter::default()).await.unwrap();
    let messages: Vec<&str> = stored.iter().map(|event| event.message.as_str()).collect();
    assert_eq!((messages.first(), messages.last()), (Some(&"before"), Some(&"after")));
    assert_eq!(messages.len(), 1 + 1000 + 1 - 1, "{}", messages.len());
    assert!(messages.contains(&"during 1099") && !messages.contains(&"during"));
}
