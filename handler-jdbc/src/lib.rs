//! `AutoScalerEventHandler` into a SQL database: the Java process's event table.
//!
//! - repeats of an event within its interval raise `event_count` and update the message;
//! - scalings that were carried out are never merged; blocked ones are as long as the recommended parallelism is the same;
//! - what can't be written is kept in a bounded buffer and tried again, so that a database that is away for a while
//!   costs no events and no cycle;
//! - events older than a time to live are deleted in small batches.

mod expiry;
mod handler;
mod merge;
mod read;

pub use expiry::{expire, keep_expiring};
pub use handler::JdbcEventHandler;
pub use read::{EventFilter, StoredEvent, events};

/// The table.
const TABLE: &str = "t_flink_autoscaler_event_handler";
