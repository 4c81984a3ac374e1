//! The contract of [`JobListFetcher`], as a suite. A fetcher runs it from a test without harness, against a [`World`] in
//! which it works: `testkit::suite::run(testkit::fetcher::trials("my fetcher", || async { … }))`.

use std::fmt::Debug;
use std::future::Future;
use std::sync::Arc;

use async_trait::async_trait;
use autoscaler_core::{JobConfiguration, JobKey, JobListFetcher, ListedJob};
use libtest_mimic::Trial;

use crate::job::{id, listed};
use crate::suite::{self, Case};

/// A cluster whose jobs a fetcher lists, by number; they are named as [`listed`] names them.
#[async_trait]
pub trait World: Debug + Send + Sync {
    /// The fetcher.
    fn fetcher(&self) -> Arc<dyn JobListFetcher>;

    /// Adds a running job with options of its own, or puts other options in the place of those it has.
    async fn add_job(&self, job: u32, options: &[(&str, &str)]);

    /// Takes a job away: the cluster knows nothing of it.
    async fn remove_job(&self, job: u32);

    /// Has a job end for good. The cluster still knows of it.
    async fn end_job(&self, job: u32);

    /// Has the entry of a job be one that can't be used; which job it is can still be read.
    async fn break_entry(&self, job: u32);

    /// Has everything fail that is asked of a job itself.
    async fn break_job(&self, job: u32);
}

/// The cases, by the behavior they hold a fetcher to. Each gets a world of its own, without jobs.
const CASES: &[Case<dyn World>] = &[
    ("jobs_are_listed", |world| Box::pin(jobs_are_listed(world))),
    ("a_job_that_ended_is_named", |world| Box::pin(a_job_that_ended_is_named(world))),
    ("an_entry_that_cannot_be_used_is_unknown", |world| Box::pin(an_unusable_entry_is_unknown(world))),
    ("a_broken_job_does_not_hold_up_the_list", |world| Box::pin(a_broken_job_does_not_hold_up_the_list(world))),
    ("a_configuration_is_the_jobs_own", |world| Box::pin(a_configuration_is_the_jobs_own(world))),
    ("equal_configurations_are_one", |world| Box::pin(equal_configurations_are_one(world))),
    ("a_configuration_that_fails_is_an_error", |world| Box::pin(a_failing_configuration_is_an_error(world))),
    ("forgetting_does_no_harm", |world| Box::pin(forgetting_does_no_harm(world))),
];

/// The suite as trials. `new_world` makes a world without jobs.
pub fn trials<F, S>(name: &str, new_world: F) -> Vec<Trial>
where
    F: Fn() -> S + Clone + Send + 'static,
    S: Future<Output = Arc<dyn World>>,
{
    suite::trials(format!("{name}::fetcher"), CASES, new_world)
}

/// The jobs listed, in order of key; nothing is unknown.
async fn jobs(world: &Arc<dyn World>) -> Vec<ListedJob> {
    let mut list = world.fetcher().list().await.unwrap();
    assert_eq!(list.unknown, []);
    list.jobs.sort_by(|a, b| a.key.cmp(&b.key));
    list.jobs
}

async fn configuration(world: &Arc<dyn World>, job: u32) -> Arc<JobConfiguration> {
    world.fetcher().configuration(&listed(job)).await.unwrap()
}

fn text<'a>(configuration: &'a Arc<JobConfiguration>, key: &str) -> Option<&'a str> {
    configuration.entries().iter().find(|(name, _)| name == key).map(|(_, text)| text.as_str())
}

async fn jobs_are_listed(world: Arc<dyn World>) {
    assert_eq!(jobs(&world).await, []);
    world.add_job(2, &[]).await;
    world.add_job(1, &[]).await;
    assert_eq!(jobs(&world).await, [listed(1), listed(2)]);
    world.remove_job(2).await;
    let list = world.fetcher().list().await.unwrap();
    assert_eq!((list.jobs, list.ended), (vec![listed(1)], Vec::new()));
}

async fn a_job_that_ended_is_named(world: Arc<dyn World>) {
    world.add_job(1, &[]).await;
    world.add_job(2, &[]).await;
    world.end_job(2).await;
    let list = world.fetcher().list().await.unwrap();
    assert_eq!((list.jobs, list.ended), (vec![listed(1)], vec![listed(2).key]));
}

async fn an_unusable_entry_is_unknown(world: Arc<dyn World>) {
    world.add_job(1, &[]).await;
    world.add_job(2, &[]).await;
    world.break_entry(2).await;
    let list = world.fetcher().list().await.unwrap();
    assert_eq!((&list.jobs, &list.ended), (&vec![listed(1)], &Vec::new()));
    let unknown: Vec<_> = list.unknown.iter().map(|entry| entry.key.clone()).collect();
    assert_eq!(unknown, [Some(listed(2).key)]);
    assert!(!list.unknown[0].problem.is_empty() && list.is_whole());
}

async fn a_broken_job_does_not_hold_up_the_list(world: Arc<dyn World>) {
    world.add_job(1, &[]).await;
    world.add_job(2, &[]).await;
    world.break_job(2).await;
    assert_eq!(jobs(&world).await, [listed(1), listed(2)]);
}

async fn a_configuration_is_the_jobs_own(world: Arc<dyn World>) {
    world.add_job(1, &[("job.autoscaler.enabled", "true"), ("a", "1")]).await;
    world.add_job(2, &[("a", "2")]).await;
    let (first, second) = (configuration(&world, 1).await, configuration(&world, 2).await);
    assert_eq!((text(&first, "a"), text(&first, "job.autoscaler.enabled")), (Some("1"), Some("true")));
    assert_eq!((text(&second, "a"), text(&second, "job.autoscaler.enabled")), (Some("2"), None));
    world.add_job(1, &[("a", "3")]).await;
    let changed = configuration(&world, 1).await;
    assert_eq!((text(&changed, "a"), text(&changed, "job.autoscaler.enabled")), (Some("3"), None));
    assert_ne!(first.fingerprint(), changed.fingerprint());
}

async fn equal_configurations_are_one(world: Arc<dyn World>) {
    for job in 1..=3 {
        world.add_job(job, &[("a", if job == 3 { "2" } else { "1" })]).await;
    }
    let first = configuration(&world, 1).await;
    assert!(Arc::ptr_eq(&first, &configuration(&world, 1).await), "of one job");
    assert!(Arc::ptr_eq(&first, &configuration(&world, 2).await), "of two jobs");
    assert!(!Arc::ptr_eq(&first, &configuration(&world, 3).await));
}

async fn a_failing_configuration_is_an_error(world: Arc<dyn World>) {
    world.add_job(1, &[("a", "1")]).await;
    world.add_job(2, &[("a", "1")]).await;
    configuration(&world, 2).await;
    world.break_job(2).await;
    assert!(world.fetcher().configuration(&listed(2)).await.is_err(), "what it was before does not count");
    assert_eq!(text(&configuration(&world, 1).await, "a"), Some("1"));
}

async fn forgetting_does_no_harm(world: Arc<dyn World>) {
    world.add_job(1, &[("a", "1")]).await;
    let before = configuration(&world, 1).await;
    world.fetcher().forget(&JobKey::new("nobody"));
    world.fetcher().forget(&JobKey::new(id(1)));
    assert_eq!(configuration(&world, 1).await, before);
}
