//! Made-up values: numbers as Flink may send them, graphs, observations of a job, options.

use autoscaler_core::observation::{AggregatedMetric, FlinkMetric, Readings, VertexReading};
use autoscaler_core::topology::{IoMetrics, JobTopology, ShipStrategy, VertexParts};
use autoscaler_core::{JobAutoScalerContext, Observation};
use proptest::prelude::*;
use testkit::synthetic::{SyntheticJob, cluster};

/// Any double, with the odd ones more often than by chance.
pub(crate) fn number() -> impl Strategy<Value = f64> {
    prop_oneof![
        6 => 0.0..10_000.0f64,
        2 => prop_oneof![Just(0.0), Just(1.0), Just(1000.0), Just(1e-9), Just(1e18), Just(-5.0)],
        2 => prop_oneof![Just(f64::NAN), Just(f64::INFINITY), Just(f64::NEG_INFINITY), Just(f64::MAX), Just(f64::MIN)],
        1 => any::<f64>(),
    ]
}

fn aggregated() -> impl Strategy<Value = AggregatedMetric> {
    (number(), number(), number(), number()).prop_map(|(min, max, avg, sum)| AggregatedMetric {
        min,
        max,
        avg,
        sum,
        skew: 0.0,
    })
}

fn strategy() -> impl Strategy<Value = ShipStrategy> {
    prop_oneof![
        Just(ShipStrategy::Hash),
        Just(ShipStrategy::Forward),
        Just(ShipStrategy::Rescale),
        Just(ShipStrategy::Unknown)
    ]
}

/// Parallelism, maximum, and the vertices it reads from, counted back.
type VertexShape = (i64, i64, Vec<(usize, ShipStrategy)>);

/// The shape of a job, which stays the same from cycle to cycle.
#[derive(Clone, Debug)]
pub(crate) struct Shape {
    vertices: Vec<VertexShape>,
}

pub(crate) fn shape() -> impl Strategy<Value = Shape> {
    let vertex = (1i64..300, 1i64..2000, prop::collection::vec((1usize..4, strategy()), 0..3));
    let at_most_maximum = |(parallelism, max, inputs): (i64, i64, _)| (parallelism.min(max), max, inputs);
    prop::collection::vec(vertex.prop_map(at_most_maximum), 1..7).prop_map(|vertices| Shape { vertices })
}

/// What is observed of a vertex in one cycle.
#[derive(Clone, Debug)]
pub(crate) struct ObservedVertex {
    io: [f64; 3],
    metrics: Vec<Option<AggregatedMetric>>,
    partitions: u32,
    finished: bool,
}

const METRICS: [FlinkMetric; 7] = [
    FlinkMetric::BusyTimeMsPerSecond,
    FlinkMetric::BackPressuredTimeMsPerSecond,
    FlinkMetric::NumRecordsInPerSecond,
    FlinkMetric::SourceNumRecordsInPerSecond,
    FlinkMetric::SourceNumRecordsIn,
    FlinkMetric::SourceNumRecordsOut,
    FlinkMetric::PendingRecords,
];

pub(crate) fn observed_vertex() -> impl Strategy<Value = ObservedVertex> {
    let metrics = prop::collection::vec(prop::option::weighted(0.9, aggregated()), METRICS.len());
    let parts = (
        [number(), number(), number()],
        metrics,
        prop_oneof![3 => Just(0u32), 1 => 1..500u32],
        prop::bool::weighted(0.03),
    );
    parts.prop_map(|(io, metrics, partitions, finished)| ObservedVertex { io, metrics, partitions, finished })
}

impl Shape {
    /// The graph; its vertices carry what was observed of them.
    fn topology(&self, observed: &[ObservedVertex]) -> JobTopology {
        let part = |(number, (parallelism, max_parallelism, inputs)): (usize, &VertexShape)| {
            let vertex = &observed[number];
            let inputs = inputs.iter().filter_map(|(back, strategy)| Some((number.checked_sub(*back)?, *strategy)));
            let id = |number: usize| testkit::job::id(u32::try_from(number).unwrap());
            VertexParts::new(id(number), format!("vertex {number}"), *parallelism, *max_parallelism)
                .with_inputs(inputs.map(|(from, strategy)| (id(from), strategy)).collect())
                .with_slot_sharing_group(Some("group".into()))
                .with_finished(vertex.finished)
                .with_io(IoMetrics {
                    records_in: vertex.io[0],
                    records_out: vertex.io[1],
                    accumulated_busy_ms: vertex.io[2],
                })
        };
        JobTopology::new(self.vertices.iter().enumerate().map(part).collect()).unwrap()
    }

    /// An observation of the job; `observed` has one for each vertex, more don't matter.
    pub(crate) fn observation(&self, observed: &[ObservedVertex]) -> Observation {
        let topology = self.topology(observed);
        let reading = |vertex: &autoscaler_core::topology::VertexInfo| {
            let number = vertex.name.trim_start_matches("vertex ").parse::<usize>().unwrap();
            let mut reading = VertexReading::default();
            reading.source_partitions = observed[number].partitions;
            for (metric, value) in METRICS.iter().zip(&observed[number].metrics) {
                if let Some(value) = value {
                    reading.add(*metric, *value);
                }
            }
            reading
        };
        let vertices = topology.vertices().iter().map(reading).collect();
        Observation::new(SyntheticJob::instant(0), topology, Ok(Readings::new(vertices, cluster())))
    }
}

/// A job's context with made-up options, each of them valid.
pub(crate) fn context() -> impl Strategy<Value = JobAutoScalerContext> {
    let modes = prop_oneof![Just("BALANCED"), Just("EVENLY_SPREAD"), Just("OFF"), Just("none-such")];
    let aggregators = prop_oneof![Just("AVG"), Just("MAX"), Just("MIN")];
    let numbers = (1i32..20, 1i32..400, 0.05..1.0f64, 0.0..2.0f64, 0.0..1.0f64, 0.0..100.0f64);
    let flags = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>());
    (modes, aggregators, numbers, flags, 0u32..30).prop_map(|(mode, aggregator, numbers, flags, delay)| {
        let (min, max, target, boundary, down, up) = numbers;
        let text = |value: &dyn ToString| value.to_string();
        let options = [
            ("job.autoscaler.enabled", "true".to_owned()),
            ("job.autoscaler.stabilization.interval", "0 s".to_owned()),
            ("job.autoscaler.metrics.window", "15 s".to_owned()),
            ("job.autoscaler.scaling.parallelism-alignment.mode", mode.to_owned()),
            ("job.autoscaler.metrics.busy-time.aggregator", aggregator.to_owned()),
            ("job.autoscaler.vertex.min-parallelism", text(&min)),
            ("job.autoscaler.vertex.max-parallelism", text(&max.max(min))),
            ("job.autoscaler.utilization.target", text(&target)),
            ("job.autoscaler.target.utilization.boundary", text(&boundary)),
            ("job.autoscaler.scale-down.max-factor", text(&down)),
            ("job.autoscaler.scale-up.max-factor", text(&up)),
            ("job.autoscaler.scale-down.interval", format!("{delay} s")),
            ("job.autoscaler.observed-scalability.enabled", text(&flags.0)),
            ("job.autoscaler.scaling.effectiveness.detection.enabled", text(&flags.1)),
            ("job.autoscaler.memory.tuning.enabled", text(&flags.2)),
            ("job.autoscaler.restart.time-tracking.enabled", text(&flags.3)),
            ("job.autoscaler.scaling.slot-aware.enabled", text(&flags.4)),
            ("taskmanager.numberOfTaskSlots", "2".to_owned()),
            ("taskmanager.memory.process.size", "4 gb".to_owned()),
        ];
        let options: Vec<(&str, &str)> = options.iter().map(|(key, value)| (*key, value.as_str())).collect();
        testkit::job::context(1, &options)
    })
}
