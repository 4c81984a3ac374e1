//! Aligning a parallelism with key groups or source partitions, so that no subtask has more to do than another
//! (algorithm 6).

use crate::options::{AdjustMode, AlignmentChoice, ParallelismAlignmentMode};
pub use crate::plugin::Alignable;

/// Which parallelisms an alignment accepts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Accept {
    /// Divisors of the number of groups.
    Divisors,
    /// Divisors, and those that lower the load of the fullest subtask.
    LoadReducing,
}

impl Alignable {
    fn cap(&self) -> i32 {
        self.groups.min(self.max_parallelism).min(self.upper)
    }

    /// The largest parallelism that alignment may take, as events tell it.
    pub(super) fn upper_bound_for_alignment(&self) -> i32 {
        self.max_parallelism.min(self.upper)
    }

    /// The first accepted parallelism from the wanted one upward.
    fn upward(&self, accept: Accept) -> Option<i32> {
        let end = if self.wanted > self.current { self.cap() } else { self.current.min(self.cap()) };
        (self.wanted..=end).find(|q| {
            self.groups % q == 0 || (accept == Accept::LoadReducing && self.groups / q < self.groups / self.wanted)
        })
    }

    /// The last parallelism below the wanted one whose fullest subtask has more to do, or the one above it.
    ///
    /// Walking down, the first step at which the groups of a subtask become more is the first that costs anything: all
    /// before it use fewer subtasks for the same share each. Where the groups divide evenly there, that is taken, as it
    /// leaves no subtask with one group more than others; where they don't, the step before it is, which has as few
    /// subtasks as the smaller share allows.
    fn downward(&self) -> i32 {
        let mut parallelism = self.wanted;
        while parallelism > 0 {
            if self.groups / parallelism > self.groups / self.wanted {
                if self.groups % parallelism != 0 {
                    parallelism += 1;
                }
                break;
            }
            parallelism -= 1;
        }
        parallelism.max(self.lower)
    }

    /// Downward, unless that is no longer a scaling in the wanted direction.
    fn compromise(&self) -> Aligned {
        let down = self.downward();
        let scales = if self.wanted > self.current { down > self.current } else { down < self.current };
        let parallelism = if scales { down } else { self.current };
        Aligned { parallelism, is_compromise: parallelism != self.wanted }
    }
}

/// A parallelism after alignment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Aligned {
    /// Subtasks.
    pub parallelism: i32,
    /// Whether nothing fit and a compromise was taken, which the reference tells as an event.
    pub is_compromise: bool,
}

impl Aligned {
    fn fitting(parallelism: i32) -> Self {
        Self { parallelism, is_compromise: false }
    }
}

/// The parallelism to take instead of the wanted one.
pub fn align(alignable: Alignable, choice: &AlignmentChoice) -> Aligned {
    use ParallelismAlignmentMode as Mode;
    match choice {
        AlignmentChoice::Mode(Mode::Off) => Aligned::fitting(alignable.wanted),
        AlignmentChoice::Mode(Mode::EvenlySpread) => {
            Aligned::fitting(alignable.upward(Accept::Divisors).unwrap_or(alignable.wanted))
        }
        AlignmentChoice::Mode(Mode::Balanced) | AlignmentChoice::Custom(_) => {
            Aligned::fitting(alignable.upward(Accept::LoadReducing).unwrap_or(alignable.wanted))
        }
        AlignmentChoice::Adjust(mode) => {
            let accept = match mode {
                AdjustMode::EvenlySpread => Accept::Divisors,
                AdjustMode::MaximizeUtilisation => Accept::LoadReducing,
            };
            match alignable.upward(accept) {
                Some(parallelism) => Aligned::fitting(parallelism),
                None => alignable.compromise(),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    const BALANCED: AlignmentChoice = AlignmentChoice::Mode(ParallelismAlignmentMode::Balanced);
    const SPREAD: AlignmentChoice = AlignmentChoice::Mode(ParallelismAlignmentMode::EvenlySpread);
    const OFF: AlignmentChoice = AlignmentChoice::Mode(ParallelismAlignmentMode::Off);
    const OLD_SPREAD: AlignmentChoice = AlignmentChoice::Adjust(AdjustMode::EvenlySpread);
    const OLD_MAXIMIZE: AlignmentChoice = AlignmentChoice::Adjust(AdjustMode::MaximizeUtilisation);

    /// Current and wanted parallelism, groups, and what comes out with a maximum of 128 and limits of 1 and 200.
    #[rstest]
    #[case(BALANCED, 2, 5, 24, 6)] // 24 / 5 = 4 rest 4; 6 divides 24
    #[case(BALANCED, 2, 13, 24, 24)] // 24 / q stays 1 up to 24, which divides
    #[case(BALANCED, 2, 9, 100, 10)] // 100 / 9 = 11, 100 / 10 = 10
    #[case(SPREAD, 2, 9, 100, 10)]
    #[case(SPREAD, 2, 11, 100, 20)]
    #[case(BALANCED, 2, 11, 100, 12)] // 100 / 11 = 9 > 100 / 12 = 8
    #[case(OFF, 2, 11, 100, 11)]
    #[case(BALANCED, 8, 5, 24, 6)] // scale-down: not above the current 8
    #[case(SPREAD, 8, 7, 23, 7)] // 23 is prime: nothing accepted, the wanted one stays
    #[case(OLD_SPREAD, 2, 29, 23, 23)] // more subtasks than groups: 23 / 29 = 0, and 23 / 23 = 1 is the first above it
    #[case(OLD_SPREAD, 9, 6, 16, 8)] // 8 divides 16
    #[case(OLD_SPREAD, 7, 6, 15, 5)] // neither 6 nor 7 divides 15; down: 15 / 5 = 3 > 15 / 6 = 2, and 5 divides
    #[case(OLD_MAXIMIZE, 2, 9, 100, 10)]
    fn aligns(
        #[case] choice: AlignmentChoice,
        #[case] current: i32,
        #[case] wanted: i32,
        #[case] groups: i32,
        #[case] expected: i32,
    ) {
        let alignable = Alignable { current, wanted, groups, max_parallelism: 128, lower: 1, upper: 200 };
        assert_eq!(align(alignable, &choice).parallelism, expected);
    }
}
