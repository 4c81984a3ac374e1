//! The operator's own autoscaler beside this one.

use testkit::logged::Logged;

use super::*;

/// The ConfigMap of the operator's own autoscaler, with state, as it is owned by the resource of this uid.
fn state_of(uid: &str) -> (&'static str, &'static str, Value) {
    let owner = json!([{"apiVersion": "v1", "kind": "FlinkDeployment", "name": "checkout", "uid": uid}]);
    let map = json!({"metadata": {"name": "a", "ownerReferences": owner}, "data": {"scalingHistory": "x"}});
    ("GET", CONFIG_MAP, map)
}

fn assert_conflict((kind, reason, message): (EventType, String, String)) {
    assert_eq!((kind, &*reason), (EventType::Warning, "AutoscalerConflict"));
    assert!(message.contains("ConfigMap autoscaler-checkout"), "{message}");
}

#[tokio::test]
async fn state_of_the_operators_own_autoscaler_is_a_conflict() {
    let mut stage = Stage::new(Mode::Spec, deployment(&[1], &json!({}))).await;
    assert_conflict(only(stage.realize(4, &[state_of("u")]).await.0));
    // That of a session job of the same name is none of its.
    let taken = ("PATCH", PATCH, carried_out(4, "6"));
    assert_eq!(stage.realize(4, &[state_of("other"), taken]).await.0.unwrap().len(), 1);
}

/// In mode REST, and where only the job itself is not as its resource says.
#[tokio::test]
async fn state_of_the_operators_own_autoscaler_is_a_conflict_over_rest_too() {
    for (mode, object) in [(Mode::Rest, deployment(&[], &json!({}))), (Mode::Spec, carried_out(4, "5"))] {
        let mut stage = Stage::new(mode, object).await;
        assert_conflict(only(stage.realize(4, &[state_of("u")]).await.0));
        assert_eq!(stage.realize(4, &[state_of("u")]).await.0.unwrap(), [], "it is said once");
        assert_eq!(stage.flink.rescales(1), 0);
        let message = only(stage.realize(4, &[not_there()]).await.0).2;
        assert!(message.starts_with("Rescaling in place: "), "{message}");
        // Nothing is asked where nothing is to be changed.
        assert_eq!((stage.realize(4, &[]).await.0.unwrap(), stage.flink.rescales(1)), (Vec::new(), 1));
    }
}

#[tokio::test]
async fn without_the_right_to_look_what_the_resource_shows_has_to_do() {
    let logged = Logged::default();
    let into = logged.clone();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(move || into.clone()).finish();
    let _logging = tracing::subscriber::set_default(subscriber);
    let mut stage = Stage::new(Mode::Rest, deployment(&[], &json!({}))).await;
    for subtasks in [4, 2] {
        let forbidden = status(403, "Forbidden", "User \"x\" cannot get resource \"configmaps\"");
        let message = only(stage.realize(subtasks, &[("GET", CONFIG_MAP, forbidden)]).await.0).2;
        assert!(message.starts_with("Rescaling in place: "), "{message}");
    }
    let said = logged.take();
    assert_eq!(said.matches("apply the rights that flink-autoscaler kubernetes rbac prints").count(), 1, "{said}");
}

#[tokio::test]
async fn the_operators_own_switched_on_is_a_conflict_without_any_request() {
    for mode in [Mode::Spec, Mode::Rest] {
        let mut stage = Stage::new(mode, deployment(&[1], &json!({"job.autoscaler.enabled": true}))).await;
        assert_eq!(only(stage.realize(4, &[]).await.0).1, "AutoscalerConflict");
        assert_eq!(stage.realize(4, &[]).await.0.unwrap(), []);
        assert_eq!(stage.flink.rescales(1), 0);
    }
}
