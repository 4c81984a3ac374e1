#![doc = include_str!("../README.md")]

mod config;
mod database;
mod error;
mod files;
mod lease;
mod register;
mod schema;
mod store;

pub use config::{Config, connect_options};
pub use database::SqliteDatabase;
pub use register::{SqliteOptions, register};
pub use store::SqliteStateStore;
