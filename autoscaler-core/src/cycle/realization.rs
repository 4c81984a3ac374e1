//! What a job is to be brought to.

use std::collections::{BTreeMap, BTreeSet};

use crate::context::JobAutoScalerContext;
use crate::ids::VertexId;
use crate::options::{Configuration, JobOptions, Shown, shown_value};
use crate::report::Realization;
use crate::state::JobState;
use crate::time::Instant;

/// What the state asks for now (algorithm 1.4): the user's own overrides under the stored ones, which yield only for
/// excluded vertices.
pub(super) fn realization(
    context: &JobAutoScalerContext,
    options: &JobOptions,
    state: &JobState,
    excluded: &BTreeSet<VertexId>,
    warnings: &mut Vec<String>,
    now: Instant,
) -> Realization {
    let stored = state.parallelism_overrides.get();
    let parallelism = (!stored.is_empty()).then(|| {
        let mut merged = users_overrides(context.configuration(), warnings);
        for (vertex, parallelism) in stored {
            if !(excluded.contains(vertex) && merged.contains_key(vertex)) {
                merged.insert(*vertex, *parallelism);
            }
        }
        merged
    });
    let config = options.memory_tuning_enabled.then(|| state.config_overrides.get().clone());
    // A job that fails as soon as it starts would never be looked at again.
    let is_put_back = state.verification.get().failed.iter().any(|failed| now < failed.until);
    let while_restarting = parallelism.is_some() && options.rolls_back() && is_put_back;
    Realization { parallelism, config, while_restarting }
}

/// The overrides that a job's own configuration has; what can't be read is told in `warnings`.
fn users_overrides(configuration: &Configuration, warnings: &mut Vec<String>) -> BTreeMap<VertexId, i32> {
    const KEY: &str = "pipeline.jobvertex-parallelism-overrides";
    let mut overrides = BTreeMap::new();
    let entries = match configuration.map(KEY) {
        Ok(entries) => entries.unwrap_or_default(),
        Err(invalid) => {
            warnings.push(format!("{invalid}; it is left out"));
            return overrides;
        }
    };
    for (vertex, parallelism) in entries {
        match (vertex.parse(), parallelism.trim().parse()) {
            (Ok(vertex), Ok(parallelism)) => {
                overrides.insert(vertex, parallelism);
            }
            (vertex, _) => {
                let of = vertex.map_or("without an id".to_owned(), |vertex: VertexId| format!("of vertex {vertex}"));
                let value = shown_value(&parallelism, Shown::Harmless, "");
                warnings.push(format!(
                    "an entry of {KEY} is left out: expected the id of a vertex and its parallelism; the one {of} has {value}"
                ));
            }
        }
    }
    overrides
}
