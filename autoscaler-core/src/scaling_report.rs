//! The scaling report: the text of the event that tells which vertices go where, in the reference's words, and back.
//!
//! ```
//! use autoscaler_core::scaling_report::ScalingReport;
//!
//! let message = "Scaling execution enabled, begin scaling vertices:\
//!     { Vertex ID ea632d67b7d595e5b851708ae9ad79d6 | Parallelism 1 -> 2 | Processing capacity 100.00 -> 200.00 | Target data rate 110.00}";
//! let report: ScalingReport = message.parse()?;
//! assert_eq!((report.vertices[0].from, report.vertices[0].to), (1, 2));
//! assert_eq!(report.to_string(), message);
//! # Ok::<(), autoscaler_core::scaling_report::InvalidReport>(())
//! ```

mod parse;

use std::fmt;

pub use parse::InvalidReport;

use crate::decimal::fixed;
use crate::ids::VertexId;

const ENABLED: &str = "Scaling execution enabled, begin scaling vertices:";
const DISABLED: &str = "Scaling execution disabled by config ";
const RECOMMENDED: &str = ", recommended parallelism change:";

/// The option that keeps scalings from being carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blocked {
    /// Its key.
    pub key: String,
    /// Its value, as told.
    pub value: String,
}

/// One vertex of a report. Rates are records per second; they may be NaN or infinite.
#[derive(Clone, Debug, PartialEq)]
pub struct VertexScaling {
    /// The vertex.
    pub vertex: VertexId,
    /// Subtasks before.
    pub from: i32,
    /// Subtasks after.
    pub to: i32,
    /// What it can process now: its true processing rate.
    pub capacity: f64,
    /// What it is expected to process then.
    pub expected_capacity: f64,
    /// What arrives.
    pub target_data_rate: f64,
}

/// A scaling of a job, carried out or blocked.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ScalingReport {
    /// What blocks it; none where it is carried out.
    pub blocked: Option<Blocked>,
    /// The vertices that change.
    pub vertices: Vec<VertexScaling>,
}

impl fmt::Display for VertexScaling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (capacity, expected) = (fixed(self.capacity, 2), fixed(self.expected_capacity, 2));
        let Self { vertex, from, to, .. } = self;
        let target = fixed(self.target_data_rate, 2);
        write!(
            f,
            "{{ Vertex ID {vertex} | Parallelism {from} -> {to} | Processing capacity {capacity} -> {expected} | Target data rate {target}}}"
        )
    }
}

/// The event's message.
impl fmt::Display for ScalingReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.blocked {
            None => f.write_str(ENABLED)?,
            Some(Blocked { key, value }) => write!(f, "{DISABLED}{key}:{value}{RECOMMENDED}")?,
        }
        self.vertices.iter().try_for_each(|vertex| write!(f, "{vertex}"))
    }
}
