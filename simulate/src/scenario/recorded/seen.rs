//! What a job was like while it was observed, told as a simulation tells it.

use std::collections::BTreeMap;

use autoscaler_core::time::{Instant, millis_between};
use autoscaler_core::{Observation, VertexId};

use super::look::{Look, waits};
use crate::outcome::Point;

/// What arrived before counts less by this factor with each look: a source that reads in gulps has a steady load all the same.
const FADES: f64 = 0.8;

/// Records that arrived at a source, and the seconds that took.
#[derive(Clone, Copy, Debug, Default)]
struct Arrived {
    records: f64,
    seconds: f64,
}

/// What was to be seen of a job at each look with metrics, in minutes from the first; capacity is not told. The lag of a source is
/// what waits over what arrives; NaN where no source tells what waits. The load is NaN until there were two looks at one run.
pub fn seen(observed: &[(Instant, Observation)]) -> Vec<Point> {
    let looks = Look::all(observed);
    let Some(begin) = looks.first().map(|look| look.at) else { return Vec::new() };
    let mut sources: BTreeMap<VertexId, Arrived> = BTreeMap::new();
    let mut before: Option<Look<'_>> = None;
    let mut points = Vec::with_capacity(looks.len());
    for look in looks {
        if let Some((before, seconds)) = before.and_then(|before| Some((before, look.seconds_since(&before)?))) {
            for (vertex, did) in look.did_since(&before).filter(|(vertex, _)| vertex.is_source()) {
                let source = sources.entry(vertex.id).or_default();
                source.records = source.records * FADES + did.arrived;
                source.seconds = source.seconds * FADES + seconds;
            }
        }
        let rate = |id: &VertexId| sources.get(id).map_or(f64::NAN, |source| source.records / source.seconds);
        let lag = look.vertices().filter_map(|(vertex, reading)| {
            let waits = waits(reading).filter(|_| vertex.is_source())?;
            Some(if waits > 0.0 { waits / rate(&vertex.id) } else { 0.0 })
        });
        points.push(Point {
            minute: millis_between(begin, look.at) / 60_000.0,
            load: if sources.is_empty() { f64::NAN } else { sources.keys().map(rate).sum() },
            capacity: f64::NAN,
            lag: lag.filter(|lag| lag.is_finite()).fold(f64::NAN, f64::max),
            parallelism: look.vertices().map(|(vertex, _)| vertex.parallelism).collect(),
        });
        before = Some(look);
    }
    points
}
