//! Recorded jobs, run through the very code that decides in production.
//!
//! A trace is a file of JSON lines, plain or gzipped: the job, then what the cluster answered in each cycle. With the
//! options it was recorded under, a replay shows what was decided and why; with others, what would have been.
//!
//! - [`Trace`]: a file's lines, each read when its turn comes
//! - [`Replay`]: the job as the autoscaler's process holds it; [`Replay::cycle`] runs one recorded cycle
//! - [`expectation`]: a cycle in the shape of the recordings' `expect`
//! - [`differences`]: whether two such cycles are equal, by the recordings' rules
//! - [`Summary`]: what a run came to, as observed, and where decisions differ
//!
//! A replay is open-loop: the observations are the recorded ones, whatever is decided on them.

mod compare;
mod expect;
mod line;
mod recorded;
mod run;
mod summary;

mod trace;

pub use compare::{Unreadable, differences};
pub use expect::expectation;
pub use line::{CycleLine, JobLine, TraceLine};
pub use run::{Replay, ReplayedCycle};
pub use summary::Summary;

pub use trace::{Trace, TraceError, trace_files};
