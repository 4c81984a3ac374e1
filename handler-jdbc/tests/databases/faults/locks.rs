//! Rows that somebody else has locked: a job that waits for its own is no burden to the server, nor to anybody else.

use std::sync::Arc;
use std::time::{Duration, Instant};

use autoscaler_core::{Acquired, AutoScalerStateStore, Fence, HeldLease, Lease, LeaseTerms};
use servers::database::Server;
use sql_database::schema::{TABLE, migrate};
use sql_database::{Column, ConnectSettings, Statement};
use sqlx::Connection;

use super::{TIMEOUT, hold_lock, key, must_pass, state, store_at};
use crate::Case;
use crate::backend::{Opened, connect};

pub(super) const CASES: &[Case] = &[
    ("faults::a_save_that_was_given_up_on_waits_no_more", |database| {
        Box::pin(a_save_that_was_given_up_on_waits_no_more(database))
    }),
    ("faults::a_job_that_waits_holds_up_no_renewal", |database| {
        Box::pin(a_job_that_waits_holds_up_no_renewal(database))
    }),
];

pub(super) const POSTGRES_CASES: &[Case] =
    &[("faults::a_migration_waits_for_longer", |database| Box::pin(a_migration_waits_for_longer(database)))];

/// Else sessions pile up that nobody is at the other end of, and what they have locked themselves stays locked.
async fn a_save_that_was_given_up_on_waits_no_more(opened: Opened) {
    let store = store_at(&opened.url);
    store.save(&key(), &state(1), &Fence::open()).await.unwrap();
    let lease = opened.lease();
    let first = taken(&lease, "first", Duration::from_secs(1)).await;
    let release = hold_lock(&opened).await;
    let fence = Fence::open().under(first.token());
    must_pass(&store.save(&key(), &state(2), &fence).await.unwrap_err());
    let given_up = Instant::now();
    while waiting(&opened).await > 0 {
        assert!(given_up.elapsed() < TIMEOUT * 2, "the server still waits for the lock");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    taken(&lease, "second", Duration::from_secs(600)).await;
    release.send(()).unwrap();
}

/// One job's rows are locked; the others must not lose the lease for that.
async fn a_job_that_waits_holds_up_no_renewal(opened: Opened) {
    let store = store_at(&opened.url);
    store.save(&key(), &state(1), &Fence::open()).await.unwrap();
    let held = taken(&opened.lease(), "first", Duration::from_secs(600)).await;
    let (fence, writer) = (Fence::open().under(held.token()), store.clone());
    for write in ["save", "remove"] {
        let release = hold_lock(&opened).await;
        let writer = writer.clone();
        let writing = tokio::spawn(async move {
            match write {
                "save" => writer.save(&key(), &state(2), &fence).await.map(drop),
                _ => writer.remove(&key(), &fence).await,
            }
        });
        while waiting(&opened).await == 0 {
            assert!(!writing.is_finished(), "{write}: {:?}", writing.await);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        held.renew().await.unwrap();
        assert!(!writing.is_finished(), "the renewal has waited for the {write}");
        release.send(()).unwrap();
        writing.await.unwrap().unwrap();
    }
}

/// Migrating may take longer than any other call, and so may waiting for a lock then.
async fn a_migration_waits_for_longer(opened: Opened) {
    migrate(opened.database().as_ref()).await.unwrap();
    opened.execute(&[&format!("DELETE FROM {TABLE} WHERE version = 1")]).await;
    let mut holder = sqlx::PgConnection::connect(&opened.url).await.unwrap();
    let lock = "BEGIN; LOCK TABLE t_flink_autoscaler_event_handler IN ROW EXCLUSIVE MODE";
    sqlx::raw_sql(lock).execute(&mut holder).await.unwrap();
    let settings = ConnectSettings::default().with_timeout(Duration::from_secs(2));
    let database = connect(&opened.url, &settings);
    let migrating = tokio::spawn(async move { migrate(database.as_ref()).await });
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert!(waiting(&opened).await > 0, "nothing waits for the lock");
    holder.close().await.unwrap();
    migrating.await.unwrap().unwrap();
}

/// Takes the lease as soon as it is free.
async fn taken(lease: &Arc<dyn Lease>, holder: &str, duration: Duration) -> Box<dyn HeldLease> {
    let deadline = Instant::now() + TIMEOUT * 6;
    loop {
        match lease.acquire(&LeaseTerms::new(holder, duration)).await {
            Ok(Acquired::Held(held)) => return held,
            other => assert!(Instant::now() < deadline, "it is not free: {other:?}"),
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// How many sessions wait for a lock in this database.
async fn waiting(opened: &Opened) -> i64 {
    let query = if opened.backend.server() == Some(Server::Postgres) {
        "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = CURRENT_DATABASE() AND wait_event_type = 'Lock'"
    } else {
        "SELECT COUNT(*) FROM information_schema.innodb_trx JOIN information_schema.processlist ON id = trx_mysql_thread_id \
         WHERE db = DATABASE() AND trx_state = 'LOCK WAIT'"
    };
    let rows = opened.database().fetch(&Statement::new(query), &[Column::Integer]).await.unwrap();
    rows[0].integer(0).unwrap()
}
