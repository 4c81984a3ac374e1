#![doc = include_str!("../README.md")]

mod clusters;
mod jobs;
mod layers;
mod options;
mod source;
mod status;
mod watch;

pub use options::KubernetesSourceOptions;
pub use source::{KubernetesSource, register};

#[cfg(test)]
mod tests;
