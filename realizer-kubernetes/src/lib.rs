#![doc = include_str!("../README.md")]

// Libraries leave the version of Kubernetes' types open; tests need one.
#[cfg(test)]
use k8s_openapi as _;

mod apply;
mod failures;
mod guard;
mod handover;
mod memory;
mod operators_map;
mod options;
mod patch;
mod realizer;
mod register;

pub use guard::{Obstacle, guard};
pub use handover::{Direction, Handover};
pub use kubernetes_api::{ApiClient, Kind};
pub use options::{KubernetesRealizerOptions, Mode};
pub use realizer::KubernetesRealizer;
pub use register::register;

#[cfg(test)]
mod tests;
