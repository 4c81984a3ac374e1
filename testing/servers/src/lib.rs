//! What tests run against.
//!
//! - [`backtest`]: a recorded trace, run with and without plugins
//! - [`database`]: database servers, each test with a database of its own
//! - [`fault_proxy`]: a TCP proxy that misbehaves when told to
//! - [`flink`]: a real cluster and a sample job on it
//! - [`proxy`]: keeps what passes between the autoscaler and a cluster
//! - [`standin`]: a stand-in for a cluster's REST API, healthy or broken in every way we know

#![expect(clippy::unwrap_used, clippy::panic, reason = "test support: broken set-up should stop the test")]

pub mod backtest;
pub mod database;
pub mod fault_proxy;
pub mod flink;
pub mod proxy;
pub mod standin;
