#![doc = include_str!("../README.md")]

mod clusters;
mod config_map;
mod jobs;
mod layers;
mod operator;
mod options;
mod proxy;
mod source;
mod status;
mod trouble;
mod watch;

pub use config_map::ConfigMapName;
pub use options::{KubernetesSourceOptions, Road};
pub use source::{KubernetesSource, register};

#[cfg(test)]
mod tests;
