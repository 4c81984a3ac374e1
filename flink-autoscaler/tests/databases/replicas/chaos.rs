//! Rounds of chaos: each time the load changes, so that whoever leads decides a scaling, and something happens to it at a
//! moment nobody chose.

use std::time::{Duration, Instant};

use autoscaler_core::time::Instant as At;
use autoscaler_core::{AutoScalerStateStore, JobKey};
use servers::fault_proxy::{Behavior, FaultProxy};
use servers::standin::StandIn;
use sql_database::SqlStateStore;

use super::replica::{INTERVAL, LEASE, Replica, Settings};
use super::{leader, until};
use crate::backend::Opened;

/// The job is scaled within half a second of a change of its load, if cycles are short.
pub(super) const OPTIONS: &[(&str, &str)] = &[
    ("job.autoscaler.enabled", "true"),
    ("job.autoscaler.stabilization.interval", "0 s"),
    ("job.autoscaler.metrics.window", "400 ms"),
    ("job.autoscaler.scale-down.interval", "0 s"),
    ("job.autoscaler.utilization.max", "0.8"),
    ("job.autoscaler.utilization.min", "0.5"),
    // Every scaling stays in the records to be counted.
    ("job.autoscaler.history.max.count", "1000"),
];

/// The variable that says how many rounds there are on each database: `REPLICA_ROUNDS=70` makes it over 200 in all.
const ROUNDS: &str = "REPLICA_ROUNDS";

/// What happens to whoever leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    /// kill -9.
    Killed,
    /// SIGSTOP until somebody else leads and has done its first cycles, then SIGCONT.
    Stopped,
    /// The server ends every session, and takes none for a while.
    DatabaseRestarts,
    /// Neither replica gets through to the database for longer than the lease.
    BothCutOff,
    /// Its packets vanish until somebody else leads.
    LeaderCutOff,
    /// SIGTERM.
    Ended,
}

const FAULTS: [Fault; 6] =
    [Fault::Killed, Fault::Stopped, Fault::DatabaseRestarts, Fault::BothCutOff, Fault::LeaderCutOff, Fault::Ended];

/// Two replicas, each with a way of its own to the database.
struct World {
    opened: Opened,
    cluster: StandIn,
    store: SqlStateStore,
    /// A replica that is being stopped is still one of two.
    replicas: Vec<(Replica, Settings)>,
    proxies: Vec<FaultProxy>,
    started: usize,
}

impl World {
    async fn start(opened: Opened) -> Self {
        let cluster = StandIn::start().await;
        cluster.add_job(1, OPTIONS, None);
        let store = opened.store();
        // The schema first, so that every process gets to its cycles.
        store.jobs().await.unwrap();
        let mut world = Self { opened, cluster, store, replicas: Vec::new(), proxies: Vec::new(), started: 0 };
        for _ in 0..2 {
            let (proxy, url) = world.opened.through_proxy().await;
            world.proxies.push(proxy);
            let settings = Settings::new(&url, &world.cluster);
            world.start_replica(settings);
        }
        world
    }

    fn start_replica(&mut self, settings: Settings) {
        self.started += 1;
        self.replicas.push((Replica::start(&format!("replica-{}", self.started), &settings), settings));
    }

    /// The scalings that were decided, by their instant.
    async fn decided(&self) -> Vec<At> {
        let loaded = self.store.load(&JobKey::new(testkit::job::id(1))).await.unwrap();
        assert!(loaded.unreadable.is_empty(), "{:?}", loaded.unreadable);
        loaded.state.scaling_tracking.get().records.keys().copied().collect()
    }

    /// Whether the job is as it is stored.
    async fn is_realized(&self) -> bool {
        let loaded = self.store.load(&JobKey::new(testkit::job::id(1))).await.unwrap();
        let overrides = loaded.state.parallelism_overrides.get();
        let stored = |vertex: u32| overrides.get(&testkit::job::id(vertex).parse().unwrap()).copied().map(i64::from);
        [1, 2].into_iter().all(|vertex| stored(vertex).is_none_or(|there| there == self.cluster.parallelism(1, vertex)))
    }

    /// Has the load be such that the job has to be scaled.
    fn change_load(&self, random: &mut fastrand::Rng) {
        let is_wide = self.cluster.parallelism(1, 2) >= 3;
        self.cluster.set_load(1, if is_wide { 0.4 + random.f64() * 0.2 } else { 3.2 + random.f64() * 2.0 });
    }

    /// Which of the replicas leads.
    async fn leading(&self) -> (usize, i64) {
        until("somebody leads", async || {
            let (holder, token) = leader(&self.opened).await;
            let is_holder = |(replica, _): &(Replica, Settings)| holder.starts_with(&format!("{} ", replica.name()));
            Some((self.replicas.iter().position(is_holder)?, token))
        })
        .await
    }

    /// Waits until somebody else has taken the lease than who had it under `token`; how long after `since` that was.
    async fn taken_over(&self, token: i64, since: Instant) -> Duration {
        until("somebody takes over", async || (leader(&self.opened).await.1 > token).then(|| since.elapsed())).await
    }

    /// Waits until so many cycles of the job have begun since.
    async fn cycles(&self, count: usize) {
        let before = self.cluster.count("GET", 1);
        // A cycle asks for more than two things.
        until("there are cycles", async || (self.cluster.count("GET", 1) > before + 4 * count).then_some(())).await;
    }

    /// Has something happen to whoever leads; how long it took until somebody else did, where somebody must.
    async fn happens(&mut self, fault: Fault, random: &mut fastrand::Rng) -> Option<Duration> {
        let (index, token) = self.leading().await;
        let since = Instant::now();
        match fault {
            Fault::Killed | Fault::Ended => {
                let (replica, settings) = self.replicas.remove(index);
                if fault == Fault::Killed {
                    replica.kill()
                } else {
                    replica.end().await
                };
                // A clean stop waits for cycles under way, one of which may wait for Flink.
                let took = self.taken_over(token, Instant::now()).await;
                self.proxies.rotate_left(usize::from(index == 0));
                self.start_replica(settings);
                Some(took)
            }
            Fault::Stopped => {
                self.replicas[index].0.signal("STOP");
                let took = self.taken_over(token, since).await;
                self.cycles(random.usize(0..3)).await;
                self.replicas[index].0.signal("CONT");
                Some(took)
            }
            Fault::LeaderCutOff => {
                self.proxies[index].behave(Behavior::HoldAfter(0));
                let took = self.taken_over(token, since).await;
                self.cycles(random.usize(0..3)).await;
                self.proxies[index].behave(Behavior::Pass);
                Some(took)
            }
            Fault::DatabaseRestarts => {
                self.proxies.iter().for_each(|proxy| proxy.behave(Behavior::Refuse));
                self.opened.end_connections().await;
                tokio::time::sleep(Duration::from_millis(random.u64(0..1500))).await;
                self.proxies.iter().for_each(|proxy| proxy.behave(Behavior::Pass));
                None
            }
            Fault::BothCutOff => {
                let cut = if random.bool() { Behavior::Refuse } else { Behavior::HoldAfter(0) };
                self.proxies.iter().for_each(|proxy| proxy.behave(cut));
                tokio::time::sleep(LEASE + LEASE / 2).await;
                // Nobody may act now, whatever was decided before: neither can know that the other does not.
                let puts = self.cluster.count("PUT", 1);
                self.change_load(random);
                tokio::time::sleep(LEASE / 2).await;
                assert_eq!(self.cluster.count("PUT", 1), puts, "somebody acts without the lease");
                self.proxies.iter().for_each(|proxy| proxy.behave(Behavior::Pass));
                None
            }
        }
    }
}

#[expect(clippy::print_stdout, reason = "the figures are worth knowing")]
pub(super) async fn rounds(opened: Opened) {
    let rounds = std::env::var(ROUNDS).ok().map_or(FAULTS.len(), |text| text.parse().unwrap());
    let name = opened.backend.name;
    let mut random = fastrand::Rng::with_seed(11);
    let mut world = World::start(opened).await;
    let mut takeovers: Vec<Duration> = Vec::new();
    let (mut decisions, mut in_between) = (0, 0);
    for round in 0..rounds {
        let fault = FAULTS[round % FAULTS.len()];
        let (before, rescales) = (world.decided().await, world.cluster.rescales(1));
        world.change_load(&mut random);
        // Some at once, some about when it is decided, some between what was decided and its realization.
        let holds = round % 3 == 2;
        world.cluster.hold_rescales(holds);
        let (puts, at_most) = (world.cluster.count("PUT", 1), random.u64(0..900));
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_millis(at_most) || holds {
            let is_decided = world.cluster.count("PUT", 1) > puts;
            if holds && (is_decided || begun.elapsed() > super::PATIENCE / 8) {
                in_between += usize::from(is_decided);
                break;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        // What was held is dropped with its connection, as a cluster would that restarts.
        world.cluster.hold_rescales(false);
        takeovers.extend(world.happens(fault, &mut random).await);
        let world = &world;
        let last = before.last().copied();
        until("a new scaling is realized", async || {
            let decided = world.decided().await;
            (decided.last().copied() > last && world.is_realized().await).then_some(())
        })
        .await;
        world.cycles(2).await;
        // Each decision once at most: everything of the rounds before was realized at their end. One that came twice in a row
        // would change nothing the second time.
        let decided = world.decided().await.len();
        let (new, realized) = (decided - before.len(), world.cluster.rescales(1) - rescales);
        assert!(realized <= new, "round {round}, {fault:?}: {new} were decided, and {realized} realized");
        assert_eq!(world.cluster.needless_rescales(1), 0, "round {round}, {fault:?}: one was realized twice");
        decisions = decided;
    }
    takeovers.sort_unstable();
    let slack = Duration::from_secs(10);
    assert!(takeovers.iter().all(|took| *took <= LEASE + INTERVAL + slack), "it takes too long: {takeovers:?}");
    let at = |part: usize| takeovers.get((takeovers.len() * part / 100).min(takeovers.len().max(1) - 1)).copied();
    println!(
        "{name}: {rounds} rounds, {decisions} scalings decided and {} realized, {in_between} times hit in between; \
         {} takeovers, median {:?}, longest {:?} (lease {LEASE:?}, interval {INTERVAL:?})",
        world.cluster.rescales(1),
        takeovers.len(),
        at(50).unwrap_or_default(),
        at(100).unwrap_or_default(),
    );
    for (replica, _) in world.replicas {
        let log = replica.kill();
        assert!(!log.contains("panicked") && !log.contains("a bug ended"), "{log}");
    }
}
