//! From the operator's own autoscaler, as it scales a job, to ours and back. On Flink 1.19: with later classes this operator's own
//! autoscaler does not run.

use std::time::{Duration, Instant};

use servers::flink::QUICK_OPTIONS;

use crate::support::OVERRIDES;
use crate::world::{FEW, LOAD, PEAK, World};

impl World {
    /// Waits until the operator's own autoscaler has given the slow vertex as many subtasks, in which the spec has no part.
    async fn scaled_by_the_operators_own(&self, what: &str, right: std::ops::RangeInclusive<i64>) -> i64 {
        let begun = Instant::now();
        loop {
            if let Some(subtasks) = self.at_rest(&right).await {
                println!("{what}: {subtasks} subtasks after {:?}", begun.elapsed());
                return subtasks;
            }
            assert!(begun.elapsed() < Duration::from_secs(300), "not within five minutes: {what}");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    /// Hands the job over as soon as it is at rest.
    pub(super) async fn hand_over(&self, how: &str) {
        let begun = Instant::now();
        loop {
            let (is_done, said) = self.handed_over(how);
            if is_done {
                println!("{how} after {:?}: {said}", begun.elapsed());
                return;
            }
            assert!(
                said.contains("a change of it is under way") && begun.elapsed() < Duration::from_secs(120),
                "{said}"
            );
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_goes_from_the_operators_own_autoscaler_to_ours_and_back_without_a_restart() {
    let of_job = QUICK_OPTIONS.iter().filter(|(key, _)| key.starts_with("job."));
    let mut entries: Vec<_> = of_job.copied().collect();
    entries.push(("job.autoscaler.enabled", "true"));
    let mut world = World::new("1.19", &entries).await;
    let identity = world.identity().await;
    world.curve.step(PEAK).unwrap();
    world.scaled_by_the_operators_own("load x4, by the operator's own", 4..=24).await;
    let in_spec =
        async |world: &World| world.resource().await.data["spec"]["flinkConfiguration"].get(OVERRIDES).cloned();
    assert_eq!(in_spec(&world).await, None);

    // Ours beside it lets go.
    let kubeconfig = world.kubeconfig().await;
    let mut program = world.start(kubeconfig.path());
    let is_told = async |said: &str| said.contains("AutoscalerConflict").then_some(());
    program.found("the conflict", is_told).await;
    drop(program);

    world.hand_over("takeover").await;
    assert!(in_spec(&world).await.is_some(), "the overrides that are deployed are in the spec");
    let mut program = world.start(kubeconfig.path());
    world.curve.step(LOAD).unwrap();
    world.scaled(&mut program, "load back, by ours", FEW).await;
    drop(program);
    assert_eq!(world.identity().await, identity);

    world.hand_over("give-back").await;
    world.curve.step(PEAK).unwrap();
    world.scaled_by_the_operators_own("load x4 again, by the operator's own", 4..=24).await;
    assert_eq!(world.identity().await, identity);
    let failures = world.job.failures().await.unwrap();
    assert!(failures.is_empty(), "the job failed: {failures:?}");
    let said = world.operator.said();
    assert!(!said.contains("Upgrading/Restarting running job"), "the operator has upgraded the job: {said}");
}
