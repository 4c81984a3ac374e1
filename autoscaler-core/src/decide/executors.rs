//! Custom executors: each may change a scaling or veto it (algorithm 8.6).

use std::collections::BTreeMap;

use super::hold::Hold;
use super::job::Inputs;
use crate::evaluate::Evaluation;
use crate::job::VertexId;
use crate::plugin::{CustomExecutor, ExecutorInput, ExecutorVerdict, Picked};

/// Runs the chain over the parallelism each vertex is to have, in the topology's order.
pub(super) fn filter(
    inputs: &Inputs<'_>,
    executors: &[Picked<'_, dyn CustomExecutor>],
    parallelism: &mut [i32],
    evaluation: &Evaluation,
    warnings: &mut Vec<String>,
) -> Result<(), Hold> {
    for picked in executors {
        let scaling = changes(inputs, parallelism);
        let input = ExecutorInput {
            job: inputs.context,
            topology: inputs.topology,
            evaluation,
            parameters: &picked.choice.parameters,
        };
        let verdict = picked.call(|executor| executor.filter(&input, &scaling)).unwrap_or_else(|why| {
            warnings.push(why.clone());
            ExecutorVerdict::Veto(why)
        });
        match verdict {
            ExecutorVerdict::Scale(changed) => apply(inputs, &changed, parallelism, &picked.choice.name, warnings),
            ExecutorVerdict::Veto(why) => {
                return Err(Hold::Vetoed { by: picked.choice.name.clone(), why });
            }
        }
    }
    // A chain that takes every change away leaves nothing to tell.
    if changes(inputs, parallelism).is_empty() { Err(Hold::NothingToChange) } else { Ok(()) }
}

fn changes(inputs: &Inputs<'_>, parallelism: &[i32]) -> BTreeMap<VertexId, i32> {
    let vertices = inputs.topology.vertices().iter().zip(parallelism);
    vertices.filter(|(vertex, new)| vertex.parallelism != **new).map(|(vertex, new)| (vertex.id, *new)).collect()
}

fn apply(
    inputs: &Inputs<'_>,
    changed: &BTreeMap<VertexId, i32>,
    parallelism: &mut [i32],
    executor: &str,
    warnings: &mut Vec<String>,
) {
    for (vertex, slot) in inputs.topology.vertices().iter().zip(parallelism.iter_mut()) {
        let wanted = changed.get(&vertex.id).copied().unwrap_or(vertex.parallelism);
        *slot = wanted.clamp(1, vertex.max_parallelism);
        if *slot != wanted {
            warnings.push(format!(
                "custom executor {executor} wants vertex {} at {wanted}, which is outside 1 to {}: it gets {slot}",
                vertex.id, vertex.max_parallelism
            ));
        }
    }
    for vertex in changed.keys().filter(|vertex| inputs.topology.vertex(**vertex).is_none()) {
        warnings
            .push(format!("custom executor {executor} wants to scale vertex {vertex}, which the job does not have"));
    }
}
