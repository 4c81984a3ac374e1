#![doc = include_str!("../README.md")]

mod buffer;
mod expiry;
mod handler;
mod key;
mod read;
mod register;
mod write;
mod writer;

pub use expiry::expire;
pub use handler::{EventOptions, JdbcEventHandler};
pub use read::{EventFilter, StoredEvent, events};
pub use register::{JdbcEventOptions, register};

/// The table.
const TABLE: &str = "t_flink_autoscaler_event_handler";
/// The name that options give the handler.
const NAME: &str = "JDBC";
