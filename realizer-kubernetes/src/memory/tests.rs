use kubernetes_api::{Kind, OVERRIDES, overrides_text};
use serde_json::{Value, json};

use super::*;
use crate::tests::{deployment, read, vertex};

/// The resource after the patch, with one thing changed.
fn after(place: &str, value: Value) -> FlinkResource {
    let mut object = deployment(&[1], &json!({}));
    object["metadata"]["resourceVersion"] = "6".into();
    object["metadata"]["generation"] = 2.into();
    object["status"]["observedGeneration"] = 2.into();
    *object.pointer_mut(place).unwrap() = value;
    read(Kind::FlinkDeployment, object)
}

fn patched() -> (Memory, Overrides) {
    let before = read(Kind::FlinkDeployment, deployment(&[1], &json!({})));
    let wanted = Overrides::from([(vertex(1), 4)]);
    let mut memory = Memory::default();
    memory.patched(&wanted, &before, Some(&after("/status/observedGeneration", json!(1))));
    (memory, wanted)
}

#[rstest::rstest]
#[case("/status/jobStatus/state", json!("RUNNING"), None)]
#[case("/status/jobStatus/state", json!("RESTARTING"), None)]
#[case("/status/jobStatus/state", json!("FAILED"), Some(Aftermath::Failed))]
#[case("/status/reconciliationStatus/state", json!("ROLLED_BACK"), Some(Aftermath::Failed))]
#[case("/status/jobStatus/jobId", json!("f"), Some(Aftermath::Upgraded))]
#[case("/status/jobStatus/startTime", json!("99"), Some(Aftermath::Upgraded))]
#[case("/metadata/generation", json!(3), None)]
fn what_comes_of_a_patch_is_told_once(#[case] place: &str, #[case] value: Value, #[case] expected: Option<Aftermath>) {
    let (mut memory, wanted) = patched();
    let resource = after(place, value);
    assert_eq!((memory.aftermath(&resource), memory.aftermath(&resource)), (expected, None));
    let is_failed = expected == Some(Aftermath::Failed);
    assert_eq!((memory.failed.is_known(&wanted), memory.is_unwritten), (is_failed, is_failed));
}

#[test]
fn what_somebody_changed_since_is_not_put_down_to_the_patch() {
    let (mut memory, wanted) = patched();
    assert_eq!(memory.aftermath(&after("/metadata/generation", json!(3))), None);
    assert_eq!(memory.aftermath(&after("/status/jobStatus/state", json!("FAILED"))), None);
    assert!(!memory.failed.is_known(&wanted));
}

#[rstest::rstest]
#[case::of_the_patch(2, 2, true)]
#[case::before_the_change_of_somebody_else(3, 2, true)]
#[case::of_the_change_of_somebody_else(3, 3, false)]
#[case::before_the_operator_tells_of_the_patch(2, 1, true)]
fn a_failure_is_put_down_to_what_is_deployed(#[case] wanted: i64, #[case] deployed: i64, #[case] is_ours: bool) {
    let (mut memory, overrides) = patched();
    let mut failed = after("/status/jobStatus/state", json!("FAILED"));
    failed.generation = Some(wanted);
    let status = json!({"observedGeneration": deployed, "jobStatus": {"state": "FAILED"}});
    failed.status = serde_json::from_value(status).unwrap();
    assert_eq!(memory.aftermath(&failed), is_ours.then_some(Aftermath::Failed));
    assert_eq!((memory.failed.is_known(&overrides), memory.is_unwritten), (is_ours, is_ours));
    assert_eq!(memory.aftermath(&failed), None);
}

#[test]
fn what_was_refused_is_asked_for_again_once_the_resource_changes() {
    let (mut memory, wanted) = patched();
    let resource = after("/metadata/generation", json!(2));
    memory.refused(&wanted, &resource);
    assert!(memory.is_refused(&wanted, &resource));
    assert!(!memory.is_refused(&wanted, &after("/metadata/generation", json!(3))));
}

#[tokio::test(start_paused = true)]
async fn a_failure_long_after_is_another_matter() {
    let (mut memory, _) = patched();
    let (runs, failed) =
        (after("/metadata/name", json!("checkout")), after("/status/jobStatus/state", json!("FAILED")));
    tokio::time::advance(WATCHED + Duration::from_secs(1)).await;
    assert_eq!((memory.aftermath(&runs), memory.aftermath(&failed)), (None, None));
    let (mut memory, _) = patched();
    assert_eq!(memory.aftermath(&failed), Some(Aftermath::Failed));
}

const PATCHED_AT: &str = "2026-01-01T10:00:00Z";

/// A resource that another process patched so that vertex 1 has these subtasks; the job is in this state since then.
fn found(subtasks: i32, state: &str, since: Option<&str>) -> FlinkResource {
    let text = overrides_text(&Overrides::from([(vertex(1), subtasks)]));
    let mut object = deployment(&[], &json!({OVERRIDES: text}));
    object["metadata"]["managedFields"] = json!([{
        "manager": "flink-autoscaler", "operation": "Apply", "time": PATCHED_AT,
        "fieldsV1": {"f:spec": {"f:flinkConfiguration": {format!("f:{OVERRIDES}"): {}}}},
    }]);
    object["status"]["jobStatus"]["state"] = state.into();
    if let Some(since) = since {
        let millis = since.parse::<Timestamp>().unwrap().as_millisecond();
        object["status"]["jobStatus"]["updateTime"] = millis.to_string().into();
    }
    read(Kind::FlinkDeployment, object)
}

#[rstest::rstest]
#[case::at_once("FAILED", None, "2026-01-01T10:00:05Z", true)]
#[case::soon("FAILED", None, "2026-01-01T10:09:00Z", true)]
#[case::nobody_looked("FAILED", Some("2026-01-01T10:01:00Z"), "2026-01-01T12:00:00Z", true)]
#[case::another_matter("FAILED", Some("2026-01-01T11:00:00Z"), "2026-01-01T12:00:00Z", false)]
#[case::not_known_when("FAILED", None, "2026-01-01T12:00:00Z", false)]
#[case::clocks_differ("FAILED", Some("2026-01-01T09:59:58Z"), "2026-01-01T10:00:02Z", true)]
#[case::it_runs("RUNNING", None, "2026-01-01T10:00:05Z", false)]
fn a_failure_after_what_another_process_patched_is_noticed(
    #[case] state: &str,
    #[case] since: Option<&str>,
    #[case] now: &str,
    #[case] is_noticed: bool,
) {
    let (mut memory, resource) = (Memory::default(), found(4, state, since));
    memory.recall(&resource, now.parse().unwrap());
    assert_eq!(memory.aftermath(&resource), is_noticed.then_some(Aftermath::Failed));
    assert_eq!(memory.failed.is_known(&Overrides::from([(vertex(1), 4)])), is_noticed);
    // Once.
    memory.recall(&resource, now.parse().unwrap());
    assert_eq!(memory.aftermath(&resource), None);
}

#[test]
fn what_is_in_the_note_is_not_found_out_again() {
    let now: Timestamp = "2026-01-01T10:00:05Z".parse().unwrap();
    let (mut first, mut resource) = (Memory::default(), found(4, "FAILED", None));
    first.recall(&resource, now);
    assert_eq!(first.aftermath(&resource), Some(Aftermath::Failed));
    let job = resource.reference.key();
    resource.annotations.insert(NOTE.to_owned(), first.failed.note(&job, now));
    let mut second = Memory::default();
    second.recall(&resource, now);
    assert_eq!((second.aftermath(&resource), second.is_unwritten), (None, false));
    assert!(second.failed.is_known(&Overrides::from([(vertex(1), 4)])));
}

#[test]
fn a_later_patch_of_another_replica_is_watched_as_well() {
    let (mut memory, _) = patched();
    let resource = found(7, "FAILED", None);
    memory.recall(&resource, PATCHED_AT.parse().unwrap());
    let failed = FlinkResource { resource_version: "9".to_owned(), ..resource };
    assert_eq!(memory.aftermath(&failed), Some(Aftermath::Failed));
    assert!(memory.failed.is_known(&Overrides::from([(vertex(1), 7)])));
}
