//! `AutoScalerStateStore` in a SQLite file: the store that survives restarts without a server. A [`SqlDatabase`] over it,
//! and its schema.
//!
//! The file is in WAL mode: whoever reads does not wait for whoever writes. Two autoscalers on one file would each
//! rescale the same jobs, so a running one holds [`WriterLock`].

mod config;
mod database;
mod error;
mod lock;
mod schema;

pub use config::{Config, connect_options};
pub use database::SqliteDatabase;
pub use lock::{LockError, WriterLock};
pub use sql_database::SqlDatabase;
