//! Fuzz targets: everything that reads texts from outside.
//!
//! - [`TARGETS`]: what is fuzzed; each takes any bytes and must not panic
//! - [`corpus`]: texts to begin with, most of them recorded
//! - [`drive`]: a driver for the stable toolchain: the corpus, and random mutations of it
//!
//! With a nightly toolchain and cargo-fuzz, `libfuzzer/` runs the same targets guided by coverage:
//! `cargo +nightly fuzz run --fuzz-dir fuzz/libfuzzer state_rows`.

mod corpus;
mod driver;
mod targets;

pub use corpus::corpus;
pub use driver::{Finding, Limit, drive};
pub use targets::{TARGETS, Target, target};
