//! A scenario of what was seen of a real job.

mod curve;

use std::collections::BTreeMap;

use autoscaler_core::observation::{FlinkMetric as M, Readings};
use autoscaler_core::time::{Instant, millis_between};
use autoscaler_core::topology::{JobTopology, ShipStrategy, VertexInfo};
use autoscaler_core::{Observation, VertexId};

use super::{Restart, Scenario, Vertex};
use crate::error::SimulateError;
use crate::load::Load;
use curve::{Curve, Seen};

/// What was seen of a vertex, added up.
#[derive(Clone, Debug, Default)]
struct Sums {
    read: f64,
    written: f64,
    /// What it did, busy as it was, at its parallelism.
    seen: Vec<Seen>,
    /// Minutes from the beginning, and records per second that arrived at a source.
    arrived: Vec<(f64, f64)>,
    partitions: u32,
    tells_backlog: bool,
}

/// A scenario of a job as it was observed: its graph, what each vertex did per busy second, and the load of its sources, which
/// is what they read plus what their backlog grew by. Across restarts the load is a straight line. Restarts take what they do
/// by default, as what they took is not observed.
///
/// # Errors
/// Nothing that could be run: no two observations of one run with metrics, or a source whose load is not known.
pub fn recorded(name: &str, observed: &[(Instant, Observation)]) -> Result<Scenario, SimulateError> {
    let invalid = |problem: &str| SimulateError::Invalid { scenario: name.to_owned(), problem: problem.to_owned() };
    let whole: Vec<(Instant, &Observation, &Readings)> =
        observed.iter().filter_map(|(at, seen)| Some((*at, seen, seen.metrics.as_ref().ok()?))).collect();
    let (Some((begin, first, _)), Some((end, ..))) = (whole.first(), whole.last()) else {
        return Err(invalid("no cycle in it has metrics"));
    };
    let mut sums: BTreeMap<VertexId, Sums> = BTreeMap::new();
    for (_, seen, readings) in &whole {
        for (vertex, reading) in seen.topology.vertices().iter().zip(&readings.vertices) {
            let sums = sums.entry(vertex.id).or_default();
            sums.partitions = sums.partitions.max(reading.source_partitions);
            sums.tells_backlog |= reading.get(M::PendingRecords).is_some();
            let rate =
                reading.get(if vertex.is_source() { M::SourceNumRecordsInPerSecond } else { M::NumRecordsInPerSecond });
            let busy = reading.get(M::BusyTimeMsPerSecond);
            if let (Some(rate), Some(busy)) = (rate, busy) {
                sums.seen.push(Seen { parallelism: vertex.parallelism, rate: rate.sum, busy: busy.max / 1000.0 });
            }
        }
    }
    for pair in whole.windows(2) {
        let [(then, before, readings_before), (now, after, readings)] = pair else { continue };
        let passed = millis_between(*then, *now) / 1000.0;
        if passed <= 0.0 || before.running_since != after.running_since {
            continue;
        }
        let minute = millis_between(*begin, *now) / 60_000.0 - passed / 120.0;
        for (vertex, reading) in after.topology.vertices().iter().zip(&readings.vertices) {
            let Some(place) = before.topology.vertices().iter().position(|other| other.id == vertex.id) else {
                continue;
            };
            let (earlier, reading_before) = (&before.topology.vertices()[place], &readings_before.vertices[place]);
            let read = records_in(vertex, reading) - records_in(earlier, reading_before);
            let written = vertex.io.records_out - earlier.io.records_out;
            if !(read >= 0.0 && written >= 0.0) {
                continue;
            }
            let sums = sums.entry(vertex.id).or_default();
            sums.read += read;
            sums.written += written;
            if vertex.is_source() {
                let waits = |reading: &autoscaler_core::observation::VertexReading| {
                    reading.get(M::PendingRecords).map_or(0.0, |pending| pending.sum)
                };
                let rate = (read + waits(reading) - waits(reading_before)) / passed;
                sums.arrived.push((minute.max(0.0), rate.max(0.0)));
            }
        }
    }
    let vertices = vertices(&first.topology, &sums).map_err(|problem| invalid(&problem))?;
    let hours = millis_between(*begin, *end) / 3_600_000.0;
    let scenario = Scenario { restart: Restart::default(), ..Scenario::new(name, hours, vertices) };
    scenario.check().map(|()| scenario)
}

/// Records read, of a source that counts none in its task those of its reader, or as it emits them.
fn records_in(vertex: &VertexInfo, reading: &autoscaler_core::observation::VertexReading) -> f64 {
    let sum = |metric| reading.get(metric).map_or(0.0, |counter| counter.sum);
    let counted =
        [vertex.io.records_in, sum(M::SourceNumRecordsIn), sum(M::SourceNumRecordsOut), vertex.io.records_out];
    let most = if vertex.is_source() { counted.len() } else { 1 };
    counted.into_iter().take(most).find(|records| *records > 0.0).unwrap_or(0.0)
}

fn vertices(topology: &JobTopology, sums: &BTreeMap<VertexId, Sums>) -> Result<Vec<Vertex>, String> {
    let infos = topology.vertices();
    // Names need not differ in Flink.
    let name = |index: usize| {
        let info = &infos[index];
        let is_shared = infos.iter().filter(|other| other.name == info.name).count() > 1;
        if is_shared { format!("{} ({})", info.name, info.id) } else { info.name.to_string() }
    };
    let nothing = Sums::default();
    let of = |index: usize| sums.get(&infos[index].id).unwrap_or(&nothing);
    let mut vertices = Vec::with_capacity(infos.len());
    for (index, info) in infos.iter().enumerate() {
        let inputs: Vec<String> = info.inputs.iter().map(|edge| name(edge.vertex)).collect();
        let keyed = info.inputs.iter().any(|edge| edge.ship_strategy == ShipStrategy::Hash);
        let shape = Vertex {
            inputs,
            parallelism: Some(info.parallelism),
            max_parallelism: info.max_parallelism,
            keyed,
            partitions: of(index).partitions,
            selectivity: selectivity(infos, index, &of),
            pending: of(index).tells_backlog,
            ..Vertex::new(&name(index), &[], 1.0)
        };
        let curve = Curve::of(&shape, &of(index).seen);
        let load = info.is_source().then(|| Load::Points { points: of(index).arrived.clone() });
        if load.is_some() && of(index).arrived.is_empty() {
            return Err(format!("the load of {} is not known: it takes two cycles of one run", shape.name));
        }
        vertices.push(Vertex { load, rate: curve.rate, exponent: curve.exponent, ..shape });
    }
    Ok(vertices)
}

/// Records written for each one read, on each edge out: told best by a vertex that reads from nobody else.
fn selectivity<'a>(infos: &[VertexInfo], index: usize, of: &impl Fn(usize) -> &'a Sums) -> f64 {
    let read = of(index).read;
    if read <= 0.0 {
        return 1.0;
    }
    let alone = infos[index].outputs.iter().find(|edge| infos[edge.vertex].inputs.len() == 1);
    match alone {
        Some(edge) => of(edge.vertex).read / read,
        None => of(index).written / read / f64::from(u32::try_from(infos[index].outputs.len().max(1)).unwrap_or(1)),
    }
}

#[cfg(test)]
mod tests;
