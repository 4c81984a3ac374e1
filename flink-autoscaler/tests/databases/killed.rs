//! SIGKILL at any point of the work: what is stored is whole, nothing of it is lost, and the next process goes on from it.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use autoscaler_core::{AutoScalerStateStore, JobKey, JobState, VertexId};
use servers::fault_proxy::{Behavior, FaultProxy};
use servers::standin::StandIn;

use crate::Case;
use crate::backend::Opened;

pub(crate) const CASES: &[Case] = &[("killed::two_hundred_times", |database| Box::pin(two_hundred_times(database)))];

const KILLS: usize = 200;

const PROGRAM: &str = env!("CARGO_BIN_EXE_flink-autoscaler");

/// Points of the work to be killed at: the same however fast the machine is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Point {
    /// Between storing a scaling and carrying it out.
    Unrealized,
    /// When it has asked Flink so many things.
    Asked(usize),
    /// When it has sent so many times to its server, or has written so many pages beyond what SQLite's files have.
    Written(u64),
}

/// Things asked of Flink at which it is killed where it does not come to its point.
const MOST_ASKED: usize = 150;

/// Runs it until the point, and kills it there; whether it came to it.
async fn killed_at(point: Point, opened: &Opened, cluster: &StandIn, log: &Path) -> bool {
    let (asked, puts) = (cluster.asked().len(), cluster.count("PUT", 1));
    cluster.hold_rescales(point == Point::Unrealized);
    let mut proxy = None;
    let mut autoscaler = match (point, opened.backend.server()) {
        (Point::Written(sendings), Some(_)) => {
            let (front, url) = through_proxy(&opened.url).await;
            front.behave(Behavior::HoldAfter(sendings));
            proxy = Some((front, sendings));
            Autoscaler::start_at(Command::new(PROGRAM), &url, cluster, log)
        }
        (Point::Written(pages), None) => {
            let files = std::fs::read_dir(opened.directory()).unwrap();
            let largest = files.map(|file| file.unwrap().metadata().unwrap().len()).max().unwrap_or(0);
            let mut shell = Command::new("sh");
            let limit = largest / 512 + pages * 4096 / 512;
            shell.args(["-c", &format!("ulimit -c 0; ulimit -f {limit}; exec \"$0\" \"$@\""), PROGRAM]);
            Autoscaler::start_at(shell, &opened.url, cluster, log)
        }
        _ => Autoscaler::start(opened, cluster, log),
    };
    let deadline = Instant::now() + Duration::from_secs(60);
    let has_come = loop {
        let is_there = match (point, &proxy) {
            (Point::Unrealized, _) => cluster.count("PUT", 1) > puts,
            (Point::Asked(count), _) => cluster.asked().len() >= asked + count,
            (Point::Written(_), Some((proxy, sendings))) => proxy.passed() >= *sendings,
            (Point::Written(_), None) => autoscaler.has_ended(),
        };
        if is_there || cluster.asked().len() >= asked + MOST_ASKED {
            break is_there;
        }
        assert!(Instant::now() < deadline, "it comes to nothing: {}", std::fs::read_to_string(log).unwrap());
        tokio::time::sleep(Duration::from_millis(1)).await;
    };
    autoscaler.kill();
    if opened.backend.server().is_some() {
        // Its time passes: the next one would wait for that, longer than the window is.
        opened.execute(&["UPDATE t_flink_autoscaler_lease SET expires_at = 0"]).await;
    }
    cluster.hold_rescales(false);
    has_come
}

async fn through_proxy(url: &str) -> (FaultProxy, String) {
    let (rest, name) = url.rsplit_once('/').unwrap();
    let (user, address) = rest.rsplit_once('@').unwrap();
    let proxy = FaultProxy::start(tokio::net::lookup_host(address).await.unwrap().next().unwrap()).await;
    let url = format!("{user}@{}/{name}", proxy.address());
    (proxy, url)
}

/// The job is scaled within half a second of a change of its load, if cycles are short.
const OPTIONS: &[(&str, &str)] = &[
    ("job.autoscaler.enabled", "true"),
    ("job.autoscaler.stabilization.interval", "0 s"),
    // Several cycles of a slow machine.
    ("job.autoscaler.metrics.window", "400 ms"),
    ("job.autoscaler.scale-down.interval", "0 s"),
    ("job.autoscaler.utilization.max", "0.8"),
    ("job.autoscaler.utilization.min", "0.5"),
    ("job.autoscaler.restart.time-tracking.enabled", "true"),
    // Every scaling stays in the records to be counted.
    ("job.autoscaler.history.max.count", "1000"),
];

/// The autoscaler's process; killed when dropped.
struct Autoscaler(Child);

impl Autoscaler {
    fn start(opened: &Opened, cluster: &StandIn, log: &Path) -> Self {
        Self::start_at(Command::new(PROGRAM), &opened.url, cluster, log)
    }

    fn start_at(mut command: Command, url: &str, cluster: &StandIn, log: &Path) -> Self {
        command.args(["run", "--autoscaler.standalone.control-loop.interval=20 ms"]);
        command.arg(format!("--autoscaler.standalone.fetcher.flink-cluster.port={}", cluster.address().port()));
        command.arg("--autoscaler.standalone.fetcher.flink-cluster.host=127.0.0.1");
        command.args([
            "--autoscaler.standalone.state-store.type=jdbc",
            "--autoscaler.standalone.event-handler.type=logging,jdbc",
        ]);
        command.arg(format!("--autoscaler.standalone.jdbc.url={url}")).env_remove("FLINK_CONF_DIR");
        let mut log = std::fs::File::options().create(true).append(true).open(log).unwrap();
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        // Not its own file: how far its files may grow can be a point to die at.
        let mut said = child.stderr.take().unwrap();
        std::thread::spawn(move || std::io::copy(&mut said, &mut log));
        Self(child)
    }

    fn has_ended(&mut self) -> bool {
        self.0.try_wait().unwrap().is_some()
    }

    fn kill(mut self) {
        // SIGKILL, on Unix.
        let _gone = self.0.kill();
        let status = self.0.wait().unwrap();
        assert!(status.code().is_none(), "it has ended by itself: {status}");
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
    let scaled: BTreeMap<VertexId, i32> = history
        .iter()
        .filter_map(|(vertex, entries)| {
            let (_, summary) = entries.iter().rev().find(|(there, _)| there == at)?;
            Some((*vertex, summary.new_parallelism))
        })
        .collect();
    assert!(!scaled.is_empty(), "a scaling is recorded at {at}, and the history does not have it");
    for (vertex, parallelism) in scaled {
        assert_eq!(state.parallelism_overrides.get().get(&vertex), Some(&parallelism), "at {at}");
    }
    let newest = history.values().flatten().map(|(there, _)| there).max();
    assert_eq!(newest, Some(at), "the history is of another cycle than the record");
}

#[expect(clippy::print_stdout, reason = "the figures are worth knowing")]
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
    // Whether the last process stored a scaling that it did not live to realize.
    let (mut is_unrealized, mut unrealized) = (false, 0);
    let mut came = [0; 4];
    for kill in 0..KILLS {
        cluster.set_load(1, [0.6, 2.0, 5.0, 1.3][kill / 2 % 4]);
        let rescales = cluster.rescales(1);
        let point = match kill % 4 {
            0 => Point::Unrealized,
            1 | 2 => Point::Asked(random.usize(0..MOST_ASKED)),
            _ => Point::Written(random.u64(1..if opened.backend.server().is_some() { 250 } else { 40 })),
        };
        if killed_at(point, &opened, &cluster, &log).await {
            came[kill % 4] += 1;
        }
        let loaded = store.load(&key).await.unwrap();
        assert!(loaded.unreadable.is_empty(), "after kill {kill}: {:?}", loaded.unreadable);
        check_whole(&loaded.state);
        let records = &loaded.state.scaling_tracking.get().records;
        // Records are never lost but to newer ones.
        if let Some(last) = scalings.last() {
            assert!(records.keys().next_back() >= Some(last), "after kill {kill} the scaling at {last} is lost");
        }
        let newest = scalings.last().copied();
        let decided: Vec<_> = records.keys().filter(|at| newest.is_none_or(|last| **at > last)).copied().collect();
        // A scaling is realized before the next one is decided: all but the last of them were, each once, and what the
        // process before did not live to realize.
        let realized = cluster.rescales(1) - rescales;
        assert!(decided.len() <= realized + 1, "after kill {kill}: {decided:?} were decided, {realized} realized");
        assert!(
            realized <= decided.len() + usize::from(is_unrealized),
            "after kill {kill}: {decided:?} were decided, and {realized} realized"
        );
        let overrides = loaded.state.parallelism_overrides.get();
        is_unrealized = overrides.iter().any(|(vertex, parallelism)| {
            [1, 2].into_iter().any(|number| {
                testkit::job::id(number) == vertex.to_string()
                    && cluster.parallelism(1, number) != i64::from(*parallelism)
            })
        });
        unrealized += usize::from(is_unrealized);
        scalings.extend(decided);
    }
    assert!(scalings.len() >= 10, "only {} scalings in {KILLS} runs", scalings.len());
    println!(
        "{}: {KILLS} kills, of which {} between storing and carrying out, {} at something asked of Flink, {} at something \
         written; {} scalings, of which {unrealized} were stored and not carried out when the process was killed; none lost",
        opened.backend.name,
        came[0],
        came[1] + came[2],
        came[3],
        scalings.len()
    );
    assert!(came.iter().all(|count| *count > 0), "points that it never came to: {came:?}");
    assert!(unrealized >= 5, "only {unrealized} were killed before a stored scaling was carried out");

    // Left alone, it brings the job to what is stored.
    let autoscaler = Autoscaler::start(&opened, &cluster, &log);
    let deadline = Instant::now() + Duration::from_secs(120);
    loop {
        let overrides = store.load(&key).await.unwrap().state.parallelism_overrides.get().clone();
        let stored = |vertex: u32| overrides.get(&testkit::job::id(vertex).parse().unwrap()).copied().map(i64::from);
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
