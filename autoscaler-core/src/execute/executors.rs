//! Custom executors: each may change a scaling or veto it (algorithm 8.6).

use std::collections::BTreeMap;

use super::input::Execution;
use crate::decimal::round3;
use crate::evaluation::Evaluation;
use crate::event::{Event, reason};
use crate::ids::VertexId;
use crate::metric::{EvaluatedScalingMetric, ScalingMetric as M};
use crate::plugin::{CustomExecutor, ExecutorInput, ExecutorVerdict, Picked};
use crate::policy::Hold;
use crate::proposed::Changes;
use crate::report::CycleReport;

/// Has the custom executors look at the scaling, and writes back what they make of it.
pub(super) fn run(
    execution: &Execution<'_>,
    parallelism: &mut [i32],
    evaluation: &mut Evaluation,
    report: &mut CycleReport,
) -> Result<(), Hold> {
    let Execution { plugins, options, topology, .. } = execution;
    let executors = plugins.executors(&options.executors, &mut report.warnings);
    if executors.is_empty() {
        return Ok(());
    }
    let filtered = filter(execution, &executors, parallelism, evaluation, &mut report.warnings);
    if let Err(Hold::Vetoed { by, why }) = &filtered {
        report.events.push(
            Event::warning(reason::SCALING_VETOED, format!("Scaling vetoed by the custom executor {by}: {why}"))
                .with_key(format!("ScalingVetoed:{by}"))
                .merged_within(options.scaling_event_interval),
        );
    }
    filtered?;
    for (index, vertex) in topology.vertices().iter().enumerate() {
        let metrics = &mut evaluation.vertices[index];
        let rate = metrics.average(M::TrueProcessingRate);
        let expected = round3(rate / f64::from(vertex.parallelism) * f64::from(parallelism[index]));
        metrics.set(M::ExpectedProcessingRate, EvaluatedScalingMetric::current(expected));
    }
    Ok(())
}

/// Runs the chain over the parallelism each vertex is to have, in the topology's order.
fn filter(
    execution: &Execution<'_>,
    executors: &[Picked<'_, dyn CustomExecutor>],
    parallelism: &mut [i32],
    evaluation: &Evaluation,
    warnings: &mut Vec<String>,
) -> Result<(), Hold> {
    for picked in executors {
        let scaling: BTreeMap<VertexId, i32> =
            changes(execution, parallelism).into_iter().map(|(vertex, (_, new))| (vertex, new)).collect();
        let input = ExecutorInput {
            job: execution.context,
            topology: execution.topology,
            evaluation,
            parameters: &picked.choice.parameters,
        };
        let verdict = picked.call(|executor| executor.filter(&input, &scaling)).unwrap_or_else(|why| {
            warnings.push(why.clone());
            ExecutorVerdict::Veto(why)
        });
        match verdict {
            ExecutorVerdict::Scale(changed) => apply(execution, &changed, parallelism, &picked.choice.name, warnings),
            ExecutorVerdict::Veto(why) => {
                return Err(Hold::Vetoed { by: picked.choice.name.clone(), why });
            }
        }
    }
    // A chain that takes every change away leaves nothing to tell.
    if changes(execution, parallelism).is_empty() { Err(Hold::NothingToChange) } else { Ok(()) }
}

/// The vertices that are to have another parallelism than they have.
pub(super) fn changes(execution: &Execution<'_>, parallelism: &[i32]) -> Changes {
    let vertices = execution.topology.vertices().iter().zip(parallelism);
    let changing = vertices.filter(|(vertex, new)| vertex.parallelism != **new);
    changing.map(|(vertex, new)| (vertex.id, (vertex.parallelism, *new))).collect()
}

fn apply(
    execution: &Execution<'_>,
    changed: &BTreeMap<VertexId, i32>,
    parallelism: &mut [i32],
    executor: &str,
    warnings: &mut Vec<String>,
) {
    for (vertex, slot) in execution.topology.vertices().iter().zip(parallelism.iter_mut()) {
        let wanted = changed.get(&vertex.id).copied().unwrap_or(vertex.parallelism);
        *slot = wanted.clamp(1, vertex.max_parallelism);
        if *slot != wanted {
            warnings.push(format!(
                "custom executor {executor} wants vertex {} at {wanted}, which is outside 1 to {}: it gets {slot}",
                vertex.id, vertex.max_parallelism
            ));
        }
    }
    for vertex in changed.keys().filter(|vertex| execution.topology.vertex(**vertex).is_none()) {
        warnings
            .push(format!("custom executor {executor} wants to scale vertex {vertex}, which the job does not have"));
    }
}
