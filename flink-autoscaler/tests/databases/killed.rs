//! SIGKILL at any moment: what is stored is whole, nothing of it is lost, and the next process goes on from it.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use autoscaler_core::{AutoScalerStateStore, JobKey, JobState};
use servers::standin::StandIn;
use sql_database::migrate::{migrate, pending};

use crate::Case;
use crate::backend::Opened;

pub(crate) const CASES: &[Case] = &[
    ("killed::two_hundred_times", |database| Box::pin(two_hundred_times(database))),
    ("killed::while_it_migrates", |database| Box::pin(while_it_migrates(database))),
];

const MIGRATIONS_KILLED: usize = 25;

const KILLS: usize = 200;

/// The job is scaled within a quarter of a second of a change of its load.
const OPTIONS: &[(&str, &str)] = &[
    ("job.autoscaler.enabled", "true"),
    ("job.autoscaler.stabilization.interval", "0 s"),
    ("job.autoscaler.metrics.window", "80 ms"),
    ("job.autoscaler.scale-down.interval", "0 s"),
    ("job.autoscaler.utilization.max", "0.8"),
    ("job.autoscaler.utilization.min", "0.5"),
    ("job.autoscaler.restart.time-tracking.enabled", "true"),
];

/// The autoscaler's process; killed when dropped.
struct Autoscaler(Child);

impl Autoscaler {
    fn start(opened: &Opened, cluster: &StandIn, log: &Path) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_flink-autoscaler"));
        command.args(["run", "--autoscaler.standalone.control-loop.interval=20 ms"]);
        command.arg(format!("--autoscaler.standalone.fetcher.flink-cluster.port={}", cluster.address().port()));
        command.arg("--autoscaler.standalone.fetcher.flink-cluster.host=127.0.0.1");
        command.args([
            "--autoscaler.standalone.state-store.type=jdbc",
            "--autoscaler.standalone.event-handler.type=logging,jdbc",
        ]);
        command.arg(format!("--autoscaler.standalone.jdbc.url={}", opened.url)).env_remove("FLINK_CONF_DIR");
        let log = std::fs::File::options().create(true).append(true).open(log).unwrap();
        Self(command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn().unwrap())
    }

    fn kill(mut self) {
        // SIGKILL, on Unix.
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Autoscaler {
    fn drop(&mut self) {
        let _ended = self.0.kill();
        let _status = self.0.wait();
    }
}

/// What a scaling stores, it stores whole: history, record and overrides of one instant.
fn check_whole(state: &JobState) {
    let Some((at, _)) = state.scaling_tracking.get().records.last_key_value() else {
        assert!(state.parallelism_overrides.get().is_empty() && state.scaling_history.get().vertices.is_empty());
        return;
    };
    let history = &state.scaling_history.get().vertices;
    let scaled: BTreeMap<String, String> = history
        .iter()
        .filter_map(|(vertex, entries)| {
            let (_, summary) = entries.iter().rev().find(|(there, _)| there == at)?;
            Some((vertex.to_string(), summary.new_parallelism.to_string()))
        })
        .collect();
    assert!(!scaled.is_empty(), "a scaling is recorded at {at}, and the history does not have it");
    for (vertex, parallelism) in scaled {
        assert_eq!(state.parallelism_overrides.get().get(&vertex), Some(&parallelism), "at {at}");
    }
    let newest = history.values().flatten().map(|(there, _)| there).max();
    assert_eq!(newest, Some(at), "the history is of another cycle than the record");
}

/// Wherever a migration is killed, the next process brings the schema up to date.
async fn while_it_migrates(opened: Opened) {
    let mut random = fastrand::Rng::with_seed(3);
    let (mut untouched, mut complete) = (0, 0);
    for kill in 0..MIGRATIONS_KILLED {
        let mut command = Command::new(env!("CARGO_BIN_EXE_flink-autoscaler"));
        command.args(["migrate", "--autoscaler.standalone.state-store.type=jdbc"]);
        command.arg(format!("--autoscaler.standalone.jdbc.url={}", opened.url)).env_remove("FLINK_CONF_DIR");
        let mut migrating = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        tokio::time::sleep(Duration::from_micros(random.u64(0..120_000))).await;
        migrating.kill().unwrap();
        migrating.wait().unwrap();
        let database = opened.database();
        match pending(database.as_ref()).await.unwrap().len() {
            0 => complete += 1,
            2 => untouched += 1,
            _ => {}
        }
        migrate(database.as_ref()).await.unwrap_or_else(|error| panic!("after kill {kill}: {error}"));
        assert_eq!(pending(database.as_ref()).await.unwrap(), []);
        for table in ["state_store", "event_handler", "observation", "migrations"] {
            opened.execute(&[&format!("DROP TABLE t_flink_autoscaler_{table}")]).await;
        }
    }
    assert!(
        untouched < MIGRATIONS_KILLED && complete < MIGRATIONS_KILLED,
        "{untouched} were killed too early, {complete} too late"
    );
}

async fn two_hundred_times(opened: Opened) {
    let cluster = StandIn::start().await;
    cluster.add_job(1, OPTIONS, None);
    let (store, key) = (opened.store(), JobKey::new(testkit::job::id(1)));
    let directory = tempfile::tempdir().unwrap();
    let log = directory.path().join("autoscaler.log");
    // The schema first, so that every process gets to its cycles.
    store.jobs().await.unwrap();
    let mut random = fastrand::Rng::with_seed(7);
    let mut scalings: Vec<autoscaler_core::time::Instant> = Vec::new();
    for kill in 0..KILLS {
        cluster.set_load(1, [0.6, 2.0, 5.0, 1.3][kill / 2 % 4]);
        let seen = cluster.asked().len();
        let autoscaler = Autoscaler::start(&opened, &cluster, &log);
        // Some are killed while they start, the others somewhere in their first cycles.
        if random.f64() < 0.9 {
            let deadline = Instant::now() + Duration::from_secs(20);
            while cluster.asked().len() == seen {
                assert!(Instant::now() < deadline, "it asks nothing: {}", std::fs::read_to_string(&log).unwrap());
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        }
        tokio::time::sleep(Duration::from_micros(random.u64(0..250_000))).await;
        autoscaler.kill();
        let loaded = store.load(&key).await.unwrap();
        assert!(loaded.unreadable.is_empty(), "after kill {kill}: {:?}", loaded.unreadable);
        check_whole(&loaded.state);
        let records = &loaded.state.scaling_tracking.get().records;
        // Records are never lost but to newer ones.
        if let Some(last) = scalings.last() {
            assert!(records.keys().next_back() >= Some(last), "after kill {kill} the scaling at {last} is lost");
        }
        scalings.extend(
            records.keys().filter(|at| scalings.last().is_none_or(|last| *at > last)).copied().collect::<Vec<_>>(),
        );
    }
    let distinct: std::collections::BTreeSet<_> = scalings.iter().collect();
    assert_eq!(distinct.len(), scalings.len(), "two scalings were decided on one observation");
    assert!(scalings.len() >= 10, "only {} scalings in {KILLS} runs", scalings.len());

    // Left alone, it brings the job to what is stored.
    let autoscaler = Autoscaler::start(&opened, &cluster, &log);
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        let overrides = store.load(&key).await.unwrap().state.parallelism_overrides.get().clone();
        let stored = |vertex: u32| overrides.get(&testkit::job::id(vertex)).and_then(|text| text.parse::<i64>().ok());
        if [1, 2].into_iter().all(|vertex| stored(vertex) == Some(cluster.parallelism(1, vertex))) {
            break;
        }
        assert!(Instant::now() < deadline, "the job is not brought to {overrides:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    autoscaler.kill();
    let text = std::fs::read_to_string(&log).unwrap();
    assert!(!text.contains("a bug ended the job's cycle") && !text.contains("panicked"), "{text}");
}
