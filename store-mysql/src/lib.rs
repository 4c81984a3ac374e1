//! `AutoScalerStateStore` in MySQL and MariaDB: a [`SqlDatabase`] over them, and their schema.
//!
//! Tables are those of the Java process, which are adopted as they stand, and one of ours for observations.

mod config;
mod database;
mod error;
mod schema;

pub use config::{Config, connect_options};
pub use database::MySqlDatabase;
pub use sql_database::SqlDatabase;
