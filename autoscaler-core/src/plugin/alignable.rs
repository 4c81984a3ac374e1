//! A parallelism before alignment.

/// What alignment goes by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alignable {
    /// Subtasks now.
    pub current: i32,
    /// Subtasks wanted.
    pub wanted: i32,
    /// Source partitions where known, else key groups.
    pub groups: i32,
    /// The vertex's maximum parallelism.
    pub max_parallelism: i32,
    /// Smallest parallelism allowed.
    pub lower: i32,
    /// Largest parallelism allowed.
    pub upper: i32,
}
