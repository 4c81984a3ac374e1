#![doc = include_str!("../README.md")]

mod compare;
mod expect;
mod line;
mod observations;
mod ports;
mod record;
mod recorded;
mod run;
mod summary;

mod trace;

pub use compare::{Unreadable, differences};
pub use expect::expectation;
pub use line::{CycleLine, Failed, JobLine, TraceLine};
pub use observations::{Observations, Observed, observations};
pub use record::{RecordError, RecordOptions, Recorded, Recorder, Recording, recordings, register};
pub use run::{Replay, ReplayedCycle};
pub use summary::Summary;

pub use trace::{Trace, TraceError, trace_files};
