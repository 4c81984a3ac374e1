//! What the tests of every crate share.
//!
//! - [`backtest`]: a recorded trace, run with and without plugins
//! - [`flink`]: a real cluster and a sample job on it
//! - [`proxy`]: keeps what passes between the autoscaler and a cluster
//! - [`store`]: the contract of a state store, as a suite that every store runs
//! - [`job`]: a job's context, built from options
//! - [`synthetic`]: a made-up job of any size under made-up load
//! - [`standin`]: a stand-in for a cluster's REST API, healthy or broken in every way we know

#![expect(clippy::unwrap_used, reason = "test support: broken set-up should stop the test")]

pub mod backtest;
pub mod flink;
pub mod job;
pub mod proxy;
pub mod standin;
pub mod store;
pub mod synthetic;
