//! What every implementation of a port is held to, and what stands in for one.
//!
//! - [`handler`]: the contract of an event handler, as a suite
//! - [`lease`]: the contract of a lease, as a suite
//! - [`store`]: the contract of a state store, as a suite that every store runs
//! - [`source`], [`fetcher`], [`collector`], [`realizer`]: the contracts of what meets a cluster, each as a suite; [`suite`] runs them
//! - [`fakes`]: stand-ins for the other ports, on the heap and without a network
//! - [`clock`]: clocks that tests move
//! - [`faulty_store`]: a state store that fails when it should
//! - [`job`]: a job's context, built from options
//! - [`synthetic`]: a made-up job of any size under made-up load

#![expect(clippy::unwrap_used, clippy::panic, reason = "test support: broken set-up should stop the test")]

pub mod clock;
pub mod collector;
pub mod fakes;
pub mod faulty_store;
pub mod fetcher;
pub mod handler;
pub mod job;
pub mod lease;
pub mod realizer;
pub mod source;
pub mod store;
pub mod suite;
pub mod synthetic;
