//! A rescale after which the job fails for good is known to whoever scales it next.

use crate::world::World;

const NOTE: &str = "flink-autoscaler/not-again";
/// Subtasks that the slow vertex is given.
const GIVEN: i64 = 3;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_job_failed_of_is_not_asked_for_by_a_process_that_is_started_anew() {
    let most = GIVEN.to_string();
    let entries = [
        ("job.autoscaler.vertex.max-parallelism", most.as_str()),
        ("job.autoscaler.metrics.window", "6 s"),
        ("job.autoscaler.stabilization.interval", "2 s"),
    ];
    let mut world = World::fragile("1.20", &entries).await;
    let deployment = world.deployment().await;
    let kubeconfig = world.kubeconfig().await;
    let mut program = world.start(kubeconfig.path());
    // One that fails before the operator is done with rescaling it is redeployed by the operator.
    world.scaled(&mut program, "load x4", GIVEN..=GIVEN).await;
    let (slow, generation) = (world.job.snapshot().await.unwrap(), world.resource().await.metadata.generation);
    world.lose_task_manager();
    let is_told = async |said: &str| said.contains("failed or was rolled back after it was rescaled").then_some(());
    program.found("the failure", is_told).await;
    world.job_is("FAILED").await;
    let note = async |_: &str| world.resource().await.metadata.annotations?.get(NOTE).cloned();
    let note = program.found("the note", note).await;
    drop(program);
    assert!(note.contains(&format!("{}:{GIVEN}", slow.slow().unwrap().id)), "{note}");

    world.redeploy().await;
    world.job_is("RUNNING").await;
    let mut program = world.start(kubeconfig.path());
    let is_told = async |said: &str| said.contains(&format!("as its annotation {NOTE} says")).then_some(());
    program.found("it is not asked for", is_told).await;
    assert_eq!(world.job.settled().await.unwrap().slow_subtasks(), Some(1));
    assert_eq!((world.resource().await.metadata.generation, world.deployment().await), (generation, deployment));
    let told = world.told_by_operator("SpecChanged").await;
    assert!(!told.is_empty() && told.iter().all(|change| change.contains("SCALE change")), "{told:?}");
}
