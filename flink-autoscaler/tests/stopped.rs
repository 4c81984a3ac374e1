//! SIGTERM while a scaling is under way: it is done or not done, stored as it is, and carried out once.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test")]

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use autoscaler_core::{AutoScalerStateStore, JobKey};
use servers::standin::StandIn;
use sql_database::ConnectSettings;
use store_sqlite::SqliteStateStore;

const OPTIONS: &[(&str, &str)] = &[
    ("job.autoscaler.enabled", "true"),
    ("job.autoscaler.stabilization.interval", "0 s"),
    ("job.autoscaler.metrics.window", "400 ms"),
    ("job.autoscaler.scale-down.interval", "0 s"),
    ("job.autoscaler.utilization.max", "0.8"),
    ("job.autoscaler.utilization.min", "0.5"),
];
/// What a stop takes at most, and what a busy machine takes more.
const STOPPED_WITHIN: Duration = Duration::from_secs(10 + 10);
const PATIENCE: Duration = Duration::from_secs(120);

/// The program on a SQLite file, killed when dropped.
struct Autoscaler(Child);

impl Autoscaler {
    fn start(cluster: &StandIn, file: &Path) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_flink-autoscaler"));
        command.args(["run", "--autoscaler.standalone.control-loop.interval=50 ms"]);
        command.arg("--autoscaler.standalone.http.address=off");
        command.arg(format!("--autoscaler.standalone.fetcher.flink-cluster.host={}", cluster.url()));
        command.arg("--autoscaler.standalone.state-store.type=sqlite");
        command.arg(format!("--autoscaler.standalone.state-store.sqlite.file={}", file.display()));
        command.env_remove("FLINK_CONF_DIR").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        Self(command.spawn().unwrap())
    }

    /// SIGTERM; how long it takes to end.
    fn stop(mut self) -> Duration {
        let asked = Instant::now();
        servers::process::signal(self.0.id(), "TERM");
        assert!(self.0.wait().unwrap().success(), "it does not end with 0");
        asked.elapsed()
    }
}

impl Drop for Autoscaler {
    fn drop(&mut self) {
        let _ended = self.0.kill();
        let _status = self.0.wait();
    }
}

async fn until(what: &str, is_so: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < PATIENCE, "never so: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// The parallelism that is stored for the slow vertex.
async fn stored(file: &Path) -> Option<i64> {
    let store = SqliteStateStore::open(&format!("sqlite:{}", file.display()), &ConnectSettings::default()).unwrap();
    let loaded = store.load(&JobKey::new(testkit::job::id(1))).await.unwrap();
    let overrides = loaded.state.parallelism_overrides.get();
    overrides.get(&testkit::job::id(2).parse().unwrap()).copied().map(i64::from)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_asked_of_flink_is_stored_and_done_once() {
    let (directory, cluster) = (tempfile::tempdir().unwrap(), StandIn::start().await);
    let file = directory.path().join("state.db");
    cluster.add_job(1, OPTIONS, None);
    // One that Flink does not answer, and one that it may have answered.
    for (holds, load) in [(true, 4.0), (false, 0.5)] {
        let (before, rescales) = (cluster.count("PUT", 1), cluster.rescales(1));
        cluster.hold_rescales(holds);
        cluster.set_load(1, load);
        let running = Autoscaler::start(&cluster, &file);
        until("it rescales", || cluster.count("PUT", 1) > before).await;
        let took = running.stop();
        println!("stopped in {took:?}, while Flink {} a rescale", if holds { "holds" } else { "answers" });
        assert!(took < STOPPED_WITHIN, "{took:?}");
        let wanted = stored(&file).await.unwrap();
        let is_done = cluster.parallelism(1, 2) == wanted;
        assert!(!holds || !is_done, "it is held");
        // Whoever is next carries out what was not, and nothing twice.
        cluster.hold_rescales(false);
        let next = Autoscaler::start(&cluster, &file);
        until("it is done", || cluster.parallelism(1, 2) == wanted).await;
        let lists = cluster.asked().len();
        until("a few cycles more", || cluster.asked().len() > lists + 40).await;
        next.stop();
        assert_eq!((cluster.rescales(1) - rescales, cluster.needless_rescales(1)), (1, 0));
    }
}
