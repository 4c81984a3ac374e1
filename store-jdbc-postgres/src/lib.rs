//! `AutoScalerStateStore` in PostgreSQL: a [`SqlDatabase`] over it, and its schema.
//!
//! Tables are those of the Java process, which are adopted as they stand, and one of ours for observations.

mod config;
mod database;
mod error;
mod schema;

pub use config::{Config, connect_options};
pub use database::PostgresDatabase;
pub use sql_database::SqlDatabase;
