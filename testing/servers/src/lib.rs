//! What tests run against.
//!
//! - [`api_standin`]: a stand-in for Kubernetes' API server, with the faults that a real one can't be made to have
//! - [`axe`]: finds what keeps people from using a page
//! - [`backtest`]: a recorded trace, run with and without plugins
//! - [`browser`]: Chromium without a screen
//! - [`database`]: database servers, each test with a database of its own
//! - [`fault_proxy`]: a TCP proxy that misbehaves when told to
//! - [`fleet`]: a stand-in for a cluster with many jobs, to measure against
//! - [`flink`]: a real cluster and a sample job on it
//! - [`gateway`]: nginx in front of a cluster, and certificates for it
//! - [`kubernetes`]: a real API server, each test with a namespace of its own
//! - [`operator`]: the real Flink Kubernetes Operator before such an API server
//! - [`process`]: programs that are run
//! - [`prometheus`]: a real Prometheus, and promtool
//! - [`proxy`]: keeps what passes between the autoscaler and a cluster
//! - [`schemathesis`]: tries an HTTP API by its description
//! - [`standin`]: a stand-in for a cluster's REST API, healthy or broken in every way we know
//! - [`usage`]: what a process has taken of the machine
//! - [`yarn`]: a real YARN, and Flink on it

#![expect(clippy::unwrap_used, reason = "test support: broken set-up should stop the test")]
#![cfg_attr(
    any(feature = "database", feature = "kubernetes"),
    expect(clippy::panic, reason = "test support: broken set-up should stop the test")
)]

#[cfg(feature = "api-standin")]
pub mod api_standin;
#[cfg(feature = "flink")]
pub mod axe;
#[cfg(feature = "flink")]
pub mod backtest;
#[cfg(feature = "browser")]
pub mod browser;
#[cfg(feature = "database")]
pub mod database;
#[cfg(any(feature = "database", feature = "kubernetes"))]
mod docker;
pub mod fault_proxy;
#[cfg(feature = "flink")]
pub mod fleet;
#[cfg(feature = "flink")]
pub mod flink;
#[cfg(feature = "gateway")]
pub mod gateway;
#[cfg(feature = "kubernetes")]
pub mod kubernetes;
#[cfg(any(feature = "kubernetes", feature = "yarn"))]
mod maven;
#[cfg(all(feature = "flink", feature = "kubernetes"))]
pub mod operator;
#[cfg(feature = "flink")]
pub mod plain_http;
pub mod process;
#[cfg(feature = "flink")]
pub mod prometheus;
#[cfg(feature = "flink")]
pub mod proxy;
#[cfg(any(feature = "flink", feature = "kubernetes"))]
mod pypi;
#[cfg(feature = "flink")]
pub mod schemathesis;
#[cfg(feature = "flink")]
pub mod standin;
pub mod usage;
pub mod waiting;
#[cfg(feature = "yarn")]
pub mod yarn;
