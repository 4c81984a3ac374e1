//! The program beside the real Flink Kubernetes Operator, on a real API server and a real Flink: what the operator does with our
//! patches is read from its own status and events, what came of it from Flink's REST answers.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a test that takes minutes and says how far it is")]

#[path = "real_operator/handover.rs"]
mod handover;
#[path = "real_operator/not_again.rs"]
mod not_again;
#[path = "kubernetes/support.rs"]
#[expect(dead_code, reason = "of what another test uses, too")]
mod support;
#[path = "real_operator/world.rs"]
mod world;

use std::time::Duration;

use serde_json::{Value, json};
use servers::waiting::until;

use support::overrides_of;
use world::{FEW, LOAD, PEAK, World};

/// Load up four-fold and down again, a change of the user's in between, what would be an upgrade, and the operator's own autoscaler
/// switched on. All on one job, which never restarts as a whole. With Flink 1.20's classes the operator's
/// own autoscaler fails in each cycle: here it is seen to be let go before and taken over from, and in `handover` to scale.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_operator_carries_out_in_place_what_we_decide() {
    let mut world = World::new("1.20", &[]).await;
    let identity = world.identity().await;
    let kubeconfig = world.kubeconfig().await;
    let mut program = world.start(kubeconfig.path());

    world.curve.step(PEAK).unwrap();
    world.scaled(&mut program, "load x4", 4..=24).await;
    let told = world.told_by_operator("Scaling").await;
    assert!(told.iter().any(|message| message.contains("In-place scaling triggered")), "{told:?}");
    assert_eq!(world.identity().await, identity);

    // While the operator does nothing, a user changes the spec and the load goes down: our change waits for theirs.
    world.operator.signal("STOP");
    let generation = world.resource().await.metadata.generation.unwrap();
    world.set("job.autoscaler.quota.cpu", json!("64")).await;
    world.curve.step(LOAD).unwrap();
    let is_held = async |said: &str| said.contains("the operator has not taken in its last change").then_some(());
    program.found("what is held", is_held).await;
    assert_eq!(world.resource().await.metadata.generation, Some(generation + 1), "a patch rode on a user's change");
    world.operator.signal("CONT");
    world.scaled(&mut program, "load back", FEW).await;
    assert_eq!(world.identity().await, identity);

    // What the operator would answer with an upgrade is not sent.
    const IN_PLACE: &str = "kubernetes.operator.job.upgrade.inplace-scaling.enabled";
    world.set(IN_PLACE, json!("false")).await;
    let before = overrides_of(&world.resource().await);
    world.curve.step(PEAK).unwrap();
    let is_held = async |said: &str| said.contains(&format!("{IN_PLACE} is false")).then_some(());
    program.found("what would upgrade", is_held).await;
    assert_eq!(overrides_of(&world.resource().await), before);
    world.set(IN_PLACE, Value::Null).await;
    world.scaled(&mut program, "load x4 again", 4..=24).await;
    assert_eq!(world.identity().await, identity);

    // The operator's own, switched on beside us: we let go, and say so.
    world.set("job.autoscaler.enabled", json!("true")).await;
    let is_told = async |said: &str| said.contains("AutoscalerConflict").then_some(());
    program.found("the conflict", is_told).await;
    let sent = world.resource().await.metadata.generation;
    world.curve.step(LOAD).unwrap();
    tokio::time::sleep(Duration::from_secs(30)).await;
    assert_eq!(world.resource().await.metadata.generation, sent, "patched beside the operator's own autoscaler");
    drop(program);

    // From the operator's own to ours without a restart, and back.
    world.hand_over("takeover").await;
    let mut program = world.start(kubeconfig.path());
    world.scaled(&mut program, "load back once more", FEW).await;
    assert_eq!(world.identity().await, identity);
    drop(program);
    // What was patched last is carried out first.
    world.hand_over("give-back").await;
    let there = world.job.settled().await.unwrap().slow_subtasks();
    assert_eq!(world.resource().await.data["spec"]["flinkConfiguration"]["job.autoscaler.enabled"], "true");
    until("the operator has taken it back", async || {
        let (resource, reconciled) = (world.resource().await, world.last_reconciled().await);
        let is_taken =
            reconciled["resource_metadata"]["metadata"]["generation"].as_i64() == resource.metadata.generation;
        (is_taken && resource.data["status"]["lifecycleState"] == "STABLE").then_some(())
    })
    .await;
    assert_eq!((world.identity().await, world.job.settled().await.unwrap().slow_subtasks()), (identity, there));
    let failures = world.job.failures().await.unwrap();
    assert!(failures.is_empty(), "the job failed: {failures:?}");
    let said = world.operator.said();
    assert!(!said.contains("Upgrading/Restarting running job"), "the operator has upgraded the job: {said}");
}
