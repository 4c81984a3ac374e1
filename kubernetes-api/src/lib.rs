#![doc = include_str!("../README.md")]

// Libraries leave the version of Kubernetes' types open; tests need one.
#[cfg(test)]
use k8s_openapi as _;

mod access;
mod client;
mod conflict;
mod defaults;
mod error;
mod flatten;
mod handover;
mod key;
mod lease;
mod operators_state;
mod overrides;
mod packed;
mod patch;
mod resource;

pub use access::{FlinkClusters, KubernetesAccess, Resources};
pub use client::{ApiClient, DEADLINE};
pub use conflict::{OPERATORS_OLD_SWITCH, OPERATORS_SWITCH, conflict, conflict_by_state};
pub use defaults::OperatorDefaults;
pub use error::{managers_in_the_way, of_status, port_error};
pub use flatten::{flatten, path_of};
pub use handover::{SWITCH, SWITCH_ANNOTATION, give_back, is_given_back, is_taken_over, takeover};
pub use k8s_openapi::jiff::Timestamp;
pub use key::{Kind, ResourceRef, is_name};
pub use lease::KubernetesLease;
pub use operators_state::{OperatorsStateError, operators_config_map, operators_data, read_operators_data};
pub use overrides::{OVERRIDES, Overrides, UnreadableOverrides, overrides_text, read_overrides};
pub use packed::{pack, unpack};
pub use patch::applied_with;
pub use resource::{
    Applied, FIELD_MANAGER, FlinkResource, FlinkSpec, FlinkStatus, JobSpec, JobState, ReconciliationState,
    UnreadableSpec, reset_nonce,
};
