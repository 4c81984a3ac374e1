//! What is told.

use autoscaler_core::{ClusterName, JobKey, Labels};
use serde_json::json;

use crate::support::World;

#[tokio::test]
async fn a_job_is_told_with_its_graph_its_metrics_and_why() {
    let world = World::new().await;
    let client = world.serve(&[]).await;
    let jobs = client.json("/api/v1/jobs").await;
    assert_eq!(jobs["jobs"].as_array().unwrap().len(), 2);
    assert_eq!(jobs["next"], json!(null));
    let (cluster, key) = (jobs["jobs"][0]["cluster"].as_str().unwrap(), jobs["jobs"][0]["key"].as_str().unwrap());
    assert_eq!((&jobs["jobs"][0]["enabled"], &jobs["jobs"][0]["status"]), (&json!(true), &json!("RUNNING")));
    let path = format!("/api/v1/clusters/{cluster}/jobs/{key}");
    let job = client.json(&path).await;
    assert_eq!(job["key"], key);
    let vertices = job["cycle"]["vertices"].as_array().unwrap();
    assert_eq!(vertices.len(), 2);
    assert_eq!(vertices[1]["inputs"][0]["vertex"], vertices[0]["id"]);
    assert_eq!(job["cycle"]["overrides"][vertices[1]["id"].as_str().unwrap()], json!(2));
    assert!(job["cycle"]["is_stored"].is_boolean() && job["cycle"]["durations"]["observe"].is_number());
    let window = client.json(&format!("{path}/window?limit=1")).await;
    assert!(window["total"].as_u64().unwrap() >= 1);
    assert_eq!(window["observations"].as_array().unwrap().len(), 1);
    assert!(window["observations"][0]["vertices"].as_object().unwrap().len() == 2, "{window}");
    let scalings = client.json(&format!("{path}/scalings")).await;
    assert_eq!((&scalings["scalings"][0]["from"], &scalings["scalings"][0]["to"]), (&json!(1), &json!(2)));
    let events = client.json(&format!("{path}/events")).await;
    let reasons: Vec<_> = events["events"].as_array().unwrap().iter().map(|event| event["reason"].clone()).collect();
    assert!(reasons.contains(&json!("ScalingReport")), "{events}");
    let clusters = client.json("/api/v1/clusters").await;
    assert_eq!((&clusters["clusters"][0]["name"], &clusters["clusters"][0]["jobs"]), (&json!(cluster), &json!(2)));
    assert_eq!(client.json("/readyz").await, json!({"ready": true, "role": "leader", "missing": []}));
    world.end().await;
}

#[tokio::test]
async fn jobs_are_told_page_by_page() {
    let world = World::new().await;
    let client = world.serve(&[]).await;
    let first = client.json("/api/v1/jobs?limit=1").await;
    let next = first["next"].as_str().unwrap();
    let second = client.json(&format!("/api/v1/jobs?limit=1&after={next}")).await;
    assert_ne!(first["jobs"][0]["key"], second["jobs"][0]["key"]);
    assert_eq!(second["next"], json!(null));
    assert_eq!(client.json("/api/v1/jobs?cluster=another").await["jobs"], json!([]));
    world.end().await;
}

#[tokio::test]
async fn what_is_known_of_a_cluster_is_told_as_of_then() {
    let world = World::new().await;
    let client = world.serve(&[]).await;
    let series = |attempt: u32, cluster: &str| {
        format!("flink_autoscaler_cluster_info{{cluster=\"{cluster}\",queue=\"a\\\"b\",attempt=\"{attempt}\"}} 1")
    };
    let attempt = |number: u32| Labels::new([("queue", "a\"b".to_owned()), ("attempt", number.to_string())]);
    let told = |number: u32| json!({"queue": "a\"b", "attempt": number.to_string()});
    assert!(!client.get("/metrics").await.1.contains("cluster_info"), "of a cluster of which nothing is known");
    world.cluster.set_labels(attempt(1));
    world.add_proposing();
    let key = testkit::job::id(3);
    let cluster = client.json("/api/v1/clusters").await["clusters"][0]["name"].as_str().unwrap().to_owned();
    let events = format!("/api/v1/clusters/{cluster}/jobs/{key}/events");
    let model = std::sync::Arc::clone(&world.model);
    let view = || model.job(&ClusterName::new(cluster.as_str()), &JobKey::new(key.as_str()));
    world.observer.until("an event of it", || view().is_some_and(|view| !view.events.is_empty())).await;
    let (_, text) = client.get("/metrics").await;
    assert!(text.contains(&series(1, &cluster)), "{text}");
    world.cluster.set_labels(attempt(2));
    world.observer.until("another", || view().is_some_and(|view| view.labels == attempt(2))).await;
    world.observer.more_cycles(4).await;
    let (_, text) = client.get("/metrics").await;
    assert!(text.contains(&series(2, &cluster)) && !text.contains(&series(1, &cluster)), "{text}");
    assert_eq!(client.json("/api/v1/clusters").await["clusters"][0]["labels"], told(2));
    assert_eq!(client.json("/api/v1/jobs").await["jobs"][2]["labels"], told(2));
    let events = client.json(&events).await;
    assert_eq!(events["events"].as_array().unwrap().last().unwrap()["labels"], told(1), "{events}");
    world.end().await;
}

#[tokio::test]
async fn metrics_of_jobs_come_and_go_with_them() {
    let world = World::new().await;
    let client = world.serve(&[]).await;
    let (status, text) = client.get("/metrics").await;
    assert_eq!(status, 200);
    for series in [
        "flink_autoscaler_build_info{version=\"1.0\"} 1",
        "flink_autoscaler_leads 1",
        "flink_autoscaler_cluster_up{",
        "flink_autoscaler_cycles_total{",
        "flink_autoscaler_step_duration_seconds_bucket{",
        "flink_autoscaler_job_scalings_total{",
        "flink_autoscaler_vertex_true_processing_rate{",
        "flink_autoscaler_events_total{",
    ] {
        assert!(text.contains(series), "{series} in {text}");
    }
    let of_the_second = format!("job_key=\"{}\"", testkit::job::id(2));
    assert!(text.contains(&of_the_second));
    world.cluster.remove_job(2);
    world.observer.until("the job is gone", || !world.observer.gone().is_empty()).await;
    let (_, text) = client.get("/metrics").await;
    assert!(!text.contains(&of_the_second), "{text}");
    assert_eq!(client.json("/api/v1/jobs").await["jobs"].as_array().unwrap().len(), 1);
    world.end().await;
}

#[tokio::test]
async fn the_description_names_all_there_is() {
    let world = World::new().await;
    let client = world.serve(&[]).await;
    let description = client.json("/api/v1/openapi.json").await;
    let paths: Vec<&String> = description["paths"].as_object().unwrap().keys().collect();
    assert_eq!(paths.len(), 9, "{paths:?}");
    let key = testkit::job::id(1);
    // What is not for reading is asked for otherwise.
    for path in paths.into_iter().filter(|path| !path.ends_with("/approve")) {
        let path = path.replace("{cluster}", testkit::job::CLUSTER).replace("{job}", &key.to_string());
        assert_eq!(client.get(&path).await.0, 200, "{path}");
    }
    world.end().await;
}

#[tokio::test]
async fn odd_questions_get_an_answer() {
    let world = World::new().await;
    let client = world.serve(&[]).await;
    for (path, status) in [
        ("/", 404),
        ("/api/v1", 404),
        ("/api/v1/jobs?limit=0", 400),
        ("/api/v1/jobs?limit=1001", 400),
        ("/api/v1/jobs?limit=many", 400),
        ("/api/v1/jobs?limit=-1", 400),
        ("/api/v1/jobs?after=nothing", 400),
        ("/api/v1/jobs?unknown=1", 400),
        ("/api/v1/clusters/%ff/jobs/x", 400),
        ("/api/v1/clusters/none/jobs/none", 404),
        ("/api/v1/clusters/none/jobs/none/window?limit=x", 404),
        ("/api/v1/clusters/..%2f..%2fetc/jobs/passwd", 404),
    ] {
        let (given, text) = client.get(path).await;
        assert_eq!(given, status, "{path}: {text}");
        let problem: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert!(problem["error"].is_string(), "{path}: {text}");
    }
    let long = "x".repeat(20_000);
    assert_eq!(client.json(&format!("/api/v1/jobs?cluster={long}")).await["jobs"], json!([]));
    assert_eq!(client.get("/healthz").await, (200, "ok\n".to_owned()));
    world.end().await;
}
