//! The program, as somebody would type it.

#![expect(clippy::unwrap_used, reason = "a test")]

use std::process::Command;
use std::sync::Arc;

use autoscaler::autoscaler_core::options::{Configuration, Origin};
use autoscaler::autoscaler_core::registry::Opened;
use autoscaler::autoscaler_core::{AutoScalerStateStore, ClusterList, ClusterSource, JobKey, JobState, PortError};
use autoscaler::autoscaler_runtime::Process;
use custom_store::FileStore;
use testkit::clock::TestClock;
use testkit::fakes::{FakeCluster, RecordingObserver};
use tokio_util::sync::CancellationToken;

const STORE: &str = "--autoscaler.standalone.state-store.type";

/// Runs the program with options that it can't start with; what it says.
fn refusal(options: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_custom-store")).args(options).output().unwrap();
    assert!(!output.status.success());
    String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout)
}

#[test]
fn the_store_is_among_those_that_options_can_name() {
    let error = refusal(&[STORE, "tape"]);
    let (_, stores) = error.split_once("expected one of those in this build: ").unwrap();
    assert!(stores.contains("MEMORY") && stores.contains("FILE"), "{error}");
}

#[test]
fn options_can_name_the_store() {
    let error = refusal(&[STORE, "file", "--autoscaler.standalone.realizer.type", "none"]);
    assert!(error.contains("realizer.type has the value 'none'"), "the store is opened before the realizer: {error}");
}

#[test]
fn arguments_come_in_pairs() {
    assert!(refusal(&["--a"]).contains("expected --key value"));
    assert!(refusal(&["a", "b"]).contains("expected --key value"));
}

/// A cluster on the heap, where the program asks a Flink.
#[derive(Clone, Debug)]
struct OnHeap(FakeCluster);

#[async_trait::async_trait]
impl ClusterSource for OnHeap {
    async fn clusters(&self) -> Result<ClusterList, PortError> {
        Ok(ClusterList::new(vec![self.0.as_cluster()]))
    }
}

/// Runs what the program runs over a cluster until a job's state is in the store, and returns that.
async fn run_until_stored(cluster: &FakeCluster, clock: &Arc<TestClock>, directory: &str) -> JobState {
    let mut backends = autoscaler::compiled_in();
    custom_store::register(&mut backends);
    *backends.extensions.get_or_default() = Some(OnHeap(cluster.clone()));
    backends.sources.add("HEAP", "for tests", |opening| {
        let cluster: Option<OnHeap> = opening.extensions.get_or_default::<Option<OnHeap>>().clone();
        Ok(Opened::<dyn ClusterSource>::new(Arc::new(cluster.unwrap())))
    });
    backends
        .realizers
        .add("HEAP", "for tests", |_, cluster| Ok(Arc::clone(&cluster.access).downcast::<FakeCluster>().unwrap()));
    let mut configuration = Configuration::new();
    for (key, value) in [
        ("state-store.type", "file"),
        ("state-store.file.directory", directory),
        ("fetcher.type", "heap"),
        ("realizer.type", "heap"),
        ("control-loop.interval", "20 ms"),
    ] {
        configuration.set(format!("autoscaler.standalone.{key}"), value, Origin::Flag);
    }
    let (observer, stop) = (Arc::<RecordingObserver>::default(), CancellationToken::new());
    let process = Process::open(configuration, backends).unwrap();
    let process = process.with_observer(Arc::clone(&observer) as _).with_clock(Arc::clone(clock) as _);
    let running = tokio::spawn(process.run(stop.clone()));
    let job = JobKey::new(testkit::job::id(1));
    observer.until("it is stored", || observer.cycles(&job).iter().any(|cycle| cycle.is_stored)).await;
    stop.cancel();
    running.await.unwrap().unwrap();
    FileStore::new(directory).load(&job).await.unwrap().state
}

#[tokio::test]
async fn a_process_keeps_its_state_in_the_store_and_goes_on_from_there() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path().join("state").display().to_string();
    let clock = Arc::new(TestClock::default());
    let cluster = FakeCluster::new(Arc::clone(&clock) as _);
    cluster.add_job(1, 0.7, &[("job.autoscaler.enabled", "true"), ("job.autoscaler.stabilization.interval", "0 s")]);
    let first = run_until_stored(&cluster, &clock, &directory).await;
    let begin = first.collected_metrics.get().start();
    assert!(begin.is_some(), "an observation is kept");
    let second = run_until_stored(&cluster, &clock, &directory).await;
    assert_eq!(second.collected_metrics.get().start(), begin, "the second process begins where the first has ended");
    assert!(second.collected_metrics.get().end() > first.collected_metrics.get().end());
}
