//! Alignment as options ask for it. That no subtask has more to do than another is what `spread` already counts with, so
//! BALANCED moves nothing here.

use super::look::Look;
use crate::metric::EvaluatedMetrics;
use crate::options::{AlignmentChoice, ParallelismAlignmentMode};
use crate::plugin::{Alignable, AlignmentInput, AlignmentMode, Picked};
use crate::policy::reference::alignment::align;
use crate::policy::view::JobView;

/// The parallelism to take instead of each that is wanted. It goes on in the direction that was wanted, or stays.
pub(super) fn align_all(view: &JobView<'_>, look: &Look, wanted: &[i32], warnings: &mut Vec<String>) -> Vec<i32> {
    let picked = match &view.options.alignment {
        AlignmentChoice::Mode(ParallelismAlignmentMode::Balanced | ParallelismAlignmentMode::Off) => {
            return wanted.to_vec();
        }
        AlignmentChoice::Custom(choice) => match view.plugins.alignment_mode(choice, warnings) {
            None => return wanted.to_vec(),
            picked => picked,
        },
        AlignmentChoice::Mode(_) | AlignmentChoice::Adjust(_) => None,
    };
    let each = wanted.iter().enumerate().map(|(index, wanted)| {
        let seen = &look.vertices[index];
        if seen.parallelism == *wanted {
            return *wanted;
        }
        let alignable = Alignable {
            current: seen.parallelism,
            wanted: *wanted,
            groups: groups(view, look, index),
            max_parallelism: view.topology.vertices()[index].max_parallelism,
            lower: seen.least,
            upper: seen.most,
        };
        let to = match &picked {
            Some(picked) => by_plugin(view, index, picked, alignable, seen.groups > 0, warnings),
            None if seen.groups > 0 => align(alignable, &view.options.alignment).parallelism,
            None => *wanted,
        };
        let to = to.clamp(seen.least, seen.most.max(seen.least));
        if *wanted > seen.parallelism { to.max(seen.parallelism) } else { to.min(seen.parallelism) }
    });
    each.collect()
}

/// Key groups or partitions of a vertex that alignment goes by; its maximum parallelism where nothing is shared out.
pub(super) fn groups(view: &JobView<'_>, look: &Look, index: usize) -> i32 {
    let seen = &look.vertices[index];
    if seen.groups > 0 { seen.groups } else { view.topology.vertices()[index].max_parallelism }
}

fn by_plugin(
    view: &JobView<'_>,
    index: usize,
    picked: &Picked<'_, dyn AlignmentMode>,
    alignable: Alignable,
    is_alignable: bool,
    warnings: &mut Vec<String>,
) -> i32 {
    let vertex = &view.topology.vertices()[index];
    let input = AlignmentInput {
        vertex,
        metrics: &EvaluatedMetrics::default(),
        alignable,
        partitions: view.partitions[index],
        is_alignable,
        parameters: &picked.choice.parameters,
    };
    picked.call(|mode| mode.align(&input)).unwrap_or_else(|why| {
        warnings.push(format!("vertex {}: {why}", vertex.id));
        alignable.wanted
    })
}
