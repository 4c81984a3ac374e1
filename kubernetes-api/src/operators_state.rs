//! What the operator's own autoscaler keeps of a job, in the ConfigMap `autoscaler-NAME`.

mod yaml;

use std::collections::BTreeMap;

use autoscaler_core::JobState;
use autoscaler_core::state::codec::{Unencodable, UnreadableRow, decode_whole, encode_whole};
use autoscaler_core::state::{RowPart, StatePart};
use autoscaler_core::time::Instant;
use serde_json::{Value, json};

use crate::key::{Kind, ResourceRef};
use crate::overrides::overrides_text;
use crate::packed::{compress, is_compressed_by_operator, unpack};

/// Bytes of all values, at most: the operator's own bound is 1,000,000 of three of them.
const LARGEST: usize = 900_000;
/// Bytes of a value before it is compressed, at most: the operator drops what is larger.
const LONGEST: usize = 7 << 20;

/// What is in it, in the operator's order.
const PARTS: [StatePart; 6] = [
    StatePart::Row(RowPart::ScalingHistory),
    StatePart::Row(RowPart::ScalingTracking),
    StatePart::CollectedMetrics,
    StatePart::Row(RowPart::ParallelismOverrides),
    StatePart::Row(RowPart::ConfigOverrides),
    StatePart::Row(RowPart::DelayedScaleDown),
];

/// A job's state that the operator's ConfigMap can't hold.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OperatorsStateError {
    /// A part has no form as a text.
    #[error(transparent)]
    Unencodable(#[from] Unencodable),
    /// It is too large even without observations.
    #[error("the job's state has {0} bytes without its observations, and the operator keeps {1}")]
    TooLarge(usize, usize),
}

/// The state in the data of the operator's ConfigMap, to be stored as a whole, and the parts that can't be read or are too large,
/// which are not in it. What this autoscaler does not know is left out.
pub fn read_operators_data(data: &BTreeMap<String, String>) -> (JobState, Vec<UnreadableRow>) {
    let (mut state, mut unreadable) = (JobState::default(), Vec::new());
    for part in PARTS {
        let Some(value) = data.get(part.name()) else { continue };
        let text = unpack(part, value).and_then(|text| match part {
            StatePart::Row(RowPart::ParallelismOverrides) => Ok(text),
            // What this autoscaler has given back is JSON, which is YAML, too.
            _ if text.starts_with('{') => Ok(text),
            _ => yaml::json_of(&text),
        });
        let text = text.map_err(|problem| UnreadableRow::new(part, problem));
        unreadable.extend(text.and_then(|text| decode_whole(&mut state, part, &text)).err());
    }
    state.touch();
    (state, unreadable)
}

/// A job's state as the data of the operator's ConfigMap. Where it would be too large, the oldest observations are left out.
///
/// # Errors
/// A part has no form as a text, or it is too large without any observation.
pub fn operators_data(state: &JobState) -> Result<BTreeMap<String, String>, OperatorsStateError> {
    within(state, LARGEST, LONGEST)
}

fn within(
    state: &JobState,
    largest_size: usize,
    longest_text: usize,
) -> Result<BTreeMap<String, String>, OperatorsStateError> {
    let mut state = state.clone();
    loop {
        let (data, longest) = written(&state)?;
        let size = data.iter().map(|(key, value)| key.len() + value.len()).sum();
        if size <= largest_size && longest <= longest_text {
            return Ok(data);
        }
        let observed: Vec<Instant> = state.collected_metrics.get().rows().map(|row| row.at()).collect();
        match observed.get(observed.len().div_ceil(2)) {
            Some(middle) => state.collected_metrics.drop_before(*middle),
            None if observed.is_empty() => return Err(OperatorsStateError::TooLarge(size, largest_size)),
            None => state.collected_metrics.remove(),
        }
    }
}

/// The data, and the bytes of the longest text in it.
fn written(state: &JobState) -> Result<(BTreeMap<String, String>, usize), Unencodable> {
    let (mut data, mut longest) = (BTreeMap::new(), 0);
    for part in PARTS {
        let text = match part {
            // Flink's text of a map, as the operator has it, and not the YAML that is in databases.
            StatePart::Row(RowPart::ParallelismOverrides) => state.parallelism_overrides.stored().map(overrides_text),
            _ => encode_whole(state, part)?,
        };
        let Some(text) = text else { continue };
        longest = longest.max(text.len());
        // The operator reads what is not compressed as well.
        let value = if is_compressed_by_operator(part) { compress(&text).unwrap_or(text) } else { text };
        data.insert(part.name().to_owned(), value);
    }
    Ok((data, longest))
}

/// The operator's ConfigMap of a resource, with data, labels and owner as the operator makes it.
pub fn operators_config_map(of: &ResourceRef, data: &BTreeMap<String, String>) -> Value {
    let owner = json!({"apiVersion": Kind::API_VERSION, "kind": of.kind.name(), "name": of.name, "uid": of.uid});
    json!({
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {
            "name": of.operators_config_map(),
            "namespace": of.namespace,
            "labels": {"component": "autoscaler", "app": of.name},
            "ownerReferences": [owner],
        },
        "data": data,
    })
}

#[cfg(test)]
mod tests;
