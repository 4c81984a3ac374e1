//! Events on their way to a database: a start without one, and an end before they are written.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use handler_jdbc::{EventFilter, events};
use servers::standin::StandIn;
use sql_database::schema::{TABLE, migrate};
use sqlx::Connection;
use tokio::sync::oneshot;

use crate::Case;
use crate::backend::Opened;

pub(crate) const CASES: &[Case] = &[
    ("events::a_database_of_a_newer_build_ends_the_start", |database| Box::pin(newer_build_ends_the_start(database))),
    ("events::those_that_wait_at_sigterm_are_written", |database| Box::pin(those_that_wait_are_written(database))),
];

/// The autoscaler with its state on the heap and its events in the database; killed when dropped.
struct Autoscaler(Child);

impl Autoscaler {
    fn start(opened: &Opened, cluster: &StandIn, log: &Path) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_flink-autoscaler"));
        command.args(["run", "--autoscaler.standalone.state-store.type=memory"]);
        command.arg("--autoscaler.standalone.event-handler.type=logging,jdbc");
        command.arg("--autoscaler.standalone.jdbc.event-handler.ttl=0");
        command.arg(format!("--autoscaler.standalone.jdbc.url={}", opened.url)).env_remove("FLINK_CONF_DIR");
        command.arg(format!("--autoscaler.standalone.fetcher.flink-cluster.port={}", cluster.address().port()));
        command.arg("--autoscaler.standalone.fetcher.flink-cluster.host=127.0.0.1").env_remove("RUST_LOG");
        let log = std::fs::File::create(log).unwrap();
        Self(command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn().unwrap())
    }

    /// Waits until it has ended; its exit code.
    async fn ended(&mut self) -> Option<i32> {
        let start = Instant::now();
        loop {
            if let Some(status) = self.0.try_wait().unwrap() {
                return status.code();
            }
            assert!(start.elapsed() < Duration::from_secs(60), "it does not end");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Drop for Autoscaler {
    fn drop(&mut self) {
        let _ended = self.0.kill();
        let _status = self.0.wait();
    }
}

async fn said(log: &Path, part: &str) {
    let start = Instant::now();
    loop {
        let text = std::fs::read_to_string(log).unwrap();
        if text.contains(part) {
            return;
        }
        assert!(start.elapsed() < Duration::from_secs(60), "it does not say '{part}': {text}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Keeps everybody else from writing events, until told.
async fn hold(opened: &Opened) -> oneshot::Sender<()> {
    let ((release, released), (held, is_held)) = (oneshot::channel(), oneshot::channel());
    let url = opened.url.clone();
    tokio::spawn(async move {
        macro_rules! hold {
            ($connection:ty, $lock:literal) => {{
                let mut connection = <$connection>::connect(&url).await.unwrap();
                sqlx::raw_sql($lock).execute(&mut connection).await.unwrap();
                held.send(()).unwrap();
                let _told = released.await;
                connection.close().await.unwrap();
            }};
        }
        if url.starts_with("postgres") {
            hold!(sqlx::PgConnection, "BEGIN; LOCK TABLE t_flink_autoscaler_event_handler");
        } else if url.starts_with("mysql") {
            hold!(sqlx::MySqlConnection, "LOCK TABLES t_flink_autoscaler_event_handler WRITE");
        } else {
            hold!(sqlx::SqliteConnection, "BEGIN IMMEDIATE");
        }
    });
    is_held.await.unwrap();
    release
}

async fn those_that_wait_are_written(opened: Opened) {
    let (cluster, directory) = (StandIn::start().await, tempfile::tempdir().unwrap());
    let log = directory.path().join("autoscaler.log");
    cluster.add_job(1, &[("job.autoscaler.enabled", "true"), ("job.autoscaler.metrics.window", "soon")], None);
    migrate(opened.database().as_ref()).await.unwrap();
    let release = hold(&opened).await;
    let mut autoscaler = Autoscaler::start(&opened, &cluster, &log);
    said(&log, "AutoScaler Options Validation").await;
    let terminate = Command::new("kill").args(["-TERM", &autoscaler.0.id().to_string()]).status().unwrap();
    assert!(terminate.success());
    said(&log, "SIGTERM").await;
    // Nothing was written before it was asked to end.
    release.send(()).unwrap();
    assert_eq!(autoscaler.ended().await, Some(0));
    let stored = events(opened.database().as_ref(), &EventFilter::default()).await.unwrap();
    let text = std::fs::read_to_string(&log).unwrap();
    assert_eq!(stored.len(), 1, "{stored:?}: {text}");
    assert!(stored[0].message.contains("job.autoscaler.metrics.window"), "{stored:?}");
}

async fn newer_build_ends_the_start(opened: Opened) {
    let (cluster, directory) = (StandIn::start().await, tempfile::tempdir().unwrap());
    let log = directory.path().join("autoscaler.log");
    cluster.add_job(1, &[("job.autoscaler.enabled", "true")], None);
    migrate(opened.database().as_ref()).await.unwrap();
    opened
        .execute(&[&format!(
            "INSERT INTO {TABLE} (version, description, success, checksum, execution_time) VALUES (77, 'later', TRUE, 'x', 0)"
        )])
        .await;
    let mut autoscaler = Autoscaler::start(&opened, &cluster, &log);
    let code = autoscaler.ended().await;
    let text = std::fs::read_to_string(&log).unwrap();
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("its schema is of version 77"), "{text}");
    assert!(cluster.asked().is_empty(), "nothing was begun");
}
