//! What is remembered of scalings that are looked after, as JSON. It is no row of the reference's.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Text, from_json, read_vertex, to_json};
use crate::ids::VertexId;
use crate::state::verification::{FailedScaling, Progress, Start, Trial, Verification};
use crate::time::{Instant, from_epoch_millis};

#[derive(Serialize, Deserialize)]
struct WireVerification {
    trial: Option<WireTrial>,
    failed: Vec<WireFailed>,
}

/// Instants are milliseconds since the epoch.
#[derive(Serialize, Deserialize)]
struct WireTrial {
    decided_at: i64,
    before: BTreeMap<String, i32>,
    after: BTreeMap<String, i32>,
    rate: Option<f64>,
    start: Option<WireStart>,
}

#[derive(Serialize, Deserialize)]
struct WireStart {
    since: i64,
    checkpoints: Option<(u64, u64)>,
    settled: Option<WireProgress>,
}

#[derive(Serialize, Deserialize)]
struct WireProgress {
    at: i64,
    read: f64,
    waiting: f64,
}

#[derive(Serialize, Deserialize)]
struct WireFailed {
    vertices: BTreeMap<String, (i32, i32)>,
    until: i64,
    times: u32,
}

pub(in crate::state::codec) fn verification(verification: &Verification) -> Text {
    let ids = |map: &BTreeMap<VertexId, i32>| map.iter().map(|(id, number)| (id.to_string(), *number)).collect();
    let start = |start: Start| WireStart {
        since: start.since.timestamp_millis(),
        checkpoints: start.checkpoints,
        settled: start.settled.map(|Progress { at, read, waiting }| {
            let at = at.timestamp_millis();
            WireProgress { at, read, waiting }
        }),
    };
    let trial = |trial: &Trial| WireTrial {
        decided_at: trial.decided_at.timestamp_millis(),
        before: ids(&trial.before),
        after: ids(&trial.after),
        rate: trial.rate,
        start: trial.start.map(start),
    };
    let failed = |failed: &FailedScaling| WireFailed {
        vertices: failed.vertices.iter().map(|(id, change)| (id.to_string(), *change)).collect(),
        until: failed.until.timestamp_millis(),
        times: failed.times,
    };
    let failed = verification.failed.iter().map(failed).collect();
    to_json(&WireVerification { trial: verification.trial.as_ref().map(trial), failed })
}

pub(in crate::state::codec) fn read_verification(text: &str) -> Result<Verification, String> {
    let wire: WireVerification = from_json(text)?;
    let failed = |wire: WireFailed| -> Result<FailedScaling, String> {
        Ok(FailedScaling { vertices: by_id(wire.vertices)?, until: instant(wire.until)?, times: wire.times })
    };
    let failed = wire.failed.into_iter().map(failed).collect::<Result<_, _>>()?;
    Ok(Verification { trial: wire.trial.map(read_trial).transpose()?, failed })
}

fn read_trial(wire: WireTrial) -> Result<Trial, String> {
    let (before, after) = (by_id(wire.before)?, by_id(wire.after)?);
    let start = wire.start.map(read_start).transpose()?;
    Ok(Trial { decided_at: instant(wire.decided_at)?, before, after, rate: wire.rate, start })
}

fn read_start(wire: WireStart) -> Result<Start, String> {
    let progress = |WireProgress { at, read, waiting }| instant(at).map(|at| Progress { at, read, waiting });
    let settled = wire.settled.map(progress).transpose()?;
    Ok(Start { since: instant(wire.since)?, checkpoints: wire.checkpoints, settled })
}

fn by_id<T>(map: BTreeMap<String, T>) -> Result<BTreeMap<VertexId, T>, String> {
    map.into_iter().map(|(id, value)| Ok((read_vertex(&id)?, value))).collect()
}

fn instant(millis: i64) -> Result<Instant, String> {
    from_epoch_millis(millis).ok_or_else(|| "an instant is out of range".to_owned())
}
