//! The metric window: what was observed of a job over the last minutes.

mod columns;
mod history;
mod mean;
mod row;

pub use history::MetricHistory;
pub use row::ObservationRow;
