//! What a healthy Flink would answer.

use std::sync::atomic::Ordering;

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::{Fault, Job, World};
use testkit::job::id;

/// Records per second that the source reads.
const RATE: f64 = 100.0;

pub(super) fn answer(world: &World, method: &str, path: &str, body: &[u8]) -> Response {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let found = match path.trim_start_matches('/').split('/').collect::<Vec<_>>()[..] {
        ["jobs", "overview"] => Some(overview(world)),
        ["overview"] => Some(about(world)),
        ["jobmanager", "config"] => {
            let scheduler = world.about().scheduler;
            Some(scheduler.iter().map(|name| json!({ "key": "jobmanager.scheduler", "value": name })).collect())
        }
        ["taskmanagers" | "jobmanager", "metrics"] if world.is_broken.load(Ordering::Relaxed) => {
            return (StatusCode::INTERNAL_SERVER_ERROR, r#"{"errors":["the cluster is broken"]}"#).into_response();
        }
        ["taskmanagers", "metrics"] => Some(task_managers()),
        ["jobmanager", "metrics"] => {
            Some(json!([{ "id": "taskSlotsTotal", "value": "8" }, { "id": "taskSlotsAvailable", "value": "4" }]))
        }
        ["jobs", job, ref rest @ ..] => job_answer(world, method, job, rest, query, body),
        _ => None,
    };
    let (status, answer) = match found {
        Some(answer) => (StatusCode::OK, answer),
        None => (StatusCode::NOT_FOUND, json!({ "errors": [format!("Unable to load requested file {path}.")] })),
    };
    (status, [(header::CONTENT_TYPE, "application/json")], answer.to_string()).into_response()
}

fn overview(world: &World) -> Value {
    let job = |(number, job): (&u32, &Job)| {
        let tasks: i64 = job.parallelism.values().sum();
        let state = match job.fault {
            Some(Fault::OddEntry) => "SOME_NEW_STATE",
            _ if job.has_ended => "FINISHED",
            _ => "RUNNING",
        };
        json!({ "jid": id(*number), "name": format!("job {number}"), "start-time": world.started_epoch_millis, "state": state,
            "tasks": { "total": tasks, "running": tasks, "finished": 0 } })
    };
    json!({ "jobs": world.jobs().iter().map(job).collect::<Vec<_>>() })
}

fn about(world: &World) -> Value {
    let about = world.about();
    json!({ "taskmanagers": 2, "slots-total": 8, "slots-available": about.free_slots, "jobs-running": world.jobs().len(),
        "flink-version": about.version, "flink-commit": "0000000" })
}

fn task_managers() -> Value {
    let metric = |name: &str, value: f64| json!({ "id": name, "min": value, "max": value, "avg": value });
    json!([
        metric("Status.JVM.Memory.Heap.Max", 1e9),
        metric("Status.JVM.Memory.Heap.Used", 1e8),
        metric("Status.Flink.Memory.Managed.Used", 0.0),
        metric("Status.JVM.Memory.Metaspace.Used", 5e7),
        metric("Status.JVM.GarbageCollector.All.TimeMsPerSecond", 1.0),
    ])
}

fn job_answer(world: &World, method: &str, text: &str, rest: &[&str], query: &str, body: &[u8]) -> Option<Value> {
    let mut jobs = world.jobs();
    let (_, job) = jobs.iter_mut().find(|(number, _)| id(**number) == text)?;
    let seconds = world.started.elapsed().as_secs_f64();
    match (method, rest) {
        ("GET", []) => Some(details(world, job, text, seconds)),
        ("GET", ["jobmanager", "config"]) => {
            // As any JobManager's, it is never empty.
            let first = json!({ "key": "jobmanager.rpc.port", "value": "6123" });
            let own = job.options.iter().map(|(key, value)| json!({ "key": key, "value": value }));
            Some(std::iter::once(first).chain(own).collect())
        }
        ("GET", ["vertices", vertex, "subtasks", "metrics"]) => Some(metrics(job, *vertex == id(1), query, seconds)),
        ("GET", ["resource-requirements"]) => Some(requirements(job)),
        ("PUT", ["resource-requirements"]) => {
            let wanted: Value = serde_json::from_slice(body).ok()?;
            let before = job.parallelism.clone();
            for (vertex, upper) in &mut job.parallelism {
                *upper = wanted[id(*vertex)]["parallelism"]["upperBound"].as_i64()?;
            }
            job.needless_rescales += usize::from(job.parallelism == before);
            // A rescale restarts the tasks.
            job.running_since = world.started.elapsed();
            job.rescales += 1;
            Some(json!({}))
        }
        _ => None,
    }
}

fn requirements(job: &Job) -> Value {
    let bounds = |(vertex, upper): (&u32, &i64)| {
        (id(*vertex), json!({ "parallelism": { "lowerBound": 1, "upperBound": upper } }))
    };
    Value::Object(job.parallelism.iter().map(bounds).collect())
}

fn details(world: &World, job: &Job, jid: &str, seconds: f64) -> Value {
    let records = (seconds * RATE).round();
    let parallelism = |vertex: u32| match (job.fault, vertex) {
        (Some(Fault::NegativeParallelism), 2) => -5,
        (Some(Fault::AbsurdParallelism), 2) => 1_000_000_000_000,
        _ => job.parallelism[&vertex],
    };
    let vertex = |number: u32, read: f64, written: f64| {
        let finished = job.fault == Some(Fault::FinishedVertex) && number == 2;
        json!({ "id": id(number), "slotSharingGroupId": id(99), "name": format!("vertex {number}"), "maxParallelism": 128,
            "parallelism": parallelism(number), "status": if finished { "FINISHED" } else { "RUNNING" },
            "metrics": { "read-records": read, "write-records": written, "accumulated-busy-time": seconds * 1000.0 } })
    };
    let inputs =
        |vertex: u32| json!([{ "num": 0, "id": id(vertex), "ship_strategy": "HASH", "exchange": "pipelined_bounded" }]);
    let first = match job.fault {
        Some(Fault::Cycle) => json!({ "id": id(1), "parallelism": 1, "inputs": inputs(2) }),
        _ => json!({ "id": id(1), "parallelism": 1 }),
    };
    let nodes = match job.fault {
        Some(Fault::NoPlan) => json!([]),
        _ => json!([{ "id": id(2), "parallelism": parallelism(2), "inputs": inputs(1) }, first]),
    };
    let since = world.started_epoch_millis + i64::try_from(job.running_since.as_millis()).unwrap_or(0);
    json!({ "jid": jid, "name": "a job", "state": "RUNNING", "timestamps": { "RUNNING": since },
        "vertices": [vertex(1, 0.0, records), vertex(2, records, 0.0)], "plan": { "nodes": nodes } })
}

/// Names without a query, values with one.
fn metrics(job: &Job, is_source: bool, query: &str, seconds: f64) -> Value {
    let records = (seconds * RATE).round();
    #[expect(clippy::cast_precision_loss, reason = "a small number")]
    let busy = job.load * 1000.0 / job.parallelism[&2] as f64;
    let keyed = [("busyTimeMsPerSecond", busy), ("numRecordsInPerSecond", RATE)];
    let all: &[(&str, f64)] = if is_source {
        &[
            ("busyTimeMsPerSecond", 100.0),
            ("backPressuredTimeMsPerSecond", 0.0),
            ("Source__orders.numRecordsInPerSecond", RATE),
            ("Source__orders.numRecordsIn", records),
            ("Source__orders.numRecordsOut", records),
            ("Source__orders.pendingRecords", 0.0),
        ]
    } else if job.fault == Some(Fault::FewMetrics) {
        &keyed[..1]
    } else {
        &keyed
    };
    let Some(asked) = query.strip_prefix("get=") else {
        return all.iter().map(|(name, _)| json!({ "id": name })).collect();
    };
    let value = |(name, value): &(&str, f64)| {
        if job.fault == Some(Fault::NanMetrics) {
            json!({ "id": name, "min": "NaN", "max": "NaN", "avg": "NaN", "sum": "NaN", "skew": "NaN" })
        } else {
            json!({ "id": name, "min": value, "max": value, "avg": value, "sum": value, "skew": 0.0 })
        }
    };
    all.iter().filter(|(name, _)| asked.split(',').any(|asked| asked == *name)).map(value).collect()
}
