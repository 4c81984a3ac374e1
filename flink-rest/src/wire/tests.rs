use autoscaler_core::topology::{JobTopology, ShipStrategy};

use super::*;

/// The recorded answers of a real Flink 1.20.
macro_rules! recorded {
    ($name:literal) => {
        include_str!(concat!("../../tests/data/", $name, ".json"))
    };
}

fn topology() -> JobTopology {
    let details: JobDetails<'_> = serde_json::from_str(recorded!("job")).unwrap();
    details.topology().unwrap()
}

#[test]
fn the_graph_of_a_job() {
    let topology = topology();
    let names: Vec<&str> = topology.vertices().iter().map(|vertex| vertex.name.split(':').next().unwrap()).collect();
    assert_eq!(names.len(), 4, "{names:?}");
    let source = &topology.vertices()[0];
    assert_eq!(source.id.to_string(), "bc764cd8ddf7a0cff126f51c16239658");
    assert!(source.is_source() && !source.finished && source.parallelism >= 1 && source.max_parallelism == 24);
    let strategies: Vec<ShipStrategy> =
        topology.vertices().iter().flat_map(|vertex| vertex.inputs.iter().map(|edge| edge.ship_strategy)).collect();
    assert!(
        strategies.contains(&ShipStrategy::Hash) && strategies.contains(&ShipStrategy::Rebalance),
        "{strategies:?}"
    );
}

#[test]
fn since_when_a_job_runs() {
    let details: JobDetails<'_> = serde_json::from_str(recorded!("job")).unwrap();
    let listed: serde_json::Value = serde_json::from_str(recorded!("jobs_overview")).unwrap();
    assert!(details.running_since().unwrap().timestamp_millis() >= listed["jobs"][0]["start-time"].as_i64().unwrap());
}

fn values(json: &str) -> Vec<MetricValue> {
    serde_json::from_str(json).unwrap()
}

#[test]
fn metrics_with_their_aggregates() {
    for value in values(recorded!("source_metrics")).iter().chain(&values(recorded!("taskmanagers_metrics"))) {
        let aggregated = value.aggregated();
        assert!(aggregated.min <= aggregated.avg && aggregated.avg <= aggregated.max, "{value:?}");
    }
    let slots = values(recorded!("jobmanager_metrics"));
    assert!(slots.len() == 2 && slots.iter().all(|value| value.value() >= 0.0));
}

/// What the core relies on: one unknown name among those asked for, and the TaskManagers answer with nothing at all.
#[test]
fn unknown_names() {
    assert_eq!(values(recorded!("taskmanagers_metrics_unknown")).len(), 0);
    assert!(values(recorded!("vertex_metrics_unknown_name")).len() <= 1);
    assert_eq!(values(recorded!("vertex_metrics")).len(), 2);
}

#[test]
fn names_of_metrics() {
    let names: Vec<MetricName<'_>> = serde_json::from_str(recorded!("source_metric_names")).unwrap();
    for name in ["busyTimeMsPerSecond", "Source__orders.numRecordsIn", "Source__orders.pendingRecords"] {
        assert!(names.iter().any(|metric| metric.id == name), "{name}");
    }
}

#[test]
fn what_a_job_asks_for() {
    let requirements: ResourceRequirements = serde_json::from_str(recorded!("resource_requirements")).unwrap();
    let vertices = topology();
    assert_eq!(requirements.len(), vertices.vertices().len());
    for vertex in vertices.vertices() {
        assert!(requirements[&vertex.id.to_string()].parallelism.upper_bound >= 1);
    }
}

#[test]
fn errors_are_shown_without_their_class() {
    let body = br#"{"errors":["org.apache.flink.runtime.rest.NotFoundException: Job 00 not found\n\tat ..."]}"#;
    assert_eq!(error_message(body), "Job 00 not found");
    let recorded = error_message(recorded!("put_above_max").as_bytes());
    assert!(recorded.starts_with("The newly requested parallelism 9999 for the job vertex"), "{recorded}");
    assert!(error_message(recorded!("unknown_job").as_bytes()).contains("not found"));
    assert_eq!(error_message(b""), "no explanation");
    assert_eq!(error_message(b"<html>Bad Gateway</html>"), "<html>Bad Gateway</html>");
    let page = b"<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>";
    assert_eq!(error_message(page), "502 Bad Gateway");
}

#[test]
fn a_rate_below_zero_is_none() {
    let read = |id: &str| {
        let json = format!(r#"{{"id":"{id}","min":-1,"max":"-Infinity","avg":0,"sum":3}}"#);
        serde_json::from_str::<MetricValue>(&json).unwrap().aggregated()
    };
    let rate = read("busyTimeMsPerSecond");
    assert!(rate.min.is_nan() && rate.max.is_nan());
    assert_eq!((rate.avg, rate.sum), (0.0, 3.0));
    assert_eq!(read("Source__a.pendingRecords").min, -1.0);
}
