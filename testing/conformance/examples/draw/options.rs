//! Options: texts of those recorded, and some at their bounds.

use std::collections::{BTreeMap, BTreeSet};

use fastrand::Rng;
use serde_json::{Map, Value};

const OVERRIDES: &str = "pipeline.jobvertex-parallelism-overrides";

/// Keys behind `job.autoscaler.`, each with texts.
const MORE: &[(&str, &[&str])] = &[
    ("backlog-processing.lag-threshold", &["0 s", "1 min", "1 h"]),
    ("catch-up.duration", &["0 s", "1 s", "10 min", "2 h"]),
    ("enabled", &["true", "true", "false"]),
    ("excluded.periods", &["* 0-2 * * * ?", "00:00-00:30", "00:10-00:20 && * * * ? * 4"]),
    ("history.max.age", &["1 min", "10 min", "1 d"]),
    ("history.max.count", &["1", "2", "3"]),
    ("memory.gc-pressure.threshold", &["0.0", "0.3", "1.0"]),
    ("memory.heap-usage.threshold", &["0.0", "0.3", "0.9"]),
    ("memory.tuning.enabled", &["true"]),
    ("memory.tuning.maximize-managed-memory", &["true"]),
    ("memory.tuning.overhead", &["0.0", "0.2", "1.0"]),
    ("metrics.busy-time.aggregator", &["MAX", "AVG", "MIN"]),
    ("metrics.window", &["2min", "3min", "5min", "15min"]),
    ("observed-scalability.enabled", &["true", "false"]),
    ("observed-true-processing-rate.lag-threshold", &["0 s", "30 s", "1 h"]),
    ("observed-true-processing-rate.min-observations", &["1", "2", "10"]),
    ("observed-true-processing-rate.switch-threshold", &["0.0", "0.15", "1.0"]),
    ("quota.cpu", &["1.0", "10", "100"]),
    ("quota.memory", &["4 gb", "40 gb"]),
    ("restart.time", &["0 s", "3 s", "2 min", "10 min"]),
    ("restart.time-tracking.limit", &["10 s", "15 min"]),
    ("scale-down.interval", &["0 s", "1 min", "5 min", "1 h"]),
    ("scale-down.max-factor", &["0.0", "0.1", "0.5", "1.0"]),
    ("scale-up.max-factor", &["0.5", "3.0", "100000.0"]),
    ("scaling.effectiveness.detection.enabled", &["true"]),
    ("scaling.effectiveness.threshold", &["0.0", "0.1", "0.9", "1.0"]),
    ("scaling.enabled", &["true", "false"]),
    ("scaling.key-group.partitions.adjust.mode", &["EVENLY_SPREAD", "MAXIMIZE_UTILISATION"]),
    ("stabilization.interval", &["0 s", "1 min", "3 min"]),
    ("utilization.max", &["0.7", "0.8", "1.0"]),
    ("utilization.min", &["0.0", "0.1", "0.4"]),
    ("utilization.target", &["0.05", "0.33", "0.7", "0.95"]),
    ("vertex.max-parallelism", &["1", "3", "10", "40", "2147483647"]),
    ("vertex.min-parallelism", &["1", "2", "5", "12"]),
];

/// The options of a job, flat.
pub(crate) type Options = Map<String, Value>;

/// Keys, each with texts that it is given.
pub(crate) struct Pool(Vec<(String, Vec<String>)>);

impl Pool {
    pub(crate) fn of(recorded: &[Vec<Value>]) -> Self {
        let mut pool: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for options in recorded.iter().flatten().filter_map(|line| line["config"].as_object()) {
            for (key, text) in options.iter().filter(|(key, _)| *key != OVERRIDES) {
                pool.entry(key.clone()).or_default().extend(text.as_str().map(str::to_owned));
            }
        }
        for (key, texts) in MORE {
            let texts = texts.iter().map(|text| (*text).to_owned());
            pool.entry(format!("job.autoscaler.{key}")).or_default().extend(texts);
        }
        Self(pool.into_iter().map(|(key, texts)| (key, texts.into_iter().collect())).collect())
    }

    /// Options with some changed, for a job of these vertices.
    pub(crate) fn varied(&self, mut options: Options, vertices: &[String], rng: &mut Rng) -> Options {
        for _ in 0..[0, 1, 2, 4, 8, 16][rng.usize(..6)] {
            let (key, texts) = &self.0[rng.usize(..self.0.len())];
            match rng.u8(..7) {
                0 => drop(options.remove(key)),
                _ => drop(options.insert(key.clone(), texts[rng.usize(..texts.len())].as_str().into())),
            }
        }
        if rng.u8(..7) == 0 {
            options.insert("job.autoscaler.vertex.exclude.ids".into(), some(vertices, rng).join(",").into());
        }
        if rng.u8(..7) == 0 {
            let overrides = some(vertices, rng).into_iter().map(|id| format!("{id}:{}", rng.u8(1..=12)));
            options.insert(OVERRIDES.into(), overrides.collect::<Vec<_>>().join(",").into());
        }
        usable(&mut options);
        options
    }
}

fn some(vertices: &[String], rng: &mut Rng) -> Vec<String> {
    let count = rng.usize(1..=vertices.len().min(3));
    rng.choose_multiple(vertices, count).into_iter().cloned().collect()
}

/// Takes out what is refused here and not by the reference, or in other words; and what has the reference fail on its own.
fn usable(options: &mut Options) {
    let key = |name: &str| format!("job.autoscaler.{name}");
    let number = |options: &Options, name: &str| options.get(&key(name))?.as_str()?.parse::<f64>().ok();
    if number(options, "vertex.max-parallelism").is_some_and(|most| most < 1.0) {
        options.remove(&key("vertex.max-parallelism"));
    }
    let most = number(options, "vertex.max-parallelism").unwrap_or(200.0);
    if number(options, "vertex.min-parallelism").is_some_and(|least| least > most) {
        options.remove(&key("vertex.min-parallelism"));
    }
    let target = number(options, "utilization.target").or_else(|| number(options, "target.utilization")).unwrap_or(0.7);
    if number(options, "utilization.max").is_some_and(|most| most < target) {
        options.remove(&key("utilization.max"));
    }
    if number(options, "utilization.min").is_some_and(|least| least > target) {
        options.remove(&key("utilization.min"));
    }
}
