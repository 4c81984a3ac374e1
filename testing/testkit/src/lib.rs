//! What every implementation of a port is held to, and what stands in for one.
//!
//! - [`handler`]: the contract of an event handler, as a suite
//! - [`store`]: the contract of a state store, as a suite that every store runs
//! - [`faulty_store`]: a state store that fails when told to
//! - [`job`]: a job's context, built from options
//! - [`synthetic`]: a made-up job of any size under made-up load

#![expect(clippy::unwrap_used, clippy::panic, reason = "test support: broken set-up should stop the test")]

pub mod faulty_store;
pub mod handler;
pub mod job;
pub mod store;
pub mod synthetic;
