//! A job as a fluid, second by second.

mod backlog;
mod flow;
mod gauges;
mod observe;

use std::collections::BTreeMap;

use crate::capacity::Planner;
use crate::graph::Graph;
use crate::random::Random;
use crate::scenario::Scenario;
use backlog::Backlog;
use flow::{Flow, flow};
use gauges::Gauges;

/// What chance is drawn for.
const LOAD: u64 = 1;
const RESTARTS: u64 = 2;
const METRICS: u64 = 3;
/// Seconds for which the noise of a load stays the same.
const NOISE_SPAN: u32 = 30;

/// A running or restarting job. Seconds are from the beginning of the scenario.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) scenario: Scenario,
    pub(crate) graph: Graph,
    /// Records per second that reach each source in each second; nothing for other vertices. Without noise, and with it.
    pub(crate) load: Vec<Vec<f64>>,
    noisy: Vec<Vec<f64>>,
    /// The second that begins.
    pub(crate) now: u32,
    pub(crate) parallelism: Vec<i32>,
    /// What was asked for; it may be more than there are slots for.
    wanted: Vec<i32>,
    /// Since when it runs; in the future while it restarts.
    pub(crate) since: u32,
    backlogs: Vec<Backlog>,
    gauges: Gauges,
    planner: Planner,
    read: f64,
    restarts: Random,
    metrics: Random,
}

impl Job {
    /// At the beginning of a scenario that makes sense.
    pub(crate) fn new(scenario: &Scenario) -> Self {
        let graph = Graph::of(scenario);
        let seconds = seconds(scenario.hours * 3600.0);
        let mut random = Random::new(scenario.seed, LOAD);
        let curve = |random: &mut Random, position: usize| {
            scenario.vertices[position].load.as_ref().map(|load| load.curve(seconds, random)).unwrap_or_default()
        };
        let load: Vec<Vec<f64>> = (0..graph.inputs.len()).map(|position| curve(&mut random, position)).collect();
        let mut noisy = load.clone();
        for curve in &mut noisy {
            let mut factor = 1.0;
            for (rate, second) in curve.iter_mut().zip(0..) {
                if second % NOISE_SPAN == 0 {
                    factor = random.factor(scenario.load_noise);
                }
                *rate *= factor;
            }
        }
        let rate = |position: usize| load[position].first().copied().unwrap_or(0.0);
        let waiting = scenario.vertices.iter().enumerate();
        let waiting = waiting.map(|(position, vertex)| Backlog::at_the_beginning(vertex.backlog, rate(position)));
        let backlogs: Vec<Backlog> = waiting.collect();
        let selectivity = vec![1.0; graph.inputs.len()];
        let mut job = Self {
            backlogs,
            gauges: Gauges::new(graph.inputs.len(), scenario.metrics.late),
            planner: Planner::new(scenario),
            scenario: scenario.clone(),
            parallelism: selectivity.iter().map(|_| 1).collect(),
            wanted: Vec::new(),
            graph,
            load,
            noisy,
            now: 0,
            since: 0,
            read: 0.0,
            restarts: Random::new(scenario.seed, RESTARTS),
            metrics: Random::new(scenario.seed, METRICS),
        };
        let plan = job.planned();
        job.parallelism =
            scenario.vertices.iter().zip(plan).map(|(vertex, plan)| vertex.parallelism.unwrap_or(plan)).collect();
        job.wanted = job.parallelism.clone();
        job.gauges.begin(&job.waiting_each());
        job
    }

    /// How many seconds the scenario has.
    pub(crate) fn seconds(&self) -> u32 {
        seconds(self.scenario.hours * 3600.0)
    }

    /// What an all-knowing planner would give each vertex now.
    pub(crate) fn planned(&self) -> Vec<i32> {
        self.planner.planned(&self.graph.pushed(&self.loads(&self.load), &self.selectivity()))
    }

    /// Records per second that reach each vertex at the highest load of every source.
    pub(crate) fn peak_demand(&self) -> Vec<f64> {
        let peaks: Vec<f64> = self.load.iter().map(|curve| curve.iter().copied().fold(0.0, f64::max)).collect();
        self.graph.pushed(&peaks, &self.selectivity())
    }

    /// Subtasks that the planner gives the widest vertex then.
    pub(crate) fn widest_planned(&self) -> i32 {
        self.planner.planned(&self.peak_demand()).into_iter().max().unwrap_or(1)
    }

    /// Whether it runs.
    pub(crate) fn runs(&self) -> bool {
        self.now >= self.since
    }

    fn minute(&self) -> f64 {
        f64::from(self.now) / 60.0
    }

    fn loads(&self, curves: &[Vec<f64>]) -> Vec<f64> {
        let second = usize::try_from(self.now).unwrap_or(usize::MAX);
        curves.iter().map(|curve| curve.get(second).copied().unwrap_or(0.0)).collect()
    }

    /// Records written by each vertex for each one read.
    fn selectivity(&self) -> Vec<f64> {
        let wave = |period: f64| (std::f64::consts::TAU * self.minute() / period).sin();
        let each = self.scenario.vertices.iter();
        each.map(|vertex| vertex.selectivity * vertex.drift.map_or(1.0, |drift| 1.0 + drift.by * wave(drift.period)))
            .collect()
    }

    /// What each vertex can do now, records per second.
    pub(crate) fn capacities(&self) -> Vec<f64> {
        let up = f64::from(self.now.saturating_sub(self.since));
        let each = self.scenario.vertices.iter().zip(&self.parallelism);
        each.map(|(vertex, parallelism)| {
            let warm = vertex.warm_up.map_or(1.0, |warm_up| {
                if up >= warm_up.seconds { 1.0 } else { warm_up.from + (1.0 - warm_up.from) * up / warm_up.seconds }
            });
            let slow = vertex.slowdown.filter(|slowdown| within(self.minute(), slowdown.at, slowdown.minutes));
            vertex.capacity(*parallelism) * warm * slow.map_or(1.0, |slowdown| slowdown.factor)
        })
        .collect()
    }

    /// Load of all sources, and the most that the job as it is could carry of it, records per second.
    pub(crate) fn load_and_capacity(&self) -> (f64, f64) {
        let loads = self.loads(&self.noisy);
        let total: f64 = loads.iter().sum();
        if !self.runs() {
            return (total, 0.0);
        }
        let demand = self.graph.pushed(&loads, &self.selectivity());
        let shares = demand.iter().zip(self.capacities()).filter(|(demand, _)| **demand > 0.0);
        (total, total * shares.map(|(demand, capacity)| capacity / demand).fold(f64::INFINITY, f64::min))
    }

    /// Slots that the job may have.
    pub(crate) fn slots(&self) -> Option<i32> {
        let slots = self.scenario.slots.as_ref()?;
        let rival = slots.rival.filter(|rival| within(self.minute(), rival.at, rival.minutes));
        // Nobody takes away what a running job has.
        Some((slots.total - rival.map_or(0, |rival| rival.slots)).max(1))
    }

    /// Seconds since the record arrived that the worst source reads now.
    pub(crate) fn lag(&self) -> f64 {
        self.backlogs.iter().map(|backlog| backlog.age(f64::from(self.now))).fold(0.0, f64::max)
    }

    /// Records that wait at all vertices.
    pub(crate) fn waiting(&self) -> f64 {
        self.backlogs.iter().map(Backlog::records).sum()
    }

    fn waiting_each(&self) -> Vec<f64> {
        self.backlogs.iter().map(Backlog::records).collect()
    }

    /// Records that were read, those left out that will be read again.
    pub(crate) fn read(&self) -> f64 {
        self.read
    }

    /// Lets a second pass.
    pub(crate) fn step(&mut self) {
        let (loads, now) = (self.loads(&self.noisy), f64::from(self.now));
        for (backlog, load) in self.backlogs.iter_mut().zip(&loads) {
            backlog.arrive(now, *load);
        }
        if self.runs() {
            self.work(now);
        }
        self.now += 1;
        if self.now == self.since {
            self.gauges.begin(&self.waiting_each());
        }
        if self.runs() && self.now.is_multiple_of(seconds(self.scenario.restart.checkpoint_interval).max(1)) {
            self.backlogs.iter_mut().for_each(Backlog::checkpoint);
        }
    }

    fn work(&mut self, now: f64) {
        let (capacities, selectivity) = (self.capacities(), self.selectivity());
        let wanted: Vec<f64> =
            self.backlogs.iter().zip(&capacities).map(|(backlog, capacity)| backlog.records().min(*capacity)).collect();
        let Flow { reads, held_back } = flow(&self.graph, &wanted, &capacities, &selectivity);
        for source in &self.graph.sources {
            self.read += self.backlogs[*source].take(now, reads[*source]);
        }
        let even: Vec<f64> = self
            .scenario
            .vertices
            .iter()
            .zip(&self.parallelism)
            .map(|(vertex, parallelism)| vertex.even_capacity(*parallelism))
            .collect();
        let waiting = self.waiting_each();
        self.gauges.add(&gauges::Second {
            reads: &reads,
            selectivity: &selectivity,
            capacities: &capacities,
            even: &even,
            held_back: &held_back,
            waiting: &waiting,
        });
    }

    /// Asks for a parallelism of each vertex by position; whether that restarts the job.
    pub(crate) fn ask(&mut self, asked: &BTreeMap<usize, i32>) -> bool {
        let mut wanted = self.wanted.clone();
        for (position, parallelism) in asked {
            wanted[*position] = (*parallelism).clamp(1, self.scenario.vertices[*position].max_parallelism);
        }
        if !self.runs() || wanted == self.wanted {
            return false;
        }
        self.wanted = wanted;
        self.restart()
    }

    /// Takes the slots that have become free since it got fewer than it wanted; whether that restarts it.
    pub(crate) fn take_free_slots(&mut self) -> bool {
        self.runs() && self.restart()
    }

    /// Begins anew with what is wanted, as far as there are slots; whether that is anything else.
    fn restart(&mut self) -> bool {
        let slots = self.slots().unwrap_or(i32::MAX);
        let given: Vec<i32> = self.wanted.iter().map(|wanted| (*wanted).min(slots)).collect();
        // What it has, it keeps: a rival gets only what is free.
        let given: Vec<i32> = given
            .iter()
            .zip(&self.parallelism)
            .zip(&self.wanted)
            .map(|((given, has), wanted)| (*given).max((*has).min(*wanted)))
            .collect();
        if given == self.parallelism {
            return false;
        }
        self.parallelism = given;
        let restart = &self.scenario.restart;
        let subtasks: f64 = self.parallelism.iter().map(|parallelism| f64::from(*parallelism)).sum();
        let takes = restart.seconds + restart.per_subtask * subtasks + restart.per_million_records * self.read / 1e6;
        let takes = takes * self.restarts.factor(restart.jitter);
        self.since = self.now + seconds(takes).max(1);
        for backlog in &mut self.backlogs {
            self.read -= backlog.rewind();
        }
        true
    }
}

fn within(minute: f64, at: f64, minutes: f64) -> bool {
    minute >= at && minute < at + minutes
}

/// Whole seconds of a number of them.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates; spans are some weeks at most")]
fn seconds(number: f64) -> u32 {
    number.round() as u32
}
