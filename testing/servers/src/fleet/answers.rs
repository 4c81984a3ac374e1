//! What a cluster under steady load answers.

use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};
use testkit::job::id;

use super::template::{BUSY, PARALLELISM, RATE, Template};

/// Vertices of each job: a source (1), and each of the others reads from the one before it.
const VERTICES: u32 = 5;

/// The answers, made up front.
#[derive(Debug)]
pub(super) struct Answers {
    overview: Bytes,
    /// When the jobs began to run, in milliseconds after the epoch.
    since: u64,
    task_managers: Bytes,
    job_manager: Bytes,
    configuration: Bytes,
    requirements: Bytes,
    details: Template,
    source: Metrics,
    other: Metrics,
}

/// The metrics of a vertex.
#[derive(Debug)]
struct Metrics {
    names: Bytes,
    values: Vec<(&'static str, Template)>,
}

impl Answers {
    /// Answers about `jobs` jobs that run since so long after the epoch.
    pub(super) fn new(jobs: u32, running_since: Duration) -> Self {
        let since = u64::try_from(running_since.as_millis()).unwrap_or(u64::MAX);
        let bounds = json!({ "parallelism": { "lowerBound": 1, "upperBound": PARALLELISM } });
        let requirements: Value = (1..=VERTICES).map(|vertex| (id(vertex), bounds.clone())).collect();
        Self {
            overview: body(&json!({ "jobs": (1..=jobs).map(|number| listed(number, since)).collect::<Value>() })),
            since,
            task_managers: body(&task_managers()),
            job_manager: body(&json!([
                { "id": "taskSlotsTotal", "value": "100000" },
                { "id": "taskSlotsAvailable", "value": "1000" },
            ])),
            configuration: body(&configuration()),
            requirements: body(&requirements),
            details: details(running_since),
            source: Metrics::new(&[
                ("busyTimeMsPerSecond", BUSY.to_string()),
                ("backPressuredTimeMsPerSecond", "0".to_owned()),
                ("Source__orders.numRecordsInPerSecond", RATE.to_string()),
                ("Source__orders.numRecordsIn", "@records".to_owned()),
                ("Source__orders.numRecordsOut", "@records".to_owned()),
                ("Source__orders.pendingRecords", "0".to_owned()),
            ]),
            other: Metrics::new(&[
                ("busyTimeMsPerSecond", BUSY.to_string()),
                ("numRecordsInPerSecond", RATE.to_string()),
            ]),
        }
    }

    /// The list of a cluster that has but one job.
    pub(super) fn only(&self, number: u32) -> Option<Bytes> {
        Some(body(&json!({ "jobs": [listed(number, self.since)] })))
    }

    /// The body for a path, if it is one that Flink knows.
    pub(super) fn answer(
        &self,
        path: &[&str],
        query: Option<&str>,
        job: Option<u32>,
        running_for: Duration,
    ) -> Option<Bytes> {
        match (path, job) {
            (["jobs", "overview"], _) => Some(self.overview.clone()),
            (["taskmanagers", "metrics"], _) => Some(self.task_managers.clone()),
            (["jobmanager", "metrics"], _) => Some(self.job_manager.clone()),
            (["jobs", _], Some(job)) => Some(self.details.fill(job, running_for).into()),
            (["jobs", _, "jobmanager", "config"], Some(_)) => Some(self.configuration.clone()),
            (["jobs", _, "resource-requirements"], Some(_)) => Some(self.requirements.clone()),
            (["jobs", _, "vertices", vertex, "subtasks", "metrics"], Some(job)) => {
                let metrics = if *vertex == id(1) { &self.source } else { &self.other };
                Some(match query.and_then(|query| query.strip_prefix("get=")) {
                    Some(names) => metrics.values_of(names, job, running_for),
                    None => metrics.names.clone(),
                })
            }
            _ => None,
        }
    }
}

impl Metrics {
    fn new(metrics: &[(&'static str, String)]) -> Self {
        let names: Value = metrics.iter().map(|(name, _)| json!({ "id": name })).collect();
        let template = |(name, value): &(&'static str, String)| {
            let text =
                format!(r#"{{"id":"{name}","min":{value},"max":{value},"avg":{value},"sum":{value},"skew":0.0}}"#);
            (*name, Template::new(&text))
        };
        Self { names: body(&names), values: metrics.iter().map(template).collect() }
    }

    /// The values of the metrics in a list separated by commas.
    fn values_of(&self, names: &str, job: u32, running_for: Duration) -> Bytes {
        let mut texts = Vec::new();
        for (_, template) in self.values.iter().filter(|(name, _)| names.split(',').any(|asked| asked == *name)) {
            texts.push(template.fill(job, running_for));
        }
        format!("[{}]", texts.join(",")).into()
    }
}

/// A job in a list.
fn listed(number: u32, since: u64) -> Value {
    let tasks = VERTICES * PARALLELISM;
    json!({ "jid": id(number), "name": format!("job {number}"), "start-time": since, "state": "RUNNING",
        "tasks": { "total": tasks, "running": tasks, "finished": 0 } })
}

fn body(answer: &Value) -> Bytes {
    answer.to_string().into()
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

/// As many entries as a session cluster's jobs have, the same for each.
fn configuration() -> Value {
    let autoscaler = [("job.autoscaler.enabled", "true"), ("taskmanager.memory.process.size", "4 gb")];
    let others = (0..38).map(|number| (format!("table.exec.option-{number}"), format!("value {number}")));
    let entry = |key: &str, value: &str| json!({ "key": key, "value": value });
    let entries = autoscaler.iter().map(|(key, value)| entry(key, value));
    entries.chain(others.map(|(key, value)| entry(&key, &value))).collect()
}

fn details(running_since: Duration) -> Template {
    let vertex = |number: u32| {
        let (read, written) =
            (if number == 1 { "0" } else { "@records" }, if number == VERTICES { "0" } else { "@records" });
        format!(
            r#"{{"id":"{}","slotSharingGroupId":"{}","name":"vertex {number}","maxParallelism":128,"parallelism":{PARALLELISM},"status":"RUNNING","metrics":{{"read-records":{read},"write-records":{written},"accumulated-busy-time":@busy}}}}"#,
            id(number),
            id(99)
        )
    };
    let node = |number: u32| {
        let strategy = if number.is_multiple_of(2) { "HASH" } else { "REBALANCE" };
        let inputs = match number {
            1 => json!([]),
            _ => {
                json!([{ "num": 0, "id": id(number - 1), "ship_strategy": strategy, "exchange": "pipelined_bounded" }])
            }
        };
        json!({ "id": id(number), "parallelism": PARALLELISM, "inputs": inputs }).to_string()
    };
    let join = |part: &dyn Fn(u32) -> String| (1..=VERTICES).map(part).collect::<Vec<_>>().join(",");
    Template::new(&format!(
        r#"{{"jid":"@job","name":"a job","state":"RUNNING","timestamps":{{"RUNNING":{}}},"vertices":[{}],"plan":{{"nodes":[{}]}}}}"#,
        running_since.as_millis(),
        join(&vertex),
        join(&node)
    ))
}

#[cfg(test)]
mod tests {
    use autoscaler_core::JobStatus;
    use flink_rest::recorded::read_job_list;
    use flink_rest::wire::{JobDetails, MetricName, MetricValue, ResourceRequirements};

    use super::*;

    fn ask(path: &str, query: Option<&str>) -> Bytes {
        let answers = Answers::new(3, Duration::from_secs(1_700_000_000));
        let path: Vec<&str> = path.split('/').collect();
        answers.answer(&path, query, Some(2), Duration::from_secs(10)).unwrap()
    }

    #[test]
    fn the_list_is_read() {
        let list = read_job_list(&ask("jobs/overview", None)).unwrap();
        assert_eq!((list.jobs.len(), list.unknown.len()), (3, 0));
        assert_eq!((list.jobs[2].key.as_str(), list.jobs[2].status), (id(3).as_str(), JobStatus::Running));
    }

    #[test]
    fn the_details_are_read() {
        let body = ask("jobs/x", None);
        let details: JobDetails<'_> = serde_json::from_slice(&body).unwrap();
        assert_eq!(details.running_since().unwrap().timestamp(), 1_700_000_000);
        let topology = details.topology().unwrap();
        let vertices = topology.vertices();
        assert_eq!(vertices.len(), 5);
        assert_eq!(vertices.iter().filter(|vertex| vertex.is_source()).count(), 1);
        let read: Vec<f64> = vertices.iter().map(|vertex| vertex.io.records_in).collect();
        assert_eq!(read, [0.0, 10_000.0, 10_000.0, 10_000.0, 10_000.0]);
        assert!(vertices.iter().all(|vertex| vertex.io.accumulated_busy_ms == 28_000.0));
    }

    #[test]
    fn names_and_values_are_read() {
        let path = format!("jobs/x/vertices/{}/subtasks/metrics", id(1));
        let answer = ask(&path, None);
        let names: Vec<MetricName<'_>> = serde_json::from_slice(&answer).unwrap();
        assert_eq!(names.len(), 6);
        let query = "get=busyTimeMsPerSecond,Source__orders.numRecordsIn,unknown";
        let values: Vec<MetricValue> = serde_json::from_slice(&ask(&path, Some(query))).unwrap();
        let values: Vec<(&str, f64)> = values.iter().map(|value| (value.id.as_str(), value.aggregated().sum)).collect();
        assert_eq!(values, [("busyTimeMsPerSecond", 700.0), ("Source__orders.numRecordsIn", 10_000.0)]);
    }

    #[test]
    fn what_is_the_same_for_all_jobs_is_read() {
        let entries: Vec<Value> = serde_json::from_slice(&ask("jobs/x/jobmanager/config", None)).unwrap();
        assert_eq!(entries.len(), 40);
        let bounds: ResourceRequirements = serde_json::from_slice(&ask("jobs/x/resource-requirements", None)).unwrap();
        assert_eq!(bounds[&id(5)].parallelism.upper_bound, 4);
        let slots: Vec<MetricValue> = serde_json::from_slice(&ask("jobmanager/metrics", None)).unwrap();
        assert_eq!(slots[0].value(), 100_000.0);
        let memory: Vec<MetricValue> = serde_json::from_slice(&ask("taskmanagers/metrics", None)).unwrap();
        assert_eq!(memory[0].aggregated().max, 1e9);
    }
}
