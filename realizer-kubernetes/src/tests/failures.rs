//! What did a job no good, and who knows of it.

use kubernetes_api::Timestamp;

use super::*;
use crate::failures::{Failures, NOTE};

fn failed(version: &str) -> Value {
    let mut failed = carried_out(4, version);
    failed["status"]["jobStatus"]["state"] = "FAILED".into();
    failed
}

/// A stage on which vertex 1 was given 4 subtasks, and the job has failed.
async fn stage_of_a_failure() -> Stage {
    let mut stage = Stage::new(Mode::Spec, deployment(&[1], &json!({}))).await;
    let taken = ("PATCH", PATCH, carried_out(4, "6"));
    assert_eq!(stage.realize(4, &[not_there(), taken]).await.0.unwrap().len(), 1);
    stage.resources.put(read(Kind::FlinkDeployment, failed("7")));
    stage
}

/// The resource with its job back as it was.
fn back() -> Value {
    let mut back = deployment(&[1], &json!({}));
    back["metadata"]["resourceVersion"] = "8".into();
    back
}

fn assert_failed(message: &str) {
    assert!(message.contains("failed or was rolled back after it was rescaled"), "{message}");
}

#[tokio::test]
async fn what_did_a_job_no_good_is_not_asked_for_again() {
    let mut stage = stage_of_a_failure().await;
    let (events, bodies) = stage.realize(4, &[("PATCH", PATCH, failed("8"))]).await;
    assert_failed(&only(events).2);
    let metadata = &bodies[0]["metadata"];
    assert_eq!((bodies[0].as_object().unwrap().len(), &metadata["uid"]), (1, &json!("u")), "nothing of the spec");
    let note: Value = serde_json::from_str(metadata["annotations"][NOTE].as_str().unwrap()).unwrap();
    assert_eq!(note["job"], "fd/orders/checkout/u");
    assert_eq!(note["failed"][0]["overrides"], format!("{}:4", vertex(1)));

    stage.resources.put(read(Kind::FlinkDeployment, back()));
    assert_eq!(stage.realize(4, &[]).await.0.unwrap(), []);
    assert_eq!(stage.flink.rescales(1), 0);
    let mut taken = carried_out(3, "9");
    taken["metadata"]["generation"] = 4.into();
    assert_eq!(stage.realize(3, &[not_there(), ("PATCH", PATCH, taken)]).await.0.unwrap().len(), 1);
}

#[tokio::test]
async fn what_cannot_be_handed_on_is_tried_again_unless_it_may_not_be() {
    let mut stage = stage_of_a_failure().await;
    let busy = status(503, "ServiceUnavailable", "later");
    assert_failed(&only(stage.realize(4, &[("PATCH", PATCH, busy)]).await.0).2);
    let forbidden = status(403, "Forbidden", "User \"x\" cannot patch resource \"flinkdeployments\"");
    assert_eq!(stage.realize(4, &[("PATCH", PATCH, forbidden)]).await.0.unwrap(), []);
    assert_eq!(stage.realize(4, &[]).await.0.unwrap(), []);
    stage.resources.put(read(Kind::FlinkDeployment, back()));
    assert_eq!(stage.realize(4, &[]).await.0.unwrap(), [], "this process knows it all the same");
}

#[tokio::test]
async fn another_process_goes_by_the_note() {
    let mut failures = Failures::default();
    failures.add(&Overrides::from([(vertex(1), 4)]));
    let mut object = deployment(&[1], &json!({}));
    let key = read(Kind::FlinkDeployment, object.clone()).reference.key();
    object["metadata"]["annotations"] = json!({NOTE: failures.note(&key, Timestamp::now())});
    let mut stage = Stage::new(Mode::Spec, object).await;
    let (kind, _, message) = only(stage.realize(4, &[]).await.0);
    assert!(kind == EventType::Warning && message.contains(NOTE), "{message}");
    assert_eq!(stage.realize(4, &[]).await.0.unwrap(), [], "it is said once");
    let taken = ("PATCH", PATCH, carried_out(3, "6"));
    assert_eq!(stage.realize(3, &[not_there(), taken]).await.0.unwrap().len(), 1);
}

#[tokio::test]
async fn a_failure_of_what_another_process_patched_is_noticed() {
    for state in ["ROLLED_BACK", "ROLLING_BACK"] {
        let mut object = carried_out(4, "6");
        object["metadata"]["managedFields"] = json!([{
            "manager": "flink-autoscaler", "operation": "Apply", "time": Timestamp::now().to_string(),
            "fieldsV1": {"f:spec": {"f:flinkConfiguration": {format!("f:{OVERRIDES}"): {}}}},
        }]);
        object["status"]["reconciliationStatus"]["state"] = state.into();
        let mut stage = Stage::new(Mode::Spec, object.clone()).await;
        let (events, bodies) = stage.realize(4, &[("PATCH", PATCH, object)]).await;
        assert_failed(&only(events).2);
        assert!(bodies[0]["metadata"]["annotations"][NOTE].is_string());
    }
}
