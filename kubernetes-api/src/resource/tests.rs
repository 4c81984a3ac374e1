use serde_json::{Value, json};

use super::*;

fn read(kind: Kind, mut object: Value) -> Result<FlinkResource, String> {
    object["metadata"]["name"] = "checkout".into();
    object["metadata"]["namespace"] = "orders".into();
    object["metadata"]["uid"] = "u".into();
    FlinkResource::read(kind, serde_json::from_value(object).unwrap())
}

#[test]
fn what_is_deployed_is_read_from_its_text_in_both_forms() {
    let spec = json!({"flinkConfiguration": {"a": {"b": 1}}, "job": {"parallelism": 2}, "unknown": []});
    for text in [json!({"spec": spec, "resource_metadata": {}}).to_string(), spec.to_string()] {
        let object = json!({"metadata": {}, "status": {"reconciliationStatus": {"lastReconciledSpec": text}}});
        let resource = read(Kind::FlinkDeployment, object).unwrap();
        let deployed = resource.status.reconciliation_status.last_reconciled_spec.unwrap().unwrap();
        assert_eq!(deployed.entries()["a.b"], "1");
        assert_eq!(deployed.job.unwrap().parallelism, Some(2));
    }
    let object = json!({"metadata": {}, "status": {"reconciliationStatus": {"lastReconciledSpec": "{"}}});
    let resource = read(Kind::FlinkDeployment, object).unwrap();
    assert_eq!(resource.status.reconciliation_status.last_reconciled_spec, Some(Err(UnreadableSpec)));
}

#[test]
fn what_was_reconciled_is_told_by_older_operators_beside_what_is_deployed() {
    let text = json!({"spec": {}, "resource_metadata": {"metadata": {"generation": 3}}}).to_string();
    for (observed, generation, is_pending) in
        [(json!(null), 3, false), (json!(null), 4, true), (json!(4), 4, false), (json!(2), 3, true)]
    {
        let reconciliation = json!({"lastReconciledSpec": text});
        let status = json!({"observedGeneration": observed, "reconciliationStatus": reconciliation});
        let object = json!({"metadata": {"generation": generation}, "status": status});
        let resource = read(Kind::FlinkDeployment, object).unwrap();
        assert_eq!(resource.is_change_pending(), is_pending, "{observed} {generation}");
    }
}

#[test]
fn every_field_may_be_absent_or_null() {
    for object in [
        json!({"metadata": {}}),
        json!({"metadata": {}, "spec": {"flinkConfiguration": null, "job": null}, "status": {"jobStatus": null}}),
    ] {
        let resource = read(Kind::FlinkSessionJob, object).unwrap();
        assert_eq!(resource.cluster_name(), None);
        assert!(resource.spec.entries().is_empty() && resource.spec.is_native() && !resource.status.is_ready());
    }
}

#[test]
fn a_field_of_another_type_is_said_without_its_value() {
    let object = json!({"metadata": {}, "spec": {"flinkConfiguration": "s3cret"}});
    let problem = read(Kind::FlinkDeployment, object).unwrap_err();
    assert!(problem.starts_with("FlinkDeployment orders/checkout has a field") && !problem.contains("s3cret"));
}

#[test]
fn resources_win_over_resource_and_requests_over_limits() {
    let of = |manager: Value| {
        read(Kind::FlinkDeployment, json!({"metadata": {}, "spec": {"taskManager": manager}})).unwrap().spec
    };
    let old = of(json!({"resource": {"cpu": 1.5, "memory": "2g"}}));
    assert_eq!((old.task_manager("cpu").as_deref(), old.task_manager("memory").as_deref()), (Some("1.5"), Some("2g")));
    let new = of(json!({
        "resource": {"cpu": 9},
        "resources": {"requests": {"cpu": "500m"}, "limits": {"cpu": "2", "memory": "1Gi"}}
    }));
    assert_eq!(
        (new.task_manager("cpu").as_deref(), new.task_manager("memory").as_deref()),
        (Some("500m"), Some("1Gi"))
    );
}

#[test]
fn who_manages_the_overrides_is_known() {
    let fields = json!({"f:spec": {"f:flinkConfiguration": {"f:pipeline.jobvertex-parallelism-overrides": {}}}});
    let object = json!({"metadata": {
        "annotations": {"flink-autoscaler/enabled": "true", "other": "x"},
        "managedFields": [
            {"manager": "argocd", "operation": "Apply", "fieldsV1": fields},
            {"manager": "kubectl", "operation": "Update", "fieldsV1": {"f:spec": {"f:job": {}}}},
        ],
    }});
    let resource = read(Kind::FlinkDeployment, object).unwrap();
    assert_eq!(resource.override_managers, ["argocd"]);
    assert_eq!(resource.annotations.len(), 1);
}

#[rstest::rstest]
#[case(json!({}), None)]
#[case(json!({"jobStatus": {"updateTime": "5000"}}), Some(5))]
#[case(json!({"jobStatus": {"updateTime": "5000"}, "reconciliationStatus": {"reconciliationTimestamp": 7000}}), Some(7))]
#[case(json!({"jobStatus": {"updateTime": "?"}, "reconciliationStatus": {"reconciliationTimestamp": "?"}}), None)]
fn the_last_change_is_of_the_job_or_of_what_is_deployed(#[case] status: Value, #[case] seconds: Option<i64>) {
    let resource = read(Kind::FlinkDeployment, json!({"metadata": {}, "status": status})).unwrap();
    assert_eq!(resource.status.changed_at().map(Timestamp::as_second), seconds);
}
