//! The outside world, one small trait for each thing in it.
//!
//! Each method's `# Behavior` is what the suites of `flink-autoscaler-testkit` check of every implementation.

mod backend_observer;
mod cluster;
mod collector;
mod fetcher;
mod handler;
mod lease;
mod realizer;
mod store;

pub use backend_observer::{BackendObserver, BackendObservers, Call, Called, Calling, EventQueue};
pub use cluster::{Cluster, ClusterList, ClusterSource, JobKeys};
pub use collector::{ClusterSnapshot, MetricsCollector};
pub use fetcher::{Fingerprint, JobConfiguration, JobList, JobListFetcher, UnknownJob};
pub use handler::AutoScalerEventHandler;
pub use lease::{Acquired, Expiry, HeldLease, Lease, LeaseTerms, LeaseToken, Occupied};
pub use realizer::ScalingRealizer;
pub use store::{AutoScalerStateStore, Fence, LoadedState, Revision};

pub use crate::error::{ErrorChain, ErrorKind, PortError};
pub use crate::listed_job::ListedJob;
