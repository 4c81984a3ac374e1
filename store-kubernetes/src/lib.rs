#![doc = include_str!("../README.md")]

mod config_map;
mod deferred;
mod place;
mod register;
mod size;
mod store;

pub use register::{KubernetesStoreOptions, register};
pub use store::{KubernetesStateStore, StoreSettings};
