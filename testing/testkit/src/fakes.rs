//! Stand-ins for the outside world, on the heap and without a network.
//!
//! - [`FakeCluster`]: a cluster whose jobs are listed, observed and rescaled, each healthy or in trouble
//! - [`RecordingHandler`]: keeps the events it is handed, healthy or in trouble
//! - [`RecordingObserver`]: keeps what cycles came to
//! - [`FakeSource`]: a source of clusters
//! - [`FakeLease`]: a right to act that can be held by others and lost

mod cluster;
mod handler;
mod job;
mod lease;
mod observer;
mod source;

pub use cluster::{FakeCluster, ListTrouble};
pub use handler::{HandlerTrouble, RecordingHandler};
pub use job::{FakeJob, JobTrouble};
pub use lease::FakeLease;
pub use observer::{EndedCycle, RecordingObserver};
pub use source::FakeSource;
