#![doc = include_str!("../README.md")]

mod clusters;
mod config_map;
mod jobs;
mod layers;
mod operator;
mod options;
mod source;
mod status;
mod trouble;
mod watch;

pub use config_map::ConfigMapName;
pub use options::KubernetesSourceOptions;
pub use source::{KubernetesSource, register};

#[cfg(test)]
mod tests;
