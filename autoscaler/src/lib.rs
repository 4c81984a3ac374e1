//! An autoscaler for Apache Flink: watches every job of a cluster, works out the parallelism each job vertex needs for
//! the load it has, and applies it in place.
//!
//! This crate puts the parts together. The decisions are made in [`autoscaler_core`]; backends are crates of their own,
//! each behind a Cargo feature:
//!
//! | feature | what it adds |
//! | --- | --- |
//! | `store-memory` | `AutoScalerStateStore` on the heap |
//! | `store-sqlite` | … in a SQLite file |
//! | `store-jdbc-postgres` | … in PostgreSQL |
//! | `store-mysql` | … in MySQL and MariaDB |
//! | `handler-logging` | `AutoScalerEventHandler` over `tracing` |
//! | `handler-jdbc` | … into any of the SQL databases |
//! | `realizer-rest` | `ScalingRealizer` over Flink's REST API |
//!
//! To run it, use the `flink-autoscaler` binary. To embed it, build a [`ControlLoop`] from any implementations of the
//! core's traits; `examples/embed.rs` shows how. The other examples add plugins to the decision itself.

pub use autoscaler_core;
pub use autoscaler_runtime;
pub use flink_rest;
#[cfg(feature = "handler-jdbc")]
pub use handler_jdbc;
#[cfg(feature = "handler-logging")]
pub use handler_logging;
#[cfg(feature = "realizer-rest")]
pub use realizer_rest;
#[cfg(feature = "sql")]
pub use sql_database;
#[cfg(feature = "store-jdbc-postgres")]
pub use store_jdbc_postgres;
#[cfg(feature = "store-memory")]
pub use store_memory;
#[cfg(feature = "store-mysql")]
pub use store_mysql;
#[cfg(feature = "store-sqlite")]
pub use store_sqlite;
