#![doc = include_str!("../README.md")]

// Libraries leave the version of Kubernetes' types open; tests need one.
#[cfg(test)]
use k8s_openapi as _;

mod access;
mod handler;
mod note;
mod queue;
mod register;
mod write;
mod writer;

pub use handler::KubernetesEventHandler;
pub use note::MESSAGE_BYTES;
pub use register::register;

/// The name that options give the handler.
const NAME: &str = "KUBERNETES";
