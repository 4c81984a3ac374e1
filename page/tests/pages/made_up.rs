//! Made-up jobs that are observed, decided on and rescaled, as fast as time is moved.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use autoscaler_core::observation::{FlinkMetric, Readings, VertexReading};
use autoscaler_core::options::Configuration;
use autoscaler_core::time::{self, Instant, from_epoch_millis};
use autoscaler_core::topology::{IoMetrics, JobTopology, ShipStrategy, VertexParts};
use autoscaler_core::{
    Autoscaler, ClusterName, ClusterSnapshot, Event, JobAutoScalerContext, JobKey, Observation, ObserveError,
    PortError, Realization, ScalingRealizer,
};
use autoscaler_runtime::{Approvals, Clock, CycleObserver, JobAutoScaler, Ports, ReadModel};
use page::{Page, Recordings};
use store_memory::MemoryStateStore;
use testkit::fakes::RecordingHandler;
use testkit::synthetic::{cluster, same};

/// Seconds between two cycles.
const INTERVAL: f64 = 10.0;

/// A clock that is moved by hand, in seconds.
#[derive(Debug, Default)]
pub(crate) struct MovedClock(AtomicU32);

impl Clock for MovedClock {
    fn now(&self) -> Instant {
        time::after(from_epoch_millis(1_700_000_000_000).unwrap(), self.watch())
    }

    fn watch(&self) -> Duration {
        Duration::from_secs(self.0.load(Ordering::Relaxed).into())
    }
}

/// A vertex of a made-up job.
#[derive(Clone, Debug)]
pub(crate) struct MadeUpVertex {
    pub(crate) name: String,
    pub(crate) inputs: Vec<u32>,
    /// Busy seconds of a subtask for a record.
    pub(crate) cost: f64,
    pub(crate) parallelism: i32,
    records: f64,
    busy_ms: f64,
}

impl MadeUpVertex {
    pub(crate) fn new(name: impl Into<String>, inputs: &[u32], cost: f64, parallelism: i32) -> Self {
        Self { name: name.into(), inputs: inputs.to_vec(), cost, parallelism, records: 0.0, busy_ms: 0.0 }
    }
}

/// A job whose vertices all see the records that arrive, as far as the slowest of them lets them.
#[derive(Debug)]
pub(crate) struct MadeUp {
    pub(crate) vertices: Vec<MadeUpVertex>,
    /// Records per second that arrive in a cycle.
    pub(crate) rate: fn(u32) -> f64,
    context: JobAutoScalerContext,
    since: Instant,
    flow: f64,
    lag: f64,
}

impl MadeUp {
    fn advance(&mut self, cycle: u32) {
        let can_do = self.vertices.iter().map(|vertex| f64::from(vertex.parallelism) / vertex.cost);
        let limit = can_do.fold(f64::INFINITY, f64::min);
        let wanted = (self.rate)(cycle) + self.lag / INTERVAL;
        self.flow = wanted.min(limit);
        self.lag = (wanted - self.flow) * INTERVAL;
        for vertex in &mut self.vertices {
            vertex.records += self.flow * INTERVAL;
            vertex.busy_ms += self.flow * vertex.cost * INTERVAL * 1000.0;
        }
    }

    fn observation(&self) -> Observation {
        let part = |(number, vertex): (u32, &MadeUpVertex)| {
            let inputs = vertex.inputs.iter().map(|input| (testkit::job::id(*input), ShipStrategy::Hash)).collect();
            let io = IoMetrics {
                records_in: vertex.records,
                records_out: vertex.records,
                accumulated_busy_ms: vertex.busy_ms,
            };
            let part =
                VertexParts::new(testkit::job::id(number), vertex.name.as_str(), i64::from(vertex.parallelism), 128);
            part.with_inputs(inputs).with_io(io)
        };
        let topology = JobTopology::new((0..).zip(&self.vertices).map(part).collect()).unwrap();
        let numbered = |info: &autoscaler_core::topology::VertexInfo| {
            let found = self.vertices.iter().find(|vertex| vertex.name == *info.name).unwrap();
            self.reading(found, info.is_source())
        };
        let readings = topology.vertices().iter().map(numbered).collect();
        Observation::new(self.since, topology, Ok(Readings::new(readings, cluster())))
    }

    fn reading(&self, vertex: &MadeUpVertex, is_source: bool) -> VertexReading {
        let mut reading = VertexReading::default();
        let busy = (self.flow * vertex.cost / f64::from(vertex.parallelism)).min(1.0);
        reading.add(FlinkMetric::BusyTimeMsPerSecond, same(busy * 1000.0));
        if is_source {
            reading.add(FlinkMetric::BackPressuredTimeMsPerSecond, same(0.0));
            reading.add(FlinkMetric::SourceNumRecordsInPerSecond, same(self.flow));
            reading.add(FlinkMetric::SourceNumRecordsIn, same(vertex.records));
            reading.add(FlinkMetric::PendingRecords, same(self.lag));
        } else {
            reading.add(FlinkMetric::NumRecordsInPerSecond, same(self.flow));
        }
        reading
    }

    fn rescale(&mut self, realization: &Realization, now: Instant) {
        for (number, vertex) in (0..).zip(&mut self.vertices) {
            let id = testkit::job::id(number).parse().unwrap();
            let Some(to) = realization.parallelism.as_ref().and_then(|all| all.get(&id)) else { continue };
            if *to != vertex.parallelism {
                (vertex.parallelism, self.since) = (*to, now);
            }
        }
        if self.since == now {
            self.vertices.iter_mut().for_each(|vertex| (vertex.records, vertex.busy_ms) = (0.0, 0.0));
        }
    }
}

/// Jobs, and the page that shows them.
pub(crate) struct World {
    pub(crate) page: Arc<Page>,
    pub(crate) clock: Arc<MovedClock>,
    pub(crate) model: Arc<ReadModel>,
    jobs: Vec<(MadeUp, JobAutoScaler)>,
    ports: Ports,
    cycle: u32,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with_recordings(None)
    }

    pub(crate) fn with_recordings(recordings: Option<Arc<dyn Recordings>>) -> Self {
        let clock = Arc::new(MovedClock::default());
        let model = Arc::new(ReadModel::new(Arc::clone(&clock) as _));
        let (store, handler) = (Arc::new(MemoryStateStore::new()), Arc::new(RecordingHandler::default()));
        let approvals = Arc::new(Approvals::new(&Configuration::new(), Arc::clone(&clock) as _).unwrap());
        let ports = Ports::new(Autoscaler::new(), store, handler).with_clock(Arc::clone(&clock) as _);
        Self {
            page: Page::new(Arc::clone(&model), Arc::clone(&approvals), Arc::clone(&clock) as _, recordings),
            clock,
            model,
            jobs: Vec::new(),
            ports: ports.with_approvals(approvals),
            cycle: 0,
        }
    }

    /// Adds a job of a cluster.
    pub(crate) fn add(&mut self, cluster: &str, name: &str, vertices: Vec<MadeUpVertex>, rate: fn(u32) -> f64) {
        self.add_with(cluster, name, vertices, rate, &[]);
    }

    /// Adds a job with more options.
    pub(crate) fn add_with(
        &mut self,
        cluster: &str,
        name: &str,
        vertices: Vec<MadeUpVertex>,
        rate: fn(u32) -> f64,
        more: &[(&str, &str)],
    ) {
        let number = u32::try_from(self.jobs.len()).unwrap() + 1;
        let options = [
            ("job.autoscaler.enabled", "true"),
            ("job.autoscaler.stabilization.interval", "30 s"),
            ("job.autoscaler.metrics.window", "3 min"),
            ("job.autoscaler.scale-down.interval", "5 min"),
            ("taskmanager.memory.process.size", "4 gb"),
        ];
        let mut context = testkit::job::context(number, &[&options, more].concat());
        context.cluster = ClusterName::new(cluster);
        context.key = JobKey::new(format!("{cluster}/{}", testkit::job::id(number)));
        context.name = Arc::from(name);
        let since = self.clock.now();
        let job = MadeUp { vertices, rate, context, since, flow: 0.0, lag: 0.0 };
        self.jobs.push((job, JobAutoScaler::new(self.ports.clone())));
    }

    /// Has every job go through so many cycles.
    pub(crate) async fn cycles(&mut self, count: u32) {
        for _ in 0..count {
            self.clock.0.fetch_add(10, Ordering::Relaxed);
            let now = self.clock.now();
            for (job, scaler) in &mut self.jobs {
                job.advance(self.cycle);
                let context = job.context.clone();
                let ended = Arc::new(scaler.scale(&context, &Look(job.observation()), &Nobody).await);
                if let Some(report) = &ended.report {
                    job.rescale(&report.realization, now);
                }
                let observers: [&dyn CycleObserver; 2] = [self.model.as_ref(), self.page.as_ref()];
                observers.iter().for_each(|observer| observer.cycle_ended(&context, &ended));
            }
            self.cycle += 1;
        }
    }
}

#[derive(Debug)]
struct Look(Observation);

#[async_trait]
impl ClusterSnapshot for Look {
    async fn observe(&self, _: &JobAutoScalerContext, _: Option<Instant>) -> Result<Observation, ObserveError> {
        Ok(self.0.clone())
    }
}

#[derive(Debug)]
struct Nobody;

#[async_trait]
impl ScalingRealizer for Nobody {
    async fn realize(&self, _: &JobAutoScalerContext, _: &Realization) -> Result<Vec<Event>, PortError> {
        Ok(Vec::new())
    }

    fn forget(&self, _: &JobKey) {}
}

/// Load that rises, jumps and falls.
pub(crate) fn waves(cycle: u32) -> f64 {
    let hour = f64::from(cycle) / 360.0;
    let jump = if cycle % 500 > 300 { 900.0 } else { 0.0 };
    1200.0 + 500.0 * (hour * 3.0).sin() + jump
}

/// A job of a dozen vertices that branches and joins.
pub(crate) fn pipeline() -> Vec<MadeUpVertex> {
    vec![
        MadeUpVertex::new("Source: orders", &[], 0.0005, 1),
        MadeUpVertex::new("Source: payments", &[], 0.0004, 1),
        MadeUpVertex::new("parse orders", &[0], 0.001, 1),
        MadeUpVertex::new("parse payments", &[1], 0.0008, 1),
        MadeUpVertex::new("join orders with payments", &[2, 3], 0.003, 2),
        MadeUpVertex::new("enrich with customers", &[4], 0.0022, 2),
        MadeUpVertex::new("detect fraud", &[5], 0.004, 2),
        MadeUpVertex::new("aggregate by region", &[5], 0.0011, 8),
        MadeUpVertex::new("Sink: alerts", &[6], 0.0002, 1),
        MadeUpVertex::new("Sink: dashboard", &[7], 0.0003, 1),
        MadeUpVertex::new("Sink: archive", &[2, 5], 0.0006, 1),
    ]
}
