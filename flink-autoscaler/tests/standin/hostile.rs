//! Hostile answers, of every endpoint that is read and damaged in every way: nothing is decided on them, nothing that is
//! remembered gets lost, and with good ones it goes on.

use std::ops::RangeInclusive;
use std::time::Duration;

use autoscaler_core::{AutoScalerStateStore, JobKey};
use flink_rest::FlinkClient;
use servers::standin::{Damage, Endpoint, StandIn};

use crate::support::Running;

const INTERVAL: Duration = Duration::from_secs(1);

const OPTIONS: &[(&str, &str)] = &[
    ("job.autoscaler.enabled", "true"),
    ("job.autoscaler.stabilization.interval", "0 s"),
    // Several cycles of a slow machine.
    ("job.autoscaler.metrics.window", "3 s"),
    ("job.autoscaler.scale-down.interval", "0 s"),
    ("job.autoscaler.utilization.min", "0.2"),
    ("job.autoscaler.utilization.max", "0.8"),
    ("job.autoscaler.flink.rest-client.timeout", "2 s"),
];

/// Loads in turn, with the parallelism that a job under them ends in: those of the one are outside the other's band.
const LOADS: [(f64, RangeInclusive<i64>); 2] = [(5.0, 7..=32), (1.0, 2..=5)];

/// What was tried and what came of it.
#[derive(Debug, Default)]
struct Figures {
    answers: usize,
    endpoints: usize,
    read: usize,
    /// Rescales asked for on hostile answers.
    scalings: Vec<String>,
    lost: Vec<String>,
    panics: usize,
}

impl Figures {
    fn add(&mut self, other: Self) {
        self.answers += other.answers;
        self.endpoints = self.endpoints.max(other.endpoints);
        self.read += other.read;
        self.scalings.extend(other.scalings);
        self.lost.extend(other.lost);
        self.panics += other.panics;
    }
}

/// Whether a damaged answer is one that some Flink could give, so that nobody can tell: a cluster can have its own jobs
/// scaled badly.
fn is_possible(endpoint: Endpoint, damage: Damage) -> bool {
    match (endpoint, damage) {
        // Keys that are no options of ours: autoscaling is not switched on.
        (Endpoint::Configuration, Damage::Texts(text)) => text.contains("\\n"),
        // What a source reads is counted in the job's details, too.
        (Endpoint::Values(1), Damage::Numbers(_)) => true,
        // As busy as never before.
        (Endpoint::Values(2), Damage::Numbers(text)) => text.starts_with('9'),
        // TaskManagers and JobManager tell of memory and slots, not of load; numbers of tasks that add up are all right.
        (Endpoint::TaskManagers | Endpoint::JobManager, _) => true,
        (Endpoint::Overview, Damage::Numbers(_) | Damage::TwiceInLists) => true,
        _ => false,
    }
}

/// A cluster with jobs, each damaged in its own way.
struct Trial {
    cluster: StandIn,
    running: Running,
    /// The jobs, each with what is damaged: its own answers, or the cluster's (0).
    cases: Vec<(u32, u32, Damage)>,
    /// All jobs: those, and a healthy one for comparison where there is one.
    jobs: Vec<u32>,
    figures: Figures,
}

impl Trial {
    async fn start(cases: Vec<(u32, u32, Damage)>, healthy: Option<u32>) -> Self {
        let cluster = StandIn::start().await;
        let jobs: Vec<u32> = cases.iter().map(|(job, ..)| *job).chain(healthy).collect();
        jobs.iter().for_each(|job| cluster.add_job(*job, OPTIONS, None));
        let client = FlinkClient::new(&cluster.url(), Duration::from_secs(2)).unwrap().with_max_answer(1 << 20);
        let running = Running::start_with(client, INTERVAL);
        let trial = Self { cluster, running, cases, jobs, figures: Figures::default() };
        trial.scaled_to(&LOADS[1].1).await;
        trial
    }

    async fn scaled_to(&self, range: &RangeInclusive<i64>) {
        let is_there = |job: &&u32| range.contains(&self.cluster.parallelism(**job, 2));
        let waiting = self.running.observer.until("all are scaled", || self.jobs.iter().all(|job| is_there(&job)));
        let is_in_time = tokio::time::timeout(Duration::from_secs(300), waiting).await.is_ok();
        let others = || self.jobs.iter().filter(|job| !is_there(job)).map(|job| self.running.text_about(*job));
        assert!(is_in_time, "not scaled to {range:?}: {:?}", others().collect::<Vec<_>>());
    }

    /// Damages an endpoint until each job has met it and a healthy one would be scaled; then mends it.
    async fn damage(&mut self, endpoint: Endpoint, (load, range): &(f64, RangeInclusive<i64>)) {
        self.cases.iter().for_each(|(_, damaged, damage)| self.cluster.damage(*damaged, endpoint, *damage));
        // What is asked only when a job begins to run is asked again.
        self.jobs.iter().for_each(|job| self.cluster.restart_job(*job));
        let cases = self.cases.clone();
        let met = |most: usize| cases.iter().all(|(_, damaged, _)| self.cluster.damaged(*damaged) >= most);
        if endpoint != Endpoint::Rescale {
            self.running.until(&format!("{endpoint:?}: all meet it"), || met(1)).await;
        }
        let puts: Vec<usize> = cases.iter().map(|(job, ..)| self.cluster.count("PUT", *job)).collect();
        self.jobs.iter().for_each(|job| self.cluster.set_load(*job, *load));
        let healthy = || self.jobs.iter().filter(|job| cases.iter().all(|(damaged, ..)| damaged != *job));
        let is_scaled = || healthy().all(|job| range.contains(&self.cluster.parallelism(*job, 2)));
        self.running.until("the healthy job is scaled", is_scaled).await;
        // Names that can be used are not asked again, nor is a rescale that was done.
        let most = if matches!(endpoint, Endpoint::Names(_) | Endpoint::Rescale) { 1 } else { 3 };
        self.running.until(&format!("{endpoint:?}: all meet it again"), || met(most)).await;
        for ((job, damaged, damage), before) in cases.iter().zip(puts) {
            if damage.leaves_whole(endpoint) {
                continue;
            }
            self.figures.answers += 1;
            self.figures.read += self.cluster.damaged(*damaged);
            let may_scale = endpoint == Endpoint::Rescale || is_possible(endpoint, *damage);
            if !may_scale && self.cluster.count("PUT", *job) > before {
                self.figures.scalings.push(format!("{endpoint:?} {damage:?} to {}", self.cluster.parallelism(*job, 2)));
            }
            let key = JobKey::new(testkit::job::id(*job));
            let state = self.running.store.load(&key).await.unwrap().state;
            let is_lost =
                state.parallelism_overrides.get().is_empty() || state.scaling_history.get().vertices.is_empty();
            if is_lost && !is_possible(endpoint, *damage) {
                self.figures.lost.push(format!("{endpoint:?} {damage:?}"));
            }
        }
        self.figures.endpoints += 1;
        self.cluster.mend();
        self.scaled_to(range).await;
    }

    async fn end(mut self) -> Figures {
        let keys = self.cases.iter().map(|(job, ..)| JobKey::new(testkit::job::id(*job)));
        let has_panicked = |key: &JobKey| self.running.observer.skipped(key).iter().any(|why| why.contains("Panicked"));
        self.figures.panics = keys.filter(has_panicked).count();
        self.running.stop().await;
        self.figures
    }
}

#[expect(clippy::print_stdout, reason = "the figures are worth knowing")]
async fn of_jobs() -> Figures {
    let cases = (2..).zip(Damage::ALL).map(|(job, damage)| (job, job, damage)).collect();
    let mut trial = Trial::start(cases, Some(1)).await;
    for (endpoint, load) in Endpoint::OF_JOB.into_iter().zip(LOADS.iter().cycle()) {
        trial.damage(endpoint, load).await;
        println!("{endpoint:?}: {} answers of jobs, read {} times", trial.figures.answers, trial.figures.read);
    }
    trial.end().await
}

/// A cluster for each damage.
#[expect(clippy::print_stdout, reason = "the figures are worth knowing")]
async fn of_clusters() -> Figures {
    let trials = Damage::ALL.map(|damage| {
        tokio::spawn(async move {
            let mut trial = Trial::start(vec![(1, 0, damage)], None).await;
            for (endpoint, load) in Endpoint::OF_CLUSTER.into_iter().zip(LOADS.iter().cycle()) {
                trial.damage(endpoint, load).await;
            }
            trial.end().await
        })
    });
    let mut figures = Figures::default();
    for trial in trials {
        figures.add(trial.await.unwrap());
    }
    println!("endpoints of clusters: {} answers, read {} times", figures.answers, figures.read);
    figures
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_decided_on_hostile_answers() {
    let (jobs, clusters) = tokio::join!(of_jobs(), of_clusters());
    let endpoints = jobs.endpoints + clusters.endpoints;
    let mut all = Figures::default();
    all.add(jobs);
    all.add(clusters);
    println!(
        "{} hostile answers of {endpoints} endpoints, read {} times: {} panics, {} scalings, {} states lost",
        all.answers,
        all.read,
        all.panics,
        all.scalings.len(),
        all.lost.len()
    );
    assert!(all.answers >= 312, "{}", all.answers);
    assert_eq!((all.panics, all.scalings, all.lost), (0, vec![], vec![]));
}
