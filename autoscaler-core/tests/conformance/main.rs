//! The recordings of the reference, run against this crate.
//!
//! `CONFORMANCE_DIR` names another directory of the same layout.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test: broken data should stop it")]

mod options;
mod traces;

use std::path::PathBuf;

/// Where the recordings are.
fn data_dir() -> PathBuf {
    let own = || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/conformance/data"));
    #[expect(clippy::disallowed_methods, reason = "the test is told where its data is")]
    std::env::var_os("CONFORMANCE_DIR").map_or_else(own, PathBuf::from)
}
