//! Two looks at a job, and what it did between them.

use autoscaler_core::Observation;
use autoscaler_core::observation::{FlinkMetric as M, Readings, VertexReading};
use autoscaler_core::time::{Instant, millis_between};
use autoscaler_core::topology::VertexInfo;

/// What was seen at an instant, with metrics.
#[derive(Clone, Copy, Debug)]
pub(super) struct Look<'a> {
    pub(super) at: Instant,
    pub(super) seen: &'a Observation,
    pub(super) readings: &'a Readings,
}

/// What a vertex did between two looks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Did {
    pub(super) read: f64,
    pub(super) written: f64,
    /// Of a source: what it read, and what its backlog grew by.
    pub(super) arrived: f64,
}

impl<'a> Look<'a> {
    /// Those of all observations that have metrics.
    pub(super) fn all(observed: &'a [(Instant, Observation)]) -> Vec<Self> {
        let look = |(at, seen): &'a (Instant, Observation)| {
            Some(Self { at: *at, seen, readings: seen.metrics.as_ref().ok()? })
        };
        observed.iter().filter_map(look).collect()
    }

    /// Its vertices, each with its reading.
    pub(super) fn vertices(&self) -> impl Iterator<Item = (&'a VertexInfo, &'a VertexReading)> {
        self.seen.topology.vertices().iter().zip(&self.readings.vertices)
    }

    /// Seconds since another look; none where it was not at the same run of the job.
    pub(super) fn seconds_since(&self, before: &Self) -> Option<f64> {
        let passed = millis_between(before.at, self.at) / 1000.0;
        (passed > 0.0 && before.seen.running_since == self.seen.running_since).then_some(passed)
    }

    /// What each vertex did since another look, where its counters tell.
    pub(super) fn did_since(&self, before: &Self) -> impl Iterator<Item = (&'a VertexInfo, Did)> {
        self.vertices().filter_map(|(vertex, reading)| {
            let (earlier, earlier_reading) = before.vertices().find(|(other, _)| other.id == vertex.id)?;
            let read = records_in(vertex, reading) - records_in(earlier, earlier_reading);
            let written = vertex.io.records_out - earlier.io.records_out;
            // A source that does not tell for a moment, as right after a restart, has not read what waited.
            let grew = waits(reading).zip(waits(earlier_reading)).map_or(0.0, |(now, then)| now - then);
            let arrived = read + grew;
            (read >= 0.0 && written >= 0.0).then_some((vertex, Did { read, written, arrived: arrived.max(0.0) }))
        })
    }
}

/// Records that wait at a source, where it tells.
pub(super) fn waits(reading: &VertexReading) -> Option<f64> {
    reading.get(M::PendingRecords).map(|pending| pending.sum)
}

/// Records read, of a source that counts none in its task those of its reader, or as it emits them.
fn records_in(vertex: &VertexInfo, reading: &VertexReading) -> f64 {
    let sum = |metric| reading.get(metric).map_or(0.0, |counter| counter.sum);
    let counted =
        [vertex.io.records_in, sum(M::SourceNumRecordsIn), sum(M::SourceNumRecordsOut), vertex.io.records_out];
    let most = if vertex.is_source() { counted.len() } else { 1 };
    counted.into_iter().take(most).find(|records| *records > 0.0).unwrap_or(0.0)
}
