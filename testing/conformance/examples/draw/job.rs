//! A job's course: what a recorded one was like, changed.

use std::collections::{BTreeMap, BTreeSet};

use fastrand::Rng;
use serde_json::{Value, json};

use crate::options::{Options, Pool};

const BUSY: &str = "busyTimeMsPerSecond";
const CYCLES: usize = 30;

/// Factors by which a whole course differs. Those of counters stay as they are throughout, so that none falls: a counter that does is taken
/// for a restart here and not by the reference.
struct Course {
    rates: BTreeMap<String, f64>,
    busy: BTreeMap<String, f64>,
    limits: BTreeMap<String, i64>,
    /// Vertices that finish, and when.
    finished: BTreeSet<String>,
    finished_from: usize,
    /// From when on the backlog is another, and by how much.
    lag: (usize, f64),
    heap: Option<f64>,
    /// Whether vertices share slots all, two groups, none, or as recorded.
    groups: u8,
    outages: BTreeSet<usize>,
    /// When autoscaling is off, to when.
    off: (usize, usize),
}

impl Course {
    fn of(vertices: &[String], widest: &BTreeMap<String, i64>, rng: &mut Rng) -> Self {
        let mut factors = |choices: &[f64]| -> BTreeMap<String, f64> {
            let is_drawn = rng.bool();
            vertices.iter().filter(|_| is_drawn).map(|id| (id.clone(), choices[rng.usize(..choices.len())])).collect()
        };
        let rates = factors(&[0.01, 0.3, 1.0, 1.0, 3.0, 40.0]);
        let busy = factors(&[0.0, 0.1, 0.5, 1.0, 2.0, 5.0]);
        let has_limits = rng.u8(..5) < 2;
        let limits = vertices.iter().filter(|_| has_limits).map(|id| {
            let limit = [2, 7, 60, 96, 128, 200, 720, 1024, 32768][rng.usize(..9)];
            (id.clone(), widest.get(id).copied().unwrap_or(1).max(limit))
        });
        let limits = limits.collect();
        let off_from = if rng.u8(..5) == 0 { rng.usize(5..20) } else { CYCLES };
        let finished = (0..[0, 0, 1, 2][rng.usize(..4)]).map(|_| vertices[rng.usize(..vertices.len())].clone());
        Self {
            rates,
            busy,
            limits,
            finished: finished.collect(),
            finished_from: rng.usize(3..CYCLES),
            lag: (rng.usize(5..CYCLES * 3), [0.0, 0.1, 10.0, 1000.0][rng.usize(..4)]),
            heap: [None, None, Some(0.2), Some(0.95)][rng.usize(..4)],
            groups: rng.u8(..6),
            outages: (0..[0, 0, 1, 3][rng.usize(..4)]).map(|_| rng.usize(2..CYCLES)).collect(),
            off: (off_from, off_from + rng.usize(1..7)),
        }
    }

    fn change(&self, line: &mut Value, cycle: usize, rng: &mut Rng) {
        if self.outages.contains(&cycle) {
            let status = ["RESTARTING", "CREATED", "FAILING", "RECONCILING", "SUSPENDED"][rng.usize(..5)];
            line["status"] = status.into();
        }
        for vertex in line["jobDetails"]["vertices"].as_array_mut().into_iter().flatten() {
            self.change_vertex(vertex, cycle);
        }
        for (id, metrics) in line["vertexMetrics"].as_object_mut().into_iter().flatten() {
            for metric in metrics.as_array_mut().into_iter().flatten() {
                scale(
                    metric,
                    &["min", "max", "avg", "sum"],
                    self.factor(id, metric["id"].as_str().unwrap_or(""), cycle),
                );
            }
        }
        if let Some(share) = self.heap {
            let metrics = line["taskManagerMetrics"].as_array_mut();
            let mut metrics: BTreeMap<String, &mut Value> = metrics
                .into_iter()
                .flatten()
                .map(|metric| (metric["id"].as_str().unwrap_or("").to_owned(), metric))
                .collect();
            let most = metrics.get("Status.JVM.Memory.Heap.Max").map(|most| (**most).clone());
            if let (Some(most), Some(used)) = (most, metrics.get_mut("Status.JVM.Memory.Heap.Used")) {
                for field in ["min", "max", "avg"] {
                    used[field] = json!(most[field].as_f64().unwrap_or(0.0) * share);
                }
            }
        }
    }

    fn change_vertex(&self, vertex: &mut Value, cycle: usize) {
        let id = vertex["id"].as_str().unwrap_or("").to_owned();
        if let Some(limit) = self.limits.get(&id) {
            vertex["maxParallelism"] = (*limit).into();
        }
        if let Some(factor) = self.rates.get(&id) {
            scale(&mut vertex["metrics"], &["read-records", "write-records", "accumulated-busy-time"], *factor);
        }
        if cycle >= self.finished_from && self.finished.contains(&id) {
            vertex["status"] = "FINISHED".into();
        }
        match self.groups {
            0 => vertex["slotSharingGroupId"] = "0".repeat(32).into(),
            1 => vertex["slotSharingGroupId"] = format!("{:032}", u8::from(*id < *"8")).into(),
            2 => drop(vertex.as_object_mut().map(|vertex| vertex.remove("slotSharingGroupId"))),
            _ => {}
        }
    }

    fn factor(&self, id: &str, metric: &str, cycle: usize) -> f64 {
        let is_rate = metric.ends_with("PerSecond") && !metric.contains("Time");
        if metric == BUSY {
            self.busy.get(id).copied().unwrap_or(1.0)
        } else if is_rate || metric.ends_with("numRecordsIn") || metric.ends_with("numRecordsOut") {
            self.rates.get(id).copied().unwrap_or(1.0)
        } else if metric.ends_with("pendingRecords") && cycle >= self.lag.0 {
            self.lag.1
        } else {
            1.0
        }
    }
}

/// A whole number stays one.
fn scale(numbers: &mut Value, fields: &[&str], factor: f64) {
    for field in fields.iter().filter(|_| factor != 1.0) {
        let Some(number) = numbers.get_mut(*field) else { continue };
        if let Some(value) = number.as_f64() {
            *number = if number.is_i64() { json!(whole(value * factor)) } else { json!(value * factor) };
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "counters")]
fn whole(value: f64) -> i64 {
    value as i64
}

/// The lines of a trace without what is expected.
pub(crate) fn drawn(base: &[Value], recorded: &[Vec<Value>], pool: &Pool, rng: &mut Rng) -> Vec<Value> {
    let mut job = base[0].clone();
    let (vertices, widest) = vertices(base);
    let course = Course::of(&vertices, &widest, rng);
    let own = if rng.bool() { &job } else { &recorded[rng.usize(..recorded.len())][0] };
    let mut own = own["config"].as_object().cloned().unwrap_or_default();
    own.insert("job.autoscaler.enabled".into(), "true".into());
    let own = pool.varied(own, &vertices, rng);
    job["config"] = Value::Object(own.clone());
    if rng.u8(..3) == 0 {
        job["taskManagerCpu"] = [Value::Null, 1.0.into(), 2.5.into()][rng.usize(..3)].clone();
        job["taskManagerMemoryBytes"] =
            [Value::Null, (1_u64 << 30).into(), 10_000_000_000_u64.into()][rng.usize(..3)].clone();
    }
    let changes: BTreeSet<usize> = (0..[0, 0, 1, 2][rng.usize(..4)]).map(|_| rng.usize(3..CYCLES)).collect();
    let (mut lines, mut cycle) = (vec![job], 0);
    for line in &base[1..] {
        if line["kind"] == "restart" {
            lines.push(line.clone());
            continue;
        }
        if rng.u8(..50) == 0 {
            lines.push(json!({"kind": "restart"}));
        }
        let mut line = line.clone();
        course.change(&mut line, cycle, rng);
        let set = |line: &mut Value, options: Options| line["config"] = Value::Object(options);
        if let Some(fields) = line.as_object_mut() {
            fields.remove("expect");
            fields.remove("config");
        }
        if changes.contains(&cycle) {
            set(&mut line, pool.varied(own.clone(), &vertices, rng));
        } else if cycle == course.off.0 {
            set(&mut line, own.iter().map(|(key, text)| (key.clone(), text.clone())).chain([off()]).collect());
        } else if cycle == course.off.1 {
            set(&mut line, own.clone());
        }
        lines.push(line);
        cycle += 1;
    }
    lines
}

fn off() -> (String, Value) {
    ("job.autoscaler.enabled".into(), "false".into())
}

/// The vertices of a job, and how many subtasks each had at most.
fn vertices(base: &[Value]) -> (Vec<String>, BTreeMap<String, i64>) {
    let mut widest = BTreeMap::new();
    for vertex in base.iter().filter_map(|line| line["jobDetails"]["vertices"].as_array()).flatten() {
        let most = widest.entry(vertex["id"].as_str().unwrap_or("").to_owned()).or_insert(1);
        *most = vertex["parallelism"].as_i64().unwrap_or(1).max(*most);
    }
    (widest.keys().cloned().collect(), widest)
}
