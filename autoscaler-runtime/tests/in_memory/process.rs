//! A process put together from options.

use std::sync::Arc;

use autoscaler_core::options::{Configuration, Origin};
use autoscaler_core::registry::{Backends, Opened, Opening};
use autoscaler_core::{
    AutoScalerEventHandler, AutoScalerStateStore, ClusterList, ClusterSource, ErrorKind, Lease, PortError,
};
use autoscaler_runtime::Process;
use testkit::clock::TestClock;
use testkit::fakes::{FakeCluster, FakeLease, HandlerTrouble, RecordingHandler, RecordingObserver};
use testkit::faulty_store::FaultyStore;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::support::SHORT_WINDOWS;

/// What the backends of a process in these tests stand for; they find it among the extensions.
#[derive(Clone)]
pub(crate) struct Parts {
    pub(crate) clock: Arc<TestClock>,
    pub(crate) cluster: FakeCluster,
    pub(crate) store: Arc<FaultyStore>,
    pub(crate) handler: Arc<RecordingHandler>,
    pub(crate) observer: Arc<RecordingObserver>,
    pub(crate) lease: FakeLease,
}

impl Parts {
    pub(crate) fn new() -> Self {
        let clock = Arc::new(TestClock::default());
        let parts = Self {
            cluster: FakeCluster::new(Arc::clone(&clock) as _),
            clock,
            store: Arc::new(FaultyStore::new(Arc::new(store_memory::MemoryStateStore::new()))),
            handler: Arc::default(),
            observer: Arc::default(),
            lease: FakeLease::default(),
        };
        parts.cluster.add_job(1, 1.4, SHORT_WINDOWS);
        parts
    }

    fn backends(&self) -> Backends {
        let mut backends = Backends::new();
        *backends.extensions.get_or_default::<Option<Parts>>() = Some(self.clone());
        backends.stores.add("FAKE", "for tests", store);
        backends
            .stores
            .add("HEAP", "for tests", |opening| Ok(Opened::<dyn AutoScalerStateStore>::new(parts(opening).store)));
        backends.handlers.add("FAKE", "for tests", handler);
        backends.sources.add("FAKE", "for tests", source);
        backends.realizers.add("FAKE", "for tests", |_, cluster| {
            let access = Arc::clone(&cluster.access).downcast::<FakeCluster>();
            access.map(|cluster| cluster as _).map_err(|_| PortError::new(ErrorKind::Unsupported, "another cluster"))
        });
        backends.stores.add_missing("JDBC", "store-mysql");
        backends
    }

    pub(crate) fn open(&self, options: &[(&str, &str)]) -> Result<Process, String> {
        let mut configuration = Configuration::new();
        for kind in ["state-store", "event-handler", "fetcher", "realizer"] {
            configuration.set(format!("autoscaler.standalone.{kind}.type"), "fake", Origin::Flag);
        }
        for (key, value) in options {
            configuration.set(*key, *value, Origin::Flag);
        }
        let process = Process::open(configuration, self.backends()).map_err(|error| error.to_string())?;
        Ok(process.with_clock(Arc::clone(&self.clock) as _).with_observer(Arc::clone(&self.observer) as _))
    }

    pub(crate) fn start(&self) -> (CancellationToken, JoinHandle<Result<(), String>>) {
        self.start_with(&[])
    }

    pub(crate) fn start_with(&self, options: &[(&str, &str)]) -> (CancellationToken, JoinHandle<Result<(), String>>) {
        let (process, stop) = (self.open(options).unwrap(), CancellationToken::new());
        let run = process.run(stop.clone());
        (stop, tokio::spawn(async { run.await.map_err(|error| autoscaler_core::ErrorChain(&error).to_string()) }))
    }
}

fn parts(opening: &mut Opening<'_>) -> Parts {
    opening.extensions.get_or_default::<Option<Parts>>().clone().unwrap()
}

fn store(opening: &mut Opening<'_>) -> Result<Opened<dyn AutoScalerStateStore>, PortError> {
    let parts = parts(opening);
    opening.remarks.push("a remark of the store".to_owned());
    let lease: Arc<dyn Lease> = Arc::new(parts.lease);
    Ok(Opened::<dyn AutoScalerStateStore>::new(parts.store).with_lease(lease))
}

fn handler(opening: &mut Opening<'_>) -> Result<Opened<dyn AutoScalerEventHandler>, PortError> {
    Ok(Opened::<dyn AutoScalerEventHandler>::new(parts(opening).handler))
}

#[derive(Debug)]
struct One(FakeCluster);

#[async_trait::async_trait]
impl ClusterSource for One {
    async fn clusters(&self) -> Result<ClusterList, PortError> {
        Ok(ClusterList::new(vec![self.0.as_cluster()]))
    }
}

fn source(opening: &mut Opening<'_>) -> Result<Opened<dyn ClusterSource>, PortError> {
    Ok(Opened::<dyn ClusterSource>::new(Arc::new(One(parts(opening).cluster))))
}

#[tokio::test(start_paused = true)]
async fn what_options_name_is_opened_and_run() {
    let parts = Parts::new();
    let (stop, process) = parts.start();
    parts.observer.until("the job is scaled", || parts.cluster.parallelism(1) == 2).await;
    stop.cancel();
    process.await.unwrap().unwrap();
    assert_eq!(parts.handler.flushes(), 1, "at the end");
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_cannot_be_used_ends_the_start() {
    for kind in [ErrorKind::Denied, ErrorKind::Unsupported] {
        let parts = Parts::new();
        parts.handler.set_trouble(HandlerTrouble::Fails(kind));
        let (_stop, process) = parts.start();
        let error = process.await.unwrap().unwrap_err();
        assert_eq!(error, "the event handler can't be used: events can't be stored");
        assert_eq!(parts.cluster.lists(), 0, "nothing was begun");
    }
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_is_away_for_now_does_not() {
    let parts = Parts::new();
    parts.handler.set_trouble(HandlerTrouble::Fails(ErrorKind::Unavailable));
    let (stop, process) = parts.start();
    parts.observer.until("the job is scaled", || parts.cluster.parallelism(1) == 2).await;
    stop.cancel();
    process.await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_is_wrong_with_options_is_said() {
    let parts = Parts::new();
    let error = |key, value| parts.open(&[(key, value)]).unwrap_err();
    assert_eq!(
        error("autoscaler.standalone.state-store.type", "jdbc"),
        "option autoscaler.standalone.state-store.type names JDBC (from the command line), which is not in this build: it \
         has FAKE, HEAP; build it with --features store-mysql"
    );
    assert!(error("job.autoscaler.metrics.window", "soon").contains("job.autoscaler.metrics.window"));
    assert!(error("autoscaler.standalone.event-handler.type", "fake,what").contains("'WHAT'"));
    let process = parts
        .open(&[("autoscaler.standalone.control-loop.intervall", "1 s"), ("job.autoscaler.enabledd", "true")])
        .unwrap();
    assert_eq!(
        process.remarks(),
        [
            "option job.autoscaler.enabledd is not known and has no effect; did you mean job.autoscaler.enabled?",
            "option autoscaler.standalone.control-loop.intervall is not known and has no effect; did you mean \
             autoscaler.standalone.control-loop.interval?",
            "a remark of the store",
        ]
    );
}
