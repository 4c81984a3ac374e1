#![doc = include_str!("../README.md")]

// Libraries leave the version of Kubernetes' types open; tests need one.
#[cfg(test)]
use k8s_openapi as _;

mod access;
mod client;
mod error;
mod flatten;
mod key;
mod lease;
mod resource;

pub use access::{FlinkClusters, KubernetesAccess, Resources};
pub use client::{ApiClient, DEADLINE};
pub use error::{managers_in_the_way, of_status, port_error};
pub use flatten::{flatten, path_of};
pub use key::{Kind, ResourceRef};
pub use lease::KubernetesLease;
pub use resource::{FlinkResource, FlinkSpec, FlinkStatus, JobSpec, JobState, ReconciliationState, UnreadableSpec};
