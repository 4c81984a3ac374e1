//! A scenario of what was seen of a real job.

mod curve;
mod look;
mod seen;

use std::collections::BTreeMap;

use autoscaler_core::observation::FlinkMetric as M;
use autoscaler_core::time::{Instant, millis_between};
use autoscaler_core::topology::{JobTopology, ShipStrategy, VertexInfo};
use autoscaler_core::{Observation, VertexId};

use super::{Restart, Scenario, Vertex};
use crate::error::SimulateError;
use crate::load::Load;
use curve::{Curve, Seen};
use look::{Look, waits};
pub use seen::seen;

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
    /// Records that waited at a source when it first told.
    backlog: f64,
}

/// A scenario of a job as it was observed: its graph, what each vertex did per busy second, and the load of its sources, which
/// is what they read plus what their backlog grew by, with the backlog that there was. Across restarts the load is a straight
/// line. Restarts take what they do by default, as what they took is not observed.
///
/// # Errors
/// Nothing that could be run: no two observations of one run with metrics, or a source whose load is not known.
pub fn recorded(name: &str, observed: &[(Instant, Observation)]) -> Result<Scenario, SimulateError> {
    let invalid = |problem: &str| SimulateError::Invalid { scenario: name.to_owned(), problem: problem.to_owned() };
    let looks = Look::all(observed);
    let (Some(first), Some(last)) = (looks.first(), looks.last()) else {
        return Err(invalid("no cycle in it has metrics"));
    };
    let mut sums: BTreeMap<VertexId, Sums> = BTreeMap::new();
    for (vertex, reading) in looks.iter().flat_map(Look::vertices) {
        let sums = sums.entry(vertex.id).or_default();
        sums.partitions = sums.partitions.max(reading.source_partitions);
        if let Some(waiting) = waits(reading)
            && !std::mem::replace(&mut sums.tells_backlog, true)
            && vertex.is_source()
        {
            sums.backlog = waiting.max(0.0);
        }
        let rate =
            reading.get(if vertex.is_source() { M::SourceNumRecordsInPerSecond } else { M::NumRecordsInPerSecond });
        let busy = reading.get(M::BusyTimeMsPerSecond);
        if let (Some(rate), Some(busy)) = (rate, busy) {
            sums.seen.push(Seen { parallelism: vertex.parallelism, rate: rate.sum, busy: busy.max / 1000.0 });
        }
    }
    for pair in looks.windows(2) {
        let [before, after] = pair else { continue };
        let Some(seconds) = after.seconds_since(before) else { continue };
        let minute = millis_between(first.at, after.at) / 60_000.0 - seconds / 120.0;
        for (vertex, did) in after.did_since(before) {
            let sums = sums.entry(vertex.id).or_default();
            sums.read += did.read;
            sums.written += did.written;
            if vertex.is_source() {
                sums.arrived.push((minute.max(0.0), did.arrived / seconds));
            }
        }
    }
    let vertices = vertices(&first.seen.topology, &sums).map_err(|problem| invalid(&problem))?;
    let hours = millis_between(first.at, last.at) / 3_600_000.0;
    let scenario = Scenario { restart: Restart::default(), ..Scenario::new(name, hours, vertices) };
    scenario.check().map(|()| scenario)
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
            backlog: of(index).backlog,
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
