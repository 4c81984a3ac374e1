#![doc = include_str!("../README.md")]

mod config;
mod database;
mod error;
mod register;
mod schema;
mod store;

pub use config::{Config, connect_options};
pub use database::MySqlDatabase;
pub use register::register;
pub use store::MySqlStateStore;
