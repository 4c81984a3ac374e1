//! What is simulated: a graph, the load of its sources, and what makes life hard.

mod check;
mod file;
mod named;
mod recorded;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use file::read_scenario;
pub use named::{NAMES, named};
pub use recorded::{recorded, seen};

use crate::load::Load;

/// A job, its load, and what happens to it.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Scenario {
    /// What it is called in what is shown.
    pub name: String,
    /// How long it is run.
    pub hours: f64,
    /// What chance is drawn from: noise, walks, how long restarts take.
    #[serde(default = "one_seed")]
    pub seed: u64,
    /// How noisy the load is: standard deviation of half a minute's, as a share.
    #[serde(default)]
    pub load_noise: f64,
    /// The vertices, each behind those it reads from.
    pub vertices: Vec<Vertex>,
    /// What a restart takes.
    #[serde(default)]
    pub restart: Restart,
    /// How well metrics tell what is.
    #[serde(default)]
    pub metrics: Metrics,
    /// The task slots there are; none: as many as are asked for.
    #[serde(default)]
    pub slots: Option<Slots>,
    /// The job's own options, under those that a run is given.
    #[serde(default)]
    pub options: BTreeMap<String, String>,
}

/// A vertex. One without inputs is a source and has a load.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Vertex {
    /// Its name.
    pub name: String,
    /// Names of those it reads from.
    #[serde(default)]
    pub inputs: Vec<String>,
    /// What a source gets.
    #[serde(default)]
    pub load: Option<Load>,
    /// Records that wait at a source at the beginning; they arrived at the rate that its load begins with.
    #[serde(default)]
    pub backlog: f64,
    /// Records per second that one subtask can do.
    pub rate: f64,
    /// Subtasks at the beginning; none: as many as the load at the beginning takes at 70 % utilization.
    #[serde(default)]
    pub parallelism: Option<i32>,
    /// Most subtasks, and number of key groups.
    #[serde(default = "max_parallelism")]
    pub max_parallelism: i32,
    /// Whether its input is keyed, so that key groups are shared out.
    #[serde(default)]
    pub keyed: bool,
    /// Partitions that a source reads; 0: it shares out its work as it likes.
    #[serde(default)]
    pub partitions: u32,
    /// How what it can do grows with its subtasks: by this power. 1 is in proportion.
    #[serde(default = "one")]
    pub exponent: f64,
    /// Records per second it never exceeds, however many subtasks: a sink that is slow, a disk.
    #[serde(default)]
    pub ceiling: Option<f64>,
    /// Share of its records that have one key.
    #[serde(default)]
    pub hot_key: f64,
    /// Records it writes for each it reads, on each edge out of it.
    #[serde(default = "one")]
    pub selectivity: f64,
    /// How that changes over time.
    #[serde(default)]
    pub drift: Option<Drift>,
    /// How much less it can do at first after a restart.
    #[serde(default)]
    pub warm_up: Option<WarmUp>,
    /// A time in which it can do less, as with long garbage collections.
    #[serde(default)]
    pub slowdown: Option<Slowdown>,
    /// Whether a source tells how much waits (`pendingRecords`).
    #[serde(default = "yes")]
    pub pending: bool,
}

/// A selectivity that goes up and down around what it is.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Drift {
    /// By what share at most.
    pub by: f64,
    /// Minutes from one top to the next.
    pub period: f64,
}

/// Caches that are cold after a restart.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct WarmUp {
    /// How long it takes until all can be done.
    pub seconds: f64,
    /// Share of what it can do at first.
    pub from: f64,
}

/// A time in which less can be done.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Slowdown {
    /// Minute it begins in.
    pub at: f64,
    /// How long it is.
    pub minutes: f64,
    /// Share of what can be done otherwise.
    pub factor: f64,
}

/// What a restart takes, and how far it throws the job back.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Restart {
    /// Seconds at least.
    pub seconds: f64,
    /// Seconds more for each subtask that is started.
    pub per_subtask: f64,
    /// Seconds more for each million records that were read: state grows with them.
    pub per_million_records: f64,
    /// How much that differs from time to time: standard deviation, as a share.
    pub jitter: f64,
    /// Seconds between two checkpoints, each of which is complete when the next begins: what was read since the last complete
    /// one is read again.
    pub checkpoint_interval: f64,
}

impl Default for Restart {
    fn default() -> Self {
        Self { seconds: 30.0, per_subtask: 0.0, per_million_records: 0.0, jitter: 0.0, checkpoint_interval: 10.0 }
    }
}

/// How well metrics tell what is. All 0: at once, and exactly; rates and busy time are averages of a minute in any case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Metrics {
    /// How many seconds old they are.
    pub late: u32,
    /// Standard deviation of rates and busy times, as a share.
    pub noise: f64,
    /// Share of looks at which the busy time of one vertex is missing.
    pub missing: f64,
    /// Share of looks at which Flink says that counters leave subtasks out.
    pub incomplete: f64,
}

/// The task slots of the cluster; all vertices share slots, so a job takes as many as its widest vertex has subtasks.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Slots {
    /// All of them. What is asked for beyond that, the job does not get.
    pub total: i32,
    /// Another job that takes some for a while.
    #[serde(default)]
    pub rival: Option<Rival>,
}

/// A job that takes slots for a while.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Rival {
    /// How many.
    pub slots: i32,
    /// Minute it begins in.
    pub at: f64,
    /// How long it stays.
    pub minutes: f64,
}

impl Vertex {
    /// A vertex of which a subtask does `rate` records per second, with nothing special about it.
    pub fn new(name: &str, inputs: &[&str], rate: f64) -> Self {
        Self {
            name: name.to_owned(),
            inputs: inputs.iter().map(|input| (*input).to_owned()).collect(),
            load: None,
            backlog: 0.0,
            rate,
            parallelism: None,
            max_parallelism: max_parallelism(),
            keyed: false,
            partitions: 0,
            exponent: 1.0,
            ceiling: None,
            hot_key: 0.0,
            selectivity: 1.0,
            drift: None,
            warm_up: None,
            slowdown: None,
            pending: true,
        }
    }

    /// A source.
    pub fn source(name: &str, rate: f64, load: Load) -> Self {
        Self { load: Some(load), ..Self::new(name, &[], rate) }
    }
}

impl Scenario {
    /// A scenario in which nothing makes life hard.
    pub fn new(name: &str, hours: f64, vertices: Vec<Vertex>) -> Self {
        Self {
            name: name.to_owned(),
            hours,
            seed: one_seed(),
            load_noise: 0.0,
            vertices,
            restart: Restart::default(),
            metrics: Metrics::default(),
            slots: None,
            options: BTreeMap::new(),
        }
    }
}

fn one_seed() -> u64 {
    1
}

fn one() -> f64 {
    1.0
}

fn yes() -> bool {
    true
}

fn max_parallelism() -> i32 {
    128
}
