//! The contract of [`ScalingRealizer`], as a suite. A realizer runs it from a test without harness, against a [`World`] in
//! which it works: `testkit::suite::run(testkit::realizer::trials("my realizer", || async { … }))`.

use std::fmt::Debug;
use std::future::Future;
use std::sync::Arc;

use async_trait::async_trait;
use autoscaler_core::{Event, EventType, JobKey, JobStatus, PortError, Realization, ScalingRealizer};
use libtest_mimic::Trial;

use crate::job::{context, id};
use crate::suite::{self, Case};

/// A cluster in which a realizer works, with jobs by number.
#[async_trait]
pub trait World: Debug + Send + Sync {
    /// The realizer.
    fn realizer(&self) -> Arc<dyn ScalingRealizer>;

    /// Adds a running job of vertices 1 and 2, one subtask each.
    async fn add_job(&self, job: u32);

    /// The subtasks that a vertex is to have by now.
    async fn parallelism(&self, job: u32, vertex: u32) -> i32;

    /// How often a job was changed.
    async fn changes(&self, job: u32) -> usize;

    /// Has every change of a job refused, for a reason that stays until somebody changes something; or no longer.
    async fn refuse(&self, job: u32, refuse: bool);

    /// Has every call about a job fail, in a way that may pass; or no longer.
    async fn fail(&self, job: u32, fail: bool);
}

/// The cases, by the behavior they hold a realizer to. Each gets a world of its own, without jobs.
const CASES: &[Case<dyn World>] = &[
    ("what_differs_is_changed_and_reported", |world| Box::pin(what_differs_is_changed_and_reported(world))),
    ("what_fits_is_left_alone", |world| Box::pin(what_fits_is_left_alone(world))),
    ("nothing_asked_for_is_nothing_done", |world| Box::pin(nothing_asked_for_is_nothing_done(world))),
    ("vertices_that_are_not_there_change_nothing", |world| Box::pin(unknown_vertices_change_nothing(world))),
    ("jobs_do_not_touch_each_other", |world| Box::pin(jobs_do_not_touch_each_other(world))),
    ("a_job_that_does_not_run_is_left_alone", |world| Box::pin(a_job_that_does_not_run_is_left_alone(world))),
    ("a_refusal_is_reported_once", |world| Box::pin(a_refusal_is_reported_once(world))),
    ("a_failure_that_may_pass_is_an_error", |world| Box::pin(a_failure_that_may_pass_is_an_error(world))),
    ("a_job_that_is_forgotten_begins_anew", |world| Box::pin(a_job_that_is_forgotten_begins_anew(world))),
];

/// The suite as trials. `new_world` makes a world without jobs.
pub fn trials<F, S>(name: &str, new_world: F) -> Vec<Trial>
where
    F: Fn() -> S + Clone + Send + 'static,
    S: Future<Output = Arc<dyn World>>,
{
    suite::trials(format!("{name}::realizer"), CASES, new_world)
}

fn overrides(overrides: &[(u32, i32)]) -> Realization {
    let overrides = overrides.iter().map(|(vertex, parallelism)| (id(*vertex).parse().unwrap(), *parallelism));
    let mut realization = Realization::default();
    realization.parallelism = Some(overrides.collect());
    realization
}

async fn realize(world: &Arc<dyn World>, job: u32, asked: &[(u32, i32)]) -> Result<Vec<Event>, PortError> {
    world.realizer().realize(&context(job, &[]), &overrides(asked)).await
}

/// How serious the events of a realization are.
async fn events(world: &Arc<dyn World>, job: u32, asked: &[(u32, i32)]) -> Vec<EventType> {
    realize(world, job, asked).await.unwrap().iter().map(|event| event.event_type).collect()
}

async fn what_differs_is_changed_and_reported(world: Arc<dyn World>) {
    world.add_job(1).await;
    assert_eq!(events(&world, 1, &[(1, 1), (2, 3)]).await, [EventType::Normal]);
    assert_eq!((world.parallelism(1, 1).await, world.parallelism(1, 2).await), (1, 3));
    assert_eq!(events(&world, 1, &[(1, 2), (2, 1)]).await, [EventType::Normal]);
    assert_eq!((world.parallelism(1, 1).await, world.parallelism(1, 2).await), (2, 1));
}

async fn what_fits_is_left_alone(world: Arc<dyn World>) {
    world.add_job(1).await;
    events(&world, 1, &[(2, 3)]).await;
    assert_eq!(world.changes(1).await, 1);
    for _ in 0..3 {
        assert_eq!(events(&world, 1, &[(2, 3)]).await, []);
    }
    assert_eq!(world.changes(1).await, 1);
}

async fn nothing_asked_for_is_nothing_done(world: Arc<dyn World>) {
    world.add_job(1).await;
    let events = world.realizer().realize(&context(1, &[]), &Realization::default()).await.unwrap();
    assert_eq!((events, world.changes(1).await), (Vec::new(), 0));
}

async fn unknown_vertices_change_nothing(world: Arc<dyn World>) {
    world.add_job(1).await;
    assert_eq!(events(&world, 1, &[(9, 3)]).await, []);
    assert_eq!(world.changes(1).await, 0);
    events(&world, 1, &[(9, 3), (2, 2)]).await;
    assert_eq!(world.parallelism(1, 2).await, 2);
}

async fn jobs_do_not_touch_each_other(world: Arc<dyn World>) {
    world.add_job(1).await;
    world.add_job(2).await;
    events(&world, 1, &[(2, 3)]).await;
    assert_eq!((world.parallelism(1, 2).await, world.parallelism(2, 2).await), (3, 1));
    assert_eq!((world.changes(1).await, world.changes(2).await), (1, 0));
}

async fn a_job_that_does_not_run_is_left_alone(world: Arc<dyn World>) {
    world.add_job(1).await;
    let mut waiting = context(1, &[]);
    waiting.status = JobStatus::Restarting;
    let events = world.realizer().realize(&waiting, &overrides(&[(2, 3)])).await.unwrap();
    assert_eq!((events, world.changes(1).await), (Vec::new(), 0));
}

async fn a_refusal_is_reported_once(world: Arc<dyn World>) {
    world.add_job(1).await;
    world.refuse(1, true).await;
    assert_eq!(events(&world, 1, &[(2, 3)]).await, [EventType::Warning]);
    for _ in 0..3 {
        assert_eq!(events(&world, 1, &[(2, 3)]).await, []);
    }
    world.refuse(1, false).await;
    assert_eq!(events(&world, 1, &[(2, 3)]).await, [EventType::Normal]);
    world.refuse(1, true).await;
    assert_eq!(events(&world, 1, &[(2, 4)]).await, [EventType::Warning], "a refusal after a success is a new one");
    assert_eq!(world.parallelism(1, 2).await, 3);
}

async fn a_failure_that_may_pass_is_an_error(world: Arc<dyn World>) {
    world.add_job(1).await;
    world.fail(1, true).await;
    for _ in 0..2 {
        let error = realize(&world, 1, &[(2, 3)]).await.unwrap_err();
        assert!(error.is_transient(), "{}", error.chain());
    }
    world.fail(1, false).await;
    assert_eq!(events(&world, 1, &[(2, 3)]).await, [EventType::Normal]);
}

async fn a_job_that_is_forgotten_begins_anew(world: Arc<dyn World>) {
    world.realizer().forget(&JobKey::new("nobody"));
    world.add_job(1).await;
    world.add_job(2).await;
    world.refuse(1, true).await;
    world.refuse(2, true).await;
    events(&world, 1, &[(2, 3)]).await;
    events(&world, 2, &[(2, 3)]).await;
    world.realizer().forget(&JobKey::new(id(1)));
    assert_eq!(events(&world, 1, &[(2, 3)]).await, [EventType::Warning]);
    assert_eq!(events(&world, 2, &[(2, 3)]).await, []);
}
