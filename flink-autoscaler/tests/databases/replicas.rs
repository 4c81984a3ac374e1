//! Two replicas on one database, and whatever can happen to them: of what they decide each is realized once at most, and
//! one takes over from the other.

mod chaos;
mod replica;

use autoscaler_core::{AutoScalerStateStore, JobKey};
use servers::fault_proxy::Behavior;
use servers::standin::StandIn;
use servers::waiting::{PATIENCE, until};
use sql_database::{Column, Statement};

use crate::Case;
use crate::backend::Opened;
use replica::{Replica, Settings};

/// Those of a database on a server.
pub(crate) const CASES: &[Case] = &[
    ("replicas::each_decision_is_realized_once_whatever_happens", |database| Box::pin(chaos::rounds(database))),
    ("replicas::one_alone_waits_for_who_was_killed_and_refuses_who_lives", |database| {
        Box::pin(one_alone_waits_or_refuses(database))
    }),
    ("replicas::a_follower_is_not_ready_while_the_database_is_away", |database| {
        Box::pin(a_follower_needs_the_database(database))
    }),
];

/// Those of every database.
pub(crate) const EVERYWHERE: &[Case] =
    &[("replicas::one_leads_and_the_other_takes_over", |database| Box::pin(one_leads(database)))];

/// Who has the lease, and under which token.
async fn leader(opened: &Opened) -> (String, i64) {
    let query = Statement::new("SELECT holder, token FROM t_flink_autoscaler_lease");
    let rows = opened.database().fetch(&query, &[Column::Text, Column::Integer]).await.unwrap();
    rows.first().map_or((String::new(), 0), |row| (row.text(0).unwrap().to_owned(), row.integer(1).unwrap()))
}

/// Readiness and metrics tell who leads; a clean stop hands over, and so does a kill.
async fn one_leads(opened: Opened) {
    let cluster = StandIn::start().await;
    cluster.add_job(1, chaos::OPTIONS, None);
    let settings = Settings { has_http: true, ..Settings::new(&opened.url, &cluster) };
    let first = Replica::start("first", &settings);
    until("the first leads", async || (first.role().await? == "leader").then_some(())).await;
    let second = Replica::start("second", &settings);
    until("the second follows", async || (second.role().await? == "follower").then_some(())).await;
    let ready =
        until("the second is ready", async || second.get("/readyz").await.filter(|text| text.contains("true"))).await;
    assert!(ready.contains("follower"), "{ready}");
    assert!(second.get("/metrics").await.unwrap().contains("flink_autoscaler_leads 0"));
    assert!(first.get("/metrics").await.unwrap().contains("flink_autoscaler_leads 1"));
    until("the job is scaled", async || (cluster.parallelism(1, 2) > 1).then_some(())).await;
    // A clean stop.
    first.end().await;
    until("the second leads", async || (second.role().await? == "leader").then_some(())).await;
    let third = Replica::start("third", &settings);
    until("the third follows", async || (third.role().await? == "follower").then_some(())).await;
    cluster.set_load(1, 5.0);
    until("the job is scaled by the second", async || (cluster.parallelism(1, 2) > 4).then_some(())).await;
    second.kill();
    cluster.set_load(1, 0.6);
    until("the job is scaled by the third", async || (cluster.parallelism(1, 2) == 1).then_some(())).await;
    let log = third.log();
    assert_eq!(log.matches("following: ").count(), 1, "{log}");
    assert!(log.contains("the right to act is ours: jobs are scaled from here"), "{log}");
}

async fn a_follower_needs_the_database(opened: Opened) {
    let cluster = StandIn::start().await;
    // The schema first, with the row that tells who leads.
    opened.store().jobs().await.unwrap();
    let _leads = Replica::start("leads", &Settings::new(&opened.url, &cluster));
    until("one leads", async || leader(&opened).await.0.starts_with("leads").then_some(())).await;
    let (proxy, url) = opened.through_proxy().await;
    let follows = Replica::start("follows", &Settings { has_http: true, ..Settings::new(&url, &cluster) });
    let says = async |text: &str| follows.get("/readyz").await.filter(|answer| answer.contains(text)).map(drop);
    until("the other follows", async || says(r#"{"ready":true,"role":"follower""#).await).await;
    proxy.behave(Behavior::Refuse);
    until("it is not ready", async || says("the state store does not work").await).await;
    proxy.behave(Behavior::Pass);
    until("it is ready again", async || says(r#"{"ready":true,"role":"follower""#).await).await;
}

async fn one_alone_waits_or_refuses(opened: Opened) {
    let cluster = StandIn::start().await;
    cluster.add_job(1, chaos::OPTIONS, None);
    let settings = Settings { is_replica: false, ..Settings::new(&opened.url, &cluster) };
    let first = Replica::start("first", &settings);
    until("the job is scaled", async || (cluster.parallelism(1, 2) > 1).then_some(())).await;
    // Alive: the second one ends by itself, and names it.
    let second = Replica::start("second", &settings);
    let log = second.ended().await;
    assert!(log.contains("another flink-autoscaler is running on the same database"), "{log}");
    assert!(log.contains("holder: first (process"), "{log}");
    // Killed: the next one waits, and goes on.
    first.kill();
    cluster.set_load(1, 5.0);
    let third = Replica::start("third", &settings);
    until("the job is scaled again", async || (cluster.parallelism(1, 2) > 4).then_some(())).await;
    let log = third.log();
    let (holder, _) = leader(&opened).await;
    assert!(holder.starts_with("third"), "{holder}");
    assert!(log.contains("first (process") && log.contains("waiting up to"), "{log}");
    let stored = opened.store().load(&JobKey::new(testkit::job::id(1))).await.unwrap();
    assert!(stored.unreadable.is_empty());
}
