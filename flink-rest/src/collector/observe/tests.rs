use autoscaler_core::ErrorKind;
use serde_json::{Value, json};

use super::*;
use crate::wire::JobDetails;

/// A job of a source and a vertex behind it, four subtasks each, as Flink answers about it.
struct Answers {
    details: Value,
    /// The metrics of the source, then of the other.
    metrics: [Vec<Value>; 2],
}

fn id(number: usize) -> String {
    format!("{number:032x}")
}

/// What this many subtasks say of a metric, 100 each.
fn metric(name: &str, subtasks: u32) -> Value {
    json!({ "id": name, "min": 100.0, "max": 100.0, "avg": 100.0, "sum": 100.0 * f64::from(subtasks), "skew": 0.0 })
}

impl Answers {
    fn new() -> Self {
        let vertex = |number| {
            json!({ "id": id(number), "name": "v", "maxParallelism": 128, "parallelism": 4, "status": "RUNNING",
                "tasks": { "RUNNING": 4, "FINISHED": 0 },
                "metrics": { "read-records": 10, "read-records-complete": true, "write-records": 10,
                    "write-records-complete": true, "accumulated-busy-time": 5 } })
        };
        let inputs = json!([{ "num": 0, "id": id(1), "ship_strategy": "HASH" }]);
        let nodes = json!([{ "id": id(1), "parallelism": 4 }, { "id": id(2), "parallelism": 4, "inputs": inputs }]);
        let source = ["busyTimeMsPerSecond", "backPressuredTimeMsPerSecond", "Source__s.numRecordsInPerSecond"];
        let source = source.into_iter().chain(["Source__s.numRecordsIn", "Source__s.pendingRecords"]);
        let other = ["busyTimeMsPerSecond", "numRecordsInPerSecond"].into_iter();
        Self {
            details: json!({ "timestamps": { "RUNNING": 1 }, "vertices": [vertex(1), vertex(2)], "plan": { "nodes": nodes } }),
            metrics: [source.map(|name| metric(name, 4)).collect(), other.map(|name| metric(name, 4)).collect()],
        }
    }

    /// With something else of a vertex in the details.
    fn vertex(mut self, number: usize, path: &str, value: Value) -> Self {
        *self.details.pointer_mut(&format!("/vertices/{}{path}", number - 1)).unwrap() = value;
        self
    }

    /// With another answer about a metric.
    fn metric(mut self, number: usize, name: &str, value: Value) -> Self {
        *self.metrics[number - 1].iter_mut().find(|metric| metric["id"] == name).unwrap() = value;
        self
    }

    fn of(&self, vertex: VertexId) -> &[Value] {
        &self.metrics[usize::from(vertex.to_string() != id(1))]
    }

    fn readings(&self) -> Result<Readings, ObserveError> {
        let observation = futures::executor::block_on(observe(self, &mut MetricNames::default(), None));
        observation.and_then(|observation| observation.metrics)
    }

    /// What leaves subtasks out, of which vertex.
    fn incomplete(&self) -> Option<(String, &'static str)> {
        match self.readings() {
            Err(ObserveError::Incomplete { vertex, what }) => Some((vertex.to_string(), what)),
            readings => {
                readings.unwrap();
                None
            }
        }
    }
}

#[async_trait]
impl JobApi for Answers {
    async fn details(&self) -> Result<JobReading, ObserveError> {
        let text = self.details.to_string();
        let details: Result<JobDetails<'_>, _> = serde_json::from_str(&text);
        let unusable =
            |error: serde_json::Error| autoscaler_core::PortError::new(ErrorKind::Invalid, error.to_string());
        Ok(details.map_err(unusable)?.reading().unwrap())
    }

    async fn metric_names(&self, vertex: VertexId) -> Result<Vec<String>, ObserveError> {
        Ok(self.of(vertex).iter().map(|metric| metric["id"].as_str().unwrap().to_owned()).collect())
    }

    async fn metric_values(&self, vertex: VertexId, names: &[&str]) -> Result<Vec<MetricValue>, ObserveError> {
        let asked = self.of(vertex).iter().filter(|metric| names.contains(&metric["id"].as_str().unwrap()));
        Ok(asked.map(|metric| serde_json::from_value(metric.clone()).unwrap()).collect())
    }

    async fn cluster(&self) -> Result<ClusterReading, ObserveError> {
        Ok(ClusterReading::default())
    }
}

#[test]
fn counters_that_leave_subtasks_out_are_none() {
    assert_eq!(Answers::new().incomplete(), None);
    for (field, what) in [("read", "count of records read"), ("write", "count of records written")] {
        let path = format!("/metrics/{field}-records-complete");
        let answers = Answers::new().vertex(2, &path, json!(false));
        assert_eq!(answers.incomplete(), Some((id(2), what)));
        // A vertex that has finished has nobody left who could tell.
        assert_eq!(answers.vertex(2, "/status", json!("FINISHED")).incomplete(), None);
        assert_eq!(Answers::new().vertex(2, &path, Value::Null).incomplete(), None, "an older Flink");
    }
}

#[test]
fn metrics_that_some_subtasks_lack_are_none() {
    let lacking = |vertex, name| Answers::new().metric(vertex, name, metric(name, 3));
    for (vertex, name, what) in [
        (1, "Source__s.numRecordsIn", "Source__*.numRecordsIn"),
        (1, "busyTimeMsPerSecond", "busyTimeMsPerSecond"),
        (2, "numRecordsInPerSecond", "numRecordsInPerSecond"),
    ] {
        assert_eq!(lacking(vertex, name).incomplete(), Some((id(vertex), what)));
        assert_eq!(
            lacking(vertex, name).vertex(vertex, "/tasks/RUNNING", json!(3)).incomplete(),
            None,
            "one has ended"
        );
        assert_eq!(lacking(vertex, name).vertex(vertex, "/tasks", Value::Null).incomplete(), None, "not known");
    }
    assert_eq!(lacking(1, "Source__s.pendingRecords").incomplete(), None, "a subtask without partitions has none");
}

/// A job of which a vertex still has a metric by name, but does not tell its value.
struct Untold(Answers, &'static str);

#[async_trait]
impl JobApi for Untold {
    async fn details(&self) -> Result<JobReading, ObserveError> {
        self.0.details().await
    }

    async fn metric_names(&self, vertex: VertexId) -> Result<Vec<String>, ObserveError> {
        self.0.metric_names(vertex).await
    }

    async fn metric_values(&self, vertex: VertexId, names: &[&str]) -> Result<Vec<MetricValue>, ObserveError> {
        let told = self.0.metric_values(vertex, names).await?;
        Ok(told.into_iter().filter(|value| value.id != self.1).collect())
    }

    async fn cluster(&self) -> Result<ClusterReading, ObserveError> {
        self.0.cluster().await
    }
}

#[test]
fn values_that_are_missing_are_not_done_without() {
    let missing = |name| {
        let api = Untold(Answers::new(), name);
        let observation = futures::executor::block_on(observe(&api, &mut MetricNames::default(), None)).unwrap();
        observation.metrics.err().map(|error| error.to_string())
    };
    for (vertex, name, metric) in [
        (1, "busyTimeMsPerSecond", "busyTimeMsPerSecond"),
        (1, "backPressuredTimeMsPerSecond", "backPressuredTimeMsPerSecond"),
        (1, "Source__s.numRecordsInPerSecond", "Source__*.numRecordsInPerSecond"),
        (1, "Source__s.numRecordsIn", "Source__*.numRecordsIn"),
        (1, "Source__s.pendingRecords", "*.pendingRecords"),
    ] {
        let expected = format!("vertex {} has a metric {metric}, but its value is missing", id(vertex));
        assert_eq!(missing(name), Some(expected));
    }
    assert_eq!(missing("numRecordsInPerSecond"), None, "the counters tell it, too");
}

#[test]
fn a_negative_backlog_is_none() {
    let name = "Source__s.pendingRecords";
    let lag = |sum: Value| {
        let answer = json!({ "id": name, "min": sum, "max": sum, "avg": sum, "sum": sum, "skew": 0.0 });
        let mut answers = Answers::new().metric(1, name, answer);
        answers.metrics[0].push(metric("Source__s.other.pendingRecords", 4));
        answers.readings().unwrap().vertices[0].get(FlinkMetric::PendingRecords).unwrap().sum
    };
    assert_eq!((lag(json!(-1.0)), lag(json!(7.0))), (400.0, 407.0));
    assert!(lag(json!("NaN")).is_nan());
}

#[test]
fn null_is_like_what_is_not_there() {
    let nulls = |pointers: &[&str]| {
        let mut answers = Answers::new();
        for pointer in pointers {
            *answers.details.pointer_mut(pointer).unwrap() = Value::Null;
        }
        answers.readings().map(|readings| readings.vertices.len())
    };
    for pointer in [
        "/plan/nodes/1/inputs/0/ship_strategy",
        "/plan/nodes/0/parallelism",
        "/vertices/0/name",
        "/vertices/0/status",
        "/vertices/0/parallelism",
        "/vertices/0/tasks/RUNNING",
        "/vertices/0/metrics",
        "/vertices/0/metrics/read-records",
        "/vertices/0/metrics/accumulated-busy-time",
    ] {
        assert_eq!(nulls(&[pointer]).unwrap(), 2, "{pointer}");
    }
    for pointer in ["/plan", "/plan/nodes"] {
        assert!(matches!(nulls(&[pointer]), Err(ObserveError::NotReady(_))), "{pointer}");
    }
}

#[test]
fn batch_jobs_are_told_by_either_type() {
    let is_batch = |pointer: &str, job_type: &str| {
        let mut answers = Answers::new();
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        answers.details.pointer_mut(parent).unwrap()[key] = json!(job_type);
        // Vertices of which nothing is decided yet are no error of a batch job's.
        let answers = answers.vertex(2, "/parallelism", json!(-1)).vertex(2, "/maxParallelism", json!(-1));
        matches!(answers.readings(), Err(ObserveError::Batch))
    };
    for pointer in ["/job-type", "/plan/type"] {
        assert!(is_batch(pointer, "BATCH") && !is_batch(pointer, "STREAMING"), "{pointer}");
    }
}
