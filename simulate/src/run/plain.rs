//! Plain rules to hold policies against.

use std::collections::{BTreeMap, VecDeque};

use autoscaler_core::Observation;
use autoscaler_core::observation::{FlinkMetric as M, Readings};
use autoscaler_core::topology::JobTopology;

use crate::job::Job;

/// What the horizontal pod autoscaler is set to.
const HPA_TARGET: f64 = 0.7;
const HPA_TOLERANCE: f64 = 0.1;
/// Looks in five minutes.
const HPA_STABLE: usize = 10;
/// Seconds after a restart that DS2 waits.
const DS2_SETTLES: u32 = 60;

/// A plain rule under way.
#[derive(Debug)]
pub(super) enum Plain {
    /// What was recommended for each vertex at the last looks.
    Hpa(BTreeMap<usize, VecDeque<i32>>),
    /// What waited at each source at the last look of this run: when it began, the look, and how much.
    Ds2(Option<(u32, u32, BTreeMap<usize, f64>)>),
}

impl Plain {
    pub(super) fn hpa() -> Self {
        Self::Hpa(BTreeMap::new())
    }

    pub(super) fn ds2() -> Self {
        Self::Ds2(None)
    }

    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Hpa(_) => "hpa-like",
            Self::Ds2(_) => "ds2-like",
        }
    }

    /// Looks at a job and asks for what the rule says; why, where that restarts it.
    pub(super) fn decide(&mut self, job: &mut Job) -> String {
        let Ok(Observation { topology, metrics: Ok(readings), .. }) = job.observe() else { return String::new() };
        let asked = match self {
            Self::Hpa(recommended) => hpa(recommended, job, &topology, &readings),
            Self::Ds2(waited) => ds2(waited, job, &topology, &readings),
        };
        if job.ask(&asked) { self.name().to_owned() } else { String::new() }
    }
}

fn hpa(
    recommended: &mut BTreeMap<usize, VecDeque<i32>>,
    job: &Job,
    topology: &JobTopology,
    readings: &Readings,
) -> BTreeMap<usize, i32> {
    let mut asked = BTreeMap::new();
    for (vertex, reading) in topology.vertices().iter().zip(&readings.vertices) {
        let (Some(position), Some(busy)) = (job.position(vertex.id), reading.get(M::BusyTimeMsPerSecond)) else {
            continue;
        };
        let ratio = busy.avg / 1000.0 / HPA_TARGET;
        let wanted = if (ratio - 1.0).abs() <= HPA_TOLERANCE {
            vertex.parallelism
        } else {
            at_least(f64::from(vertex.parallelism) * ratio, vertex.max_parallelism)
        };
        let recent = recommended.entry(position).or_default();
        recent.push_back(wanted);
        if recent.len() > HPA_STABLE {
            recent.pop_front();
        }
        let highest = recent.iter().copied().max().unwrap_or(wanted);
        asked.insert(position, if wanted > vertex.parallelism { wanted } else { highest.min(vertex.parallelism) });
    }
    asked
}

fn ds2(
    before: &mut Option<(u32, u32, BTreeMap<usize, f64>)>,
    job: &Job,
    topology: &JobTopology,
    readings: &Readings,
) -> BTreeMap<usize, i32> {
    let each = || topology.vertices().iter().zip(&readings.vertices);
    let waiting =
        each().filter_map(|(vertex, reading)| Some((job.position(vertex.id)?, reading.get(M::PendingRecords)?.sum)));
    let waiting: BTreeMap<usize, f64> = waiting.collect();
    let last = before.replace((job.since, job.now, waiting.clone())).filter(|(since, ..)| *since == job.since);
    let Some((_, then, waited)) = last.filter(|_| job.now >= job.since + DS2_SETTLES) else { return BTreeMap::new() };
    let passed = f64::from(job.now - then);
    let mut target = vec![0.0; topology.vertices().len()];
    let mut asked = BTreeMap::new();
    for (place, (vertex, reading)) in each().enumerate() {
        let metric = if vertex.is_source() { M::SourceNumRecordsInPerSecond } else { M::NumRecordsInPerSecond };
        let (Some(position), Some(rate), Some(busy)) =
            (job.position(vertex.id), reading.get(metric), reading.get(M::BusyTimeMsPerSecond))
        else {
            return BTreeMap::new();
        };
        target[place] = if vertex.is_source() {
            let grew = waiting.get(&position).zip(waited.get(&position)).map_or(0.0, |(now, then)| now - then);
            (rate.sum + grew / passed).max(0.0)
        } else {
            let of = |input: usize| {
                let io = topology.vertices()[input].io;
                if io.records_in > 0.0 { target[input] * io.records_out / io.records_in } else { 0.0 }
            };
            vertex.inputs.iter().map(|edge| of(edge.vertex)).sum()
        };
        let true_rate = rate.sum / (busy.avg / 1000.0);
        if true_rate.is_finite() && true_rate > 0.0 {
            let each = true_rate / f64::from(vertex.parallelism);
            asked.insert(position, at_least(target[place] / each, vertex.max_parallelism));
        }
    }
    asked
}

/// The fewest whole subtasks that are as many.
fn at_least(subtasks: f64, most: i32) -> i32 {
    (1..most).find(|whole| f64::from(*whole) >= subtasks).unwrap_or(most)
}
