//! The recordings of the reference, run against this crate.
//!
//! `CONFORMANCE_DIR` names another directory of the same layout.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test: broken data should stop it")]

mod options;
mod traces;
