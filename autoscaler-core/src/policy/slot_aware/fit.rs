//! Which parallelisms of a vertex are worth their subtasks.

use crate::options::{AdjustMode, AlignmentChoice, ParallelismAlignmentMode as Mode};
use crate::policy::view::JobView;
use crate::topology::ShipStrategy;

/// What key groups and partitions make of a number of subtasks, by the alignment that the job's options ask for.
pub(super) struct Fit<'a> {
    view: &'a JobView<'a>,
    alignment: Alignment,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Alignment {
    Off,
    /// Divisors of the groups.
    Divisors,
    /// As few subtasks as have the fullest one no fuller.
    LoadReducing,
}

impl<'a> Fit<'a> {
    /// None where an alignment of the user's own decides, which knows nothing of room.
    pub(super) fn of(view: &'a JobView<'a>) -> Option<Self> {
        let alignment = match &view.options.alignment {
            AlignmentChoice::Mode(Mode::Off) => Alignment::Off,
            AlignmentChoice::Mode(Mode::EvenlySpread) | AlignmentChoice::Adjust(AdjustMode::EvenlySpread) => {
                Alignment::Divisors
            }
            AlignmentChoice::Mode(Mode::Balanced) | AlignmentChoice::Adjust(AdjustMode::MaximizeUtilisation) => {
                Alignment::LoadReducing
            }
            // The policy has said already that one is not known, and BALANCED stands for it.
            AlignmentChoice::Custom(choice) if view.plugins.alignment_mode(choice, &mut Vec::new()).is_some() => {
                return None;
            }
            AlignmentChoice::Custom(_) => Alignment::LoadReducing,
        };
        Some(Self { view, alignment })
    }

    /// The most subtasks that a vertex may have with `room` for so many.
    pub(super) fn bound(&self, index: usize, room: i32) -> i32 {
        let most = self.view.topology.vertices()[index].max_parallelism.min(self.view.options.vertex_max_parallelism);
        let most = self.view.scheduled.get(index).map_or(most, |bounds| bounds.within(1, most.max(1)).1);
        most.min(room)
    }

    /// The parallelism from `least` to `most` at which a vertex gets most done with fewest subtasks; none where none fits.
    pub(super) fn most(&self, index: usize, least: i32, most: i32) -> Option<i32> {
        match (self.groups(index), self.alignment) {
            _ if most < least => None,
            (None, _) | (_, Alignment::Off) => Some(most),
            (Some(groups), Alignment::Divisors) => {
                (least..=most.min(groups)).rev().find(|parallelism| groups % parallelism == 0)
            }
            (Some(groups), Alignment::LoadReducing) => {
                let fullest = ceil(groups, most.min(groups));
                Some(ceil(groups, fullest)).filter(|parallelism| *parallelism >= least)
            }
        }
    }

    /// Subtasks' worth of work that so many do when the fullest sets the pace.
    pub(super) fn spread(&self, index: usize, parallelism: i32) -> f64 {
        match self.groups(index) {
            Some(groups) => f64::from(groups) / f64::from(ceil(groups, parallelism.clamp(1, groups))),
            None => f64::from(parallelism),
        }
    }

    /// Key groups or partitions that can't be split among subtasks.
    fn groups(&self, index: usize) -> Option<i32> {
        let vertex = &self.view.topology.vertices()[index];
        let partitions = i32::try_from(self.view.partitions[index]).unwrap_or(i32::MAX);
        let is_keyed = vertex.inputs.iter().any(|edge| edge.ship_strategy == ShipStrategy::Hash);
        match partitions {
            1.. => Some(partitions),
            _ => is_keyed.then_some(vertex.max_parallelism.max(1)),
        }
    }
}

/// `whole / part`, up. Both are above 0.
fn ceil(whole: i32, part: i32) -> i32 {
    whole / part + i32::from(whole % part != 0)
}
