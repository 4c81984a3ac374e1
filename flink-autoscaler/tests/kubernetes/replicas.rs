//! Two replicas on a Lease of a real API server, and whatever can happen to them: nothing is realized without the lease, and
//! nothing twice. Each round the load changes, so that whoever leads decides a scaling, and something happens to it at a
//! moment nobody chose.

mod operator;
mod world;

use std::time::{Duration, Instant};

use servers::fault_proxy::Behavior;
use servers::kubernetes::FaultyApiServer;
use servers::waiting::{PATIENCE, until};

use world::{LEASE, World};

/// The variable that says how many rounds there are in each mode: `REPLICA_ROUNDS=50` makes it 100 in all.
const ROUNDS: &str = "REPLICA_ROUNDS";

/// What happens to whoever leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    /// kill -9.
    Killed,
    /// SIGSTOP until somebody else leads and has done its first cycles, then SIGCONT.
    Stopped,
    /// kill -9 of the API server, and a new one later.
    ServerRestarts,
    /// Neither replica gets through to the API server for longer than the lease.
    BothCutOff,
    /// Its packets vanish until somebody else leads.
    LeaderCutOff,
    /// SIGSTOP of the API server for longer than the lease, then SIGCONT.
    ServerStopped,
    /// SIGTERM.
    Ended,
}

const FAULTS: [Fault; 7] = [
    Fault::Killed,
    Fault::Stopped,
    Fault::ServerRestarts,
    Fault::BothCutOff,
    Fault::LeaderCutOff,
    Fault::ServerStopped,
    Fault::Ended,
];

/// Has something happen to whoever leads; how long it took until somebody else did, where somebody must.
async fn happens(
    world: &mut World,
    server: &mut FaultyApiServer,
    fault: Fault,
    random: &mut fastrand::Rng,
) -> Option<Duration> {
    let (index, token) = world.leading().await;
    let since = Instant::now();
    match fault {
        Fault::Killed => {
            world.kill(index);
            let took = world.taken_over(token, since).await;
            world.start_in_place_of(index);
            Some(took)
        }
        Fault::Ended => {
            world.end(index).await;
            // A clean stop waits for cycles under way, one of which may wait for Flink.
            let took = world.taken_over(token, Instant::now()).await;
            world.start_in_place_of(index);
            Some(took)
        }
        Fault::Stopped => {
            world.signal(index, "STOP");
            let took = world.taken_over(token, since).await;
            world.cycles(random.usize(0..3)).await;
            world.signal(index, "CONT");
            Some(took)
        }
        Fault::LeaderCutOff => {
            world.proxies[index].behave(Behavior::HoldAfter(0));
            let took = world.taken_over(token, since).await;
            world.cycles(random.usize(0..3)).await;
            world.proxies[index].behave(Behavior::Pass);
            Some(took)
        }
        Fault::ServerRestarts => {
            let after = Duration::from_millis(random.u64(0..1500));
            tokio::task::block_in_place(|| server.restart(after));
            None
        }
        Fault::BothCutOff => {
            // What it does to the job would be taken back below.
            let _paused = world.pause_operator().await;
            let cut = if random.bool() { Behavior::Refuse } else { Behavior::HoldAfter(0) };
            world.proxies.iter().for_each(|proxy| proxy.behave(cut));
            nobody_acts(world, random).await;
            world.proxies.iter().for_each(|proxy| proxy.behave(Behavior::Pass));
            None
        }
        Fault::ServerStopped => {
            let _paused = world.pause_operator().await;
            server.signal("STOP");
            nobody_acts(world, random).await;
            server.signal("CONT");
            None
        }
    }
}

/// Once the lease is over nobody may act, whatever was decided before: neither replica can know that the other does not. Not
/// even a job that has lost what it was rescaled to is put right.
async fn nobody_acts(world: &World, random: &mut fastrand::Rng) {
    tokio::time::sleep(LEASE + LEASE / 2).await;
    let (puts, there) = (world.cluster.count("PUT", 1), world.parallelism());
    world.change_load(random);
    world.cluster.rescale(1, &there.iter().map(|(vertex, parallelism)| (*vertex, parallelism + 1)).collect());
    tokio::time::sleep(LEASE).await;
    assert_eq!(world.cluster.count("PUT", 1), puts, "somebody acts without the lease");
    world.cluster.rescale(1, &there);
}

/// One round; how long a takeover took, if there was one.
async fn round(
    world: &mut World,
    server: &mut FaultyApiServer,
    number: usize,
    random: &mut fastrand::Rng,
) -> Option<Duration> {
    let fault = FAULTS[number % FAULTS.len()];
    let (before, realized_before) = (world.decided().await, world.realized().await);
    // Some at once, some about when it is decided, some between what was decided and its realization.
    let holds = world.holds_realizations(number % 3 == 2);
    let tried = world.tried_to_realize().await;
    world.change_load(random);
    let (begun, at_most) = (Instant::now(), Duration::from_millis(random.u64(0..900)));
    while begun.elapsed() < at_most || holds {
        if holds && (world.tried_to_realize().await > tried || begun.elapsed() > PATIENCE / 8) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    // What was held is dropped with its connection, as a cluster would that restarts.
    let _passes = world.holds_realizations(false);
    let took = happens(world, server, fault, random).await;
    let last = before.last().copied();
    until("a new scaling is realized", async || {
        let decided = world.decided().await;
        (decided.last().copied() > last && world.is_realized().await).then_some(())
    })
    .await;
    world.cycles(2).await;
    let decided = world.decided().await;
    assert!(decided.starts_with(&before), "round {number}, {fault:?}: decisions are lost: {before:?}, {decided:?}");
    // Each decision once at most: everything of the rounds before was realized at their end. One that came twice in a row
    // would change nothing the second time.
    let (new, realized) = (decided.len() - before.len(), world.realized().await - realized_before);
    assert!(realized <= new, "round {number}, {fault:?}: {new} were decided, and {realized} realized");
    assert_eq!(world.cluster.needless_rescales(1), 0, "round {number}, {fault:?}: one was realized twice");
    took
}

#[expect(clippy::print_stdout, reason = "the figures are worth knowing")]
async fn rounds(server: &mut FaultyApiServer, mode: &'static str) {
    let rounds = std::env::var(ROUNDS).ok().map_or(FAULTS.len(), |text| text.parse().unwrap());
    let mut random = fastrand::Rng::with_seed(12);
    let mut world = World::start(server, mode).await;
    let mut takeovers = Vec::new();
    for number in 0..rounds {
        takeovers.extend(round(&mut world, server, number, &mut random).await);
    }
    takeovers.sort_unstable();
    let slack = Duration::from_secs(10);
    assert!(takeovers.iter().all(|took| *took <= LEASE + slack), "it takes too long: {takeovers:?}");
    println!(
        "mode {mode}: {rounds} rounds, {} scalings decided and {} realized; {} takeovers, median {:?}, longest {:?} (lease {LEASE:?})",
        world.decided().await.len(),
        world.realized().await,
        takeovers.len(),
        takeovers.get(takeovers.len() / 2),
        takeovers.last(),
    );
    world.end_all();
}

/// By Flink's REST API, which anybody can reach, lease or not; and by the job's resource, which the operator then acts on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_decision_is_realized_once_whatever_happens() {
    let mut server = tokio::task::spawn_blocking(FaultyApiServer::start).await.unwrap();
    for mode in ["REST", "SPEC"] {
        rounds(&mut server, mode).await;
    }
}
