//! A job of a fake cluster: a source that reads 100 records/s and a keyed vertex that does the work.

use std::time::Duration;

use autoscaler_core::observation::{FlinkMetric, Readings, VertexReading};
use autoscaler_core::time::Instant;
use autoscaler_core::topology::{IoMetrics, JobTopology, ShipStrategy, VertexParts};
use autoscaler_core::{JobConfiguration, JobStatus, ListedJob, Observation};

use crate::job::{id, listed};
use crate::synthetic::{cluster, same};

/// Records per second that the source reads.
const RATE: f64 = 100.0;

/// What is wrong with a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JobTrouble {
    /// Its configuration can't be had.
    NoConfiguration,
    /// Every observation fails.
    ObservationFails,
    /// Every observation takes so long.
    Slow(Duration),
    /// Observations never end.
    Hangs,
    /// Observations panic.
    Panics,
    /// Every try to rescale it fails, in a way that may pass.
    RescaleFails,
    /// It refuses to be rescaled, for a reason that stays.
    RefusesRescale,
    /// Its entry in the list can't be used.
    Unreadable,
}

/// A job of a fake cluster.
#[derive(Clone, Debug)]
pub struct FakeJob {
    /// Its number; its vertices are 1 and 2.
    pub number: u32,
    /// What it is configured with.
    pub options: Vec<(String, String)>,
    /// Subtasks that the load keeps busy: whole ones and a part.
    pub load: f64,
    /// Subtasks of the source.
    pub source: i32,
    /// Subtasks of the keyed vertex.
    pub parallelism: i32,
    /// Its status.
    pub status: JobStatus,
    /// What is wrong with it.
    pub trouble: Option<JobTrouble>,
    /// When it last began to run.
    pub running_since: Instant,
}

impl FakeJob {
    pub(super) fn listed(&self) -> ListedJob {
        let job = listed(self.number);
        ListedJob::new(job.id, job.name, self.status)
    }

    pub(super) fn configuration(&self) -> JobConfiguration {
        JobConfiguration::new(self.options.iter().cloned())
    }

    /// What is observed of it at `now`.
    pub(super) fn observation(&self, now: Instant) -> Observation {
        let seconds = (now - self.running_since).as_seconds_f64();
        let busy = (self.load / f64::from(self.parallelism)).min(1.0);
        let part = |number: u32, inputs: Vec<(String, ShipStrategy)>, parallelism: i32, busy: f64| {
            let io = IoMetrics {
                records_in: RATE * seconds,
                records_out: RATE * seconds,
                accumulated_busy_ms: busy * 1000.0 * seconds * f64::from(parallelism),
            };
            let part = VertexParts::new(id(number), format!("vertex {number}"), i64::from(parallelism), 128);
            part.with_inputs(inputs).with_io(io)
        };
        let source = part(1, Vec::new(), self.source, 0.6);
        let worker = part(2, vec![(id(1), ShipStrategy::Hash)], self.parallelism, busy);
        let mut readings = [VertexReading::default(), VertexReading::default()];
        readings[0].add(FlinkMetric::BusyTimeMsPerSecond, same(600.0));
        readings[0].add(FlinkMetric::BackPressuredTimeMsPerSecond, same(0.0));
        readings[0].add(FlinkMetric::SourceNumRecordsInPerSecond, same(RATE));
        readings[0].add(FlinkMetric::SourceNumRecordsIn, same(RATE * seconds));
        readings[0].add(FlinkMetric::PendingRecords, same(0.0));
        readings[1].add(FlinkMetric::BusyTimeMsPerSecond, same(busy * 1000.0));
        readings[1].add(FlinkMetric::NumRecordsInPerSecond, same(RATE));
        let topology = JobTopology::new(vec![source, worker]).unwrap();
        Observation::new(self.running_since, topology, Ok(Readings::new(readings.to_vec(), cluster())))
    }
}
