#![doc = include_str!("../README.md")]

mod compare;
mod expect;
mod line;
mod ports;
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
