//! What the tests of every crate share.
//!
//! - [`backtest`]: a recorded trace, run with and without plugins
//! - [`database`]: database servers, each test with a database of its own
//! - [`fault_proxy`]: a TCP proxy that misbehaves when told to
//! - [`faulty_store`]: a state store that fails when told to
//! - [`flink`]: a real cluster and a sample job on it
//! - [`proxy`]: keeps what passes between the autoscaler and a cluster
//! - [`handler`]: the contract of an event handler, as a suite
//! - [`store`]: the contract of a state store, as a suite that every store runs
//! - [`job`]: a job's context, built from options
//! - [`synthetic`]: a made-up job of any size under made-up load
//! - [`standin`]: a stand-in for a cluster's REST API, healthy or broken in every way we know

#![expect(clippy::unwrap_used, clippy::panic, reason = "test support: broken set-up should stop the test")]

pub mod backtest;
pub mod database;
pub mod fault_proxy;
pub mod faulty_store;
pub mod flink;
pub mod handler;
pub mod job;
pub mod proxy;
pub mod standin;
pub mod store;
pub mod synthetic;
