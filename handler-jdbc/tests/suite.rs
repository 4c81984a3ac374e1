//! The contract of an event handler, held by this one over SQLite.

#![expect(clippy::unwrap_used, reason = "a test")]

use std::sync::Arc;

use async_trait::async_trait;
use autoscaler_core::AutoScalerEventHandler;
use handler_jdbc::{EventFilter, EventOptions, JdbcEventHandler, events};
use libtest_mimic::Arguments;
use sql_database::schema::TABLE;
use sql_database::{ConnectSettings, Database, DatabaseOptions, Statement};
use store_sqlite::SqliteStateStore;
use testkit::handler::{EventLog, Keeps, KeptEvent, Repeats, trials};

struct Log(Database);

#[async_trait]
impl EventLog for Log {
    fn handler(&self) -> Arc<dyn AutoScalerEventHandler> {
        Arc::new(JdbcEventHandler::new(self.0.clone(), EventOptions::default()))
    }

    async fn kept(&self) -> Vec<KeptEvent> {
        let mut stored = events(self.0.ready().await.unwrap(), &EventFilter::default()).await.unwrap();
        stored.sort_by_key(|event| event.id);
        let kept = |event: handler_jdbc::StoredEvent| KeptEvent {
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

fn main() {
    let trials = trials("sqlite", Keeps::whole(Repeats::PerInterval), || async {
        let directory = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", directory.path().join("events.db").display());
        let database = SqliteStateStore::open(&url, &ConnectSettings::default()).unwrap().database();
        (Arc::new(Log(database)) as Arc<dyn EventLog>, directory)
    });
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}
