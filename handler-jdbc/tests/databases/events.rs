//! Events: the handler's contract, and what only a database can do.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use autoscaler_core::time::{Instant, from_epoch_millis};
use autoscaler_core::{AutoScalerEventHandler, Event};
use handler_jdbc::{EventFilter, EventOptions, JdbcEventHandler, StoredEvent, events, expire};
use sql_database::schema::{TABLE, migrate};
use sql_database::{Database, DatabaseOptions, Statement};
use testkit::handler::{EventLog, Keeps, KeptEvent, Repeats};

use crate::Case;
use crate::backend::{Backend, Opened};

pub(crate) const CASES: &[Case] = &[
    ("events::old_ones_are_deleted", |database| Box::pin(old_ones_are_deleted(database))),
    ("events::old_ones_go_by_themselves", |database| Box::pin(old_ones_go_by_themselves(database))),
    ("events::they_are_written_while_old_ones_are_deleted", |database| {
        Box::pin(written_while_old_ones_are_deleted(database))
    }),
    ("events::old_ones_behind_a_wrong_clock_s_are_deleted", |database| {
        Box::pin(old_ones_behind_a_wrong_clock_s_are_deleted(database))
    }),
    ("events::they_are_found_by_job_time_and_reason", |database| Box::pin(found_by_job_time_and_reason(database))),
];

struct DatabaseLog(Database);

#[async_trait]
impl EventLog for DatabaseLog {
    fn handler(&self) -> Arc<dyn AutoScalerEventHandler> {
        Arc::new(JdbcEventHandler::new(self.0.clone(), EventOptions::default()))
    }

    async fn kept(&self) -> Vec<KeptEvent> {
        let mut stored = events(self.0.ready().await.unwrap(), &EventFilter::default()).await.unwrap();
        stored.sort_by_key(|event| event.id);
        let kept = |event: StoredEvent| KeptEvent {
            job: event.job,
            reason: event.reason,
            message: event.message,
            count: event.count,
        };
        stored.into_iter().map(kept).collect()
    }

    async fn unusable(&self) -> Arc<dyn AutoScalerEventHandler> {
        let database = self.0.ready().await.unwrap();
        let newer = format!(
            "INSERT INTO {TABLE} (version, description, success, checksum, execution_time) VALUES (77, 'later', TRUE, 'x', 0)"
        );
        database.execute(vec![Statement::new(newer)]).await.unwrap();
        let opened_later = Database::new(Arc::clone(self.0.as_it_is()), DatabaseOptions::default());
        Arc::new(JdbcEventHandler::new(opened_later, EventOptions::default()))
    }
}

/// What of events is kept.
pub(crate) const KEPT: Keeps = Keeps { message_bytes: None, repeats: Repeats::PerInterval };

/// A log for the handler's contract.
pub(crate) async fn log(backend: &'static Backend) -> (Arc<dyn EventLog>, Opened) {
    let opened = backend.open().await;
    (Arc::new(DatabaseLog(opened.migrated())), opened)
}

async fn old_ones_are_deleted(opened: Opened) {
    let database = opened.database();
    let handler = JdbcEventHandler::new(opened.migrated(), EventOptions::default());
    let job = testkit::job::context(1, &[]);
    let at = |hours: i64| from_epoch_millis(1_700_000_000_000 + hours * 3_600_000).unwrap();
    // More than one batch of old events.
    for number in 0..1203 {
        let event = Event::warning("AutoscalerError", format!("old {number}"));
        handler.handle(&job, &event, at(0)).await.unwrap();
        if number % 400 == 0 {
            handler.flush().await.unwrap();
        }
    }
    handler.handle(&job, &Event::warning("AutoscalerError", "young"), at(47)).await.unwrap();
    handler.flush().await.unwrap();
    let deleted = expire(database.as_ref(), Duration::from_secs(24 * 3600), at(48)).await.unwrap();
    assert_eq!(deleted, 1203);
    let left = events(database.as_ref(), &EventFilter::default()).await.unwrap();
    assert_eq!(left.iter().map(|event| event.message.as_str()).collect::<Vec<_>>(), ["young"]);
    assert_eq!(expire(database.as_ref(), Duration::from_secs(24 * 3600), at(48)).await.unwrap(), 0);
}

/// The handler's own task deletes them, from its start on.
async fn old_ones_go_by_themselves(opened: Opened) {
    let ttl = Some(Duration::from_secs(24 * 3600));
    let old = JdbcEventHandler::new(opened.migrated(), EventOptions::default());
    let job = testkit::job::context(1, &[]);
    old.handle(&job, &Event::warning("X", "old"), from_epoch_millis(1_700_000_000_000).unwrap()).await.unwrap();
    old.handle(&job, &Event::warning("X", "young"), chrono::Utc::now()).await.unwrap();
    old.flush().await.unwrap();
    let _handler = JdbcEventHandler::new(opened.migrated(), EventOptions::default().with_ttl(ttl));
    let database = opened.database();
    loop {
        let left = events(database.as_ref(), &EventFilter::default()).await.unwrap();
        let left: Vec<&str> = left.iter().map(|event| event.message.as_str()).collect();
        if left == ["young"] {
            break;
        }
        assert_eq!(left, ["old", "young"]);
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Puts events of an instant into the table, many at once.
async fn put(opened: &Opened, message: &str, number: usize, at: Instant) {
    const COLUMNS: &str = "create_time, update_time, job_key, reason, event_type, message, event_count, event_key";
    let rows = vec!["(?, ?, 'job', 'X', 'Warning', ?, 1, 'key')"; number].join(", ");
    let insert = Statement::new(format!("INSERT INTO t_flink_autoscaler_event_handler ({COLUMNS}) VALUES {rows}"));
    let insert = (0..number).fold(insert, |insert, _| insert.with(at).with(at).with(message));
    opened.database().execute(vec![insert]).await.unwrap();
}

async fn left(opened: &Opened) -> Vec<String> {
    let left = events(opened.database().as_ref(), &EventFilter::default()).await.unwrap();
    left.into_iter().map(|event| event.message).collect()
}

/// Of millions of old events the first batch is followed by what happens now, not by the last batch.
async fn written_while_old_ones_are_deleted(opened: Opened) {
    migrate(opened.database().as_ref()).await.unwrap();
    for _ in 0..20 {
        put(&opened, "old", 500, from_epoch_millis(1_700_000_000_000).unwrap()).await;
    }
    let options = EventOptions::default().with_ttl(Some(Duration::from_secs(24 * 3600)));
    let handler = JdbcEventHandler::new(opened.migrated(), options);
    let job = testkit::job::context(1, &[]);
    // The first batch is gone: deleting has begun.
    while left(&opened).await.len() == 10_000 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    handler.handle(&job, &Event::warning("X", "new"), chrono::Utc::now()).await.unwrap();
    handler.flush().await.unwrap();
    let messages = left(&opened).await;
    assert!(messages.contains(&"old".to_owned()), "all old ones were deleted first");
    assert!(messages.contains(&"new".to_owned()), "it is not written");
    while left(&opened).await != ["new"] {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn old_ones_behind_a_wrong_clock_s_are_deleted(opened: Opened) {
    migrate(opened.database().as_ref()).await.unwrap();
    let at = |hours: i64| from_epoch_millis(1_700_000_000_000 + hours * 3_600_000).unwrap();
    for (message, number, hours) in
        [("old", 3, 0), ("future", 700, 5000), ("old", 600, 1), ("future", 1, 5000), ("old", 1, 2), ("young", 1, 47)]
    {
        put(&opened, message, number, at(hours)).await;
    }
    let (database, ttl) = (opened.database(), Duration::from_secs(24 * 3600));
    assert_eq!(expire(database.as_ref(), ttl, at(48)).await.unwrap(), 604);
    let mut messages = left(&opened).await;
    messages.sort_unstable();
    messages.dedup();
    assert_eq!(messages, ["future", "young"]);
    assert_eq!(expire(database.as_ref(), ttl, at(48)).await.unwrap(), 0);
}

async fn found_by_job_time_and_reason(opened: Opened) {
    let database = opened.database();
    let handler = JdbcEventHandler::new(opened.migrated(), EventOptions::default());
    let at = |seconds: i64| from_epoch_millis(1_700_000_000_000 + seconds * 1000).unwrap();
    for (job, reason, seconds) in [(1, "A", 0), (2, "A", 10), (1, "B", 20), (1, "A", 30)] {
        let event = Event::warning(reason, format!("{job}{reason}{seconds}"));
        handler.handle(&testkit::job::context(job, &[]), &event, at(seconds)).await.unwrap();
    }
    handler.flush().await.unwrap();
    let found = async |filter: EventFilter| {
        let found = events(database.as_ref(), &filter).await.unwrap();
        found.into_iter().map(|event| event.message).collect::<Vec<_>>()
    };
    let job = testkit::job::id(1);
    assert_eq!(found(EventFilter::default()).await, ["1A0", "2A10", "1B20", "1A30"]);
    assert_eq!(found(EventFilter::default().of_job(&job)).await, ["1A0", "1B20", "1A30"]);
    assert_eq!(found(EventFilter::default().with_reason("A")).await, ["1A0", "2A10", "1A30"]);
    assert_eq!(found(EventFilter::default().since(at(20))).await, ["1B20", "1A30"]);
    assert_eq!(found(EventFilter::default().of_job(&job).latest(1)).await, ["1A30"]);
}
