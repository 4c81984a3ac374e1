//! How the subtasks of a vertex are taken together.

/// Which of a metric's aggregates over the subtasks stands for the vertex.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetricAggregator {
    /// The mean over the subtasks.
    Avg,
    /// The busiest subtask.
    Max,
    /// The least busy subtask.
    Min,
}

crate::named_values!(MetricAggregator, "AVG, MAX or MIN", "AVG" => Self::Avg, "MAX" => Self::Max, "MIN" => Self::Min);
